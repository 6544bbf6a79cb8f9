/** @file `search`: pictures for a text, a picture or an item of the index; captions for a picture. */
import { searchSchema } from '../../config/search-options.ts';
import { defineVerb } from '../verb.ts';

export const verb = defineVerb({
  schema: searchSchema,
  words: [{ name: 'text', help: 'what the pictures show, between quotes', optional: true }],
  async run({ words: [text], values: { search, machine }, progress, print }) {
    const { answer } = await import('../searching.ts');
    const results = await answer({ text, ...search }, { machine, note: (line) => progress.note(line), print });
    return { json: { results } };
  },
});

/** @file `index update`: brings an index to where its sources are now: adds, encodes again what changed, removes what is gone. */
import { indexUpdateSchema } from '../../config/index-options.ts';
import { defineVerb } from '../verb.ts';
import { folderWord, sourcesWord } from './index-words.ts';

export const verb = defineVerb({
  schema: indexUpdateSchema,
  words: [
    folderWord,
    { ...sourcesWord, help: 'those to look at again, or new ones; all it knows unless given', optional: true },
  ],
  saves: true,
  async run(call) {
    const { bringIn } = await import('../index-update.ts');
    return bringIn(call, true);
  },
});

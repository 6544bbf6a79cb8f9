/** @file `config show`: the values of a verb as a configuration file. */
import { treeOf } from '../../config/resolve.ts';
import { defineSchema } from '../../config/schema.ts';
import { readTarget, targetWords } from '../target.ts';
import { defineVerb } from '../verb.ts';

export const verb = defineVerb({
  schema: defineSchema({}),
  words: targetWords,
  takesAll: true,
  async run({ words, print }) {
    const { settled, named } = await readTarget(words);
    const settings = settled.settings.filter(({ option }) => named.length === 0 || named.includes(option));
    const tree = treeOf(settings);
    print(JSON.stringify(tree, undefined, 2));
    return { json: tree };
  },
});

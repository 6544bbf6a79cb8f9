/** @file `index add`: brings further pictures into an index; nothing is taken out of it. */
import { indexUpdateSchema } from '../../config/index-options.ts';
import { defineVerb } from '../verb.ts';
import { folderWord, sourcesWord } from './index-words.ts';

export const verb = defineVerb({
  schema: indexUpdateSchema,
  words: [folderWord, sourcesWord],
  saves: true,
  async run(call) {
    const { bringIn } = await import('../index-update.ts');
    return bringIn(call, false);
  },
});

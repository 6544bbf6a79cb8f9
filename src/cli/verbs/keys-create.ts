/** @file `keys create`: makes a key of the service; it is shown once and kept nowhere. */
import { keysCreateSchema } from '../../config/server-options.ts';
import { defineVerb } from '../verb.ts';
import { keysWord } from './keys-words.ts';

export const verb = defineVerb({
  schema: keysCreateSchema,
  words: [keysWord],
  async run({ words: [file], values: { key }, print, progress }) {
    const { createKey } = await import('../../server/auth/keys-file.ts');
    const made = await createKey(file, key.name, key.scopes);
    progress.note('This is the only time that the key is shown:');
    print(made);
    return { json: { key: made, name: key.name, scopes: key.scopes } };
  },
});

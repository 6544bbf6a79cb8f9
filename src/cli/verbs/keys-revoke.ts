/** @file `keys revoke`: takes a key out of force; a running service refuses it within a second. */
import { defineSchema } from '../../config/schema.ts';
import { defineVerb } from '../verb.ts';
import { keysWord } from './keys-words.ts';

export const verb = defineVerb({
  schema: defineSchema({}),
  words: [keysWord, { name: 'name', help: 'name of the key' }],
  async run({ words: [file, name], print }) {
    const { revokeKey } = await import('../../server/auth/keys-file.ts');
    await revokeKey(file, name);
    print(`${name}: no longer in force`);
    return { json: { revoked: name } };
  },
});

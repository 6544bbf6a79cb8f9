/** @file `keys list`: whose keys there are, and what each may do. */
import { defineSchema } from '../../config/schema.ts';
import { defineVerb } from '../verb.ts';
import { keysWord } from './keys-words.ts';

export const verb = defineVerb({
  schema: defineSchema({}),
  words: [keysWord],
  async run({ words: [file], print }) {
    const { readKeys } = await import('../../server/auth/keys-file.ts');
    const keys = (await readKeys(file)).map(({ name, scopes, created }) => ({ name, scopes, created }));
    for (const { name, scopes, created } of keys) print(`${name}  ${scopes.join(', ')}  since ${created}`);
    return { json: { keys } };
  },
});

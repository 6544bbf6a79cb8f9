/** @file `config schema`: the JSON Schema of the configuration file of a verb. */
import { jsonSchemaOf } from '../../config/json-schema.ts';
import { defineSchema } from '../../config/schema.ts';
import { readTarget, targetWords } from '../target.ts';
import { defineVerb } from '../verb.ts';

export const verb = defineVerb({
  schema: defineSchema({}),
  words: targetWords.slice(0, 1),
  takesAll: true,
  async run({ words, print }) {
    const { entry } = await readTarget(words);
    const presets = entry.presets.map(({ name }) => name);
    const json = jsonSchemaOf(entry.schema, presets);
    print(JSON.stringify(json, undefined, 2));
    return { json };
  },
});

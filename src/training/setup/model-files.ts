/** @file What a run keeps beside its checkpoints so that its model can be built again without the data. */
import { join } from 'node:path';
import { z } from 'zod';
import { tokenizerFromJSON } from '../../data/tokens/load.ts';
import type { Tokenizer } from '../../data/tokens/tokenizer.ts';
import { readJson, writeJson } from '../../files/json.ts';
import type { ModelFacts } from './model.ts';

/** The tokenizer, cut to the longest caption of the run. */
export const tokenizerFile = 'tokenizer.json';
/** What the data said about the towers. */
export const factsFile = 'facts.json';

const count = z.int().min(1);
const factsSchema = z.strictObject({
  vocabulary: count,
  longest: count,
  /** Left out for towers over pixels. */
  features: z.strictObject({ width: count, regions: count, dtype: z.enum(['float16', 'float32']) }).exactOptional(),
});

export interface ModelFiles {
  readonly tokenizer: Tokenizer;
  readonly facts: ModelFacts;
}

/** @throws DIPTYCH_FILE_UNWRITABLE */
export async function writeModelFiles(folder: string, { tokenizer, facts }: ModelFiles): Promise<void> {
  await writeJson(join(folder, tokenizerFile), tokenizer.toJSON());
  await writeJson(join(folder, factsFile), facts);
}

/** @throws what `readJson` and `tokenizerFromJSON` throw */
export async function readModelFiles(folder: string): Promise<ModelFiles> {
  const path = join(folder, tokenizerFile);
  const [json, facts] = await Promise.all([
    readJson(path, z.unknown()),
    readJson(join(folder, factsFile), factsSchema),
  ]);
  return { tokenizer: tokenizerFromJSON(json, path), facts: { ...facts, features: facts.features } };
}

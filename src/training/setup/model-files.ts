/** @file What a run keeps beside its checkpoints so that its model can be built again without the data. */
import { join } from 'node:path';
import { z } from 'zod';
import { tokenizerFromJSON } from '../../data/tokens/load.ts';
import type { Tokenizer } from '../../data/tokens/tokenizer.ts';
import { pretrainedDescriptionSchema } from '../../encoders/pretrained/read.ts';
import {
  describedSentences,
  type SentenceModel,
  sentenceDescriptionSchema,
} from '../../encoders/pretrained/sentence-model.ts';
import { readJson, writeJson } from '../../files/json.ts';
import { conceptFactsSchema } from '../../methods/coder/facts.ts';
import { readFrozen, writeFrozen } from './frozen.ts';
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
  features: z
    .strictObject({ width: count, regions: count, dtype: z.enum(['float16', 'float32']), views: count.exactOptional() })
    .exactOptional(),
  sentences: sentenceDescriptionSchema.exactOptional(),
  /** SHA-256 of the weights of the frozen encoder. */
  frozen: z.string().exactOptional(),
  pretrained: z
    .strictObject({
      image: pretrainedDescriptionSchema.exactOptional(),
      text: pretrainedDescriptionSchema.exactOptional(),
    })
    .exactOptional(),
  concepts: conceptFactsSchema.exactOptional(),
});

export interface ModelFiles {
  readonly tokenizer: Tokenizer;
  /** The frozen encoder of texts, where heads stand on its vectors. */
  readonly sentences?: SentenceModel | undefined;
  readonly facts: ModelFacts;
}

/** @throws DIPTYCH_FILE_UNWRITABLE */
export async function writeModelFiles(folder: string, { tokenizer, facts, sentences }: ModelFiles): Promise<void> {
  await writeJson(join(folder, tokenizerFile), tokenizer.toJSON());
  const frozen = sentences && (await writeFrozen(folder, sentences.weights));
  await writeJson(join(folder, factsFile), { ...facts, ...(frozen && { frozen }) });
}

/** @throws what `readJson` and `tokenizerFromJSON` throw */
export async function readModelFiles(folder: string): Promise<ModelFiles> {
  const path = join(folder, tokenizerFile);
  const [json, facts] = await Promise.all([
    readJson(path, z.unknown()),
    readJson(join(folder, factsFile), factsSchema),
  ]);
  const tokenizer = tokenizerFromJSON(json, path);
  const { frozen, ...known } = facts;
  const sentences = known.sentences &&
    frozen && {
      ...describedSentences(known.sentences),
      tokenizer,
      weights: await readFrozen(folder, frozen),
      leftOut: [],
    };
  return { tokenizer, facts: { ...known, features: known.features }, ...(sentences && { sentences }) };
}

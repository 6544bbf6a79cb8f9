/** @file A text encoder as a sentence encoder: pooling and length that its folder names, its tower, its weights. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { readTokenizer } from '../../data/tokens/load.ts';
import type { Tokenizer } from '../../data/tokens/tokenizer.ts';
import type { NamedTensors } from '../../graph/runtime/protocol.ts';
import { initialise } from '../../nn/parameters.ts';
import type { Tower } from '../tower.ts';
import {
  describedPretrained,
  type Pretrained,
  pretrainedDescriptionSchema,
  readPretrained,
  requireText,
} from './read.ts';
import { readSentenceSettings } from './sentence-folder.ts';
import { pretrainedTextTower } from './towers.ts';

/** All that sentence vectors depend on but weights and texts, as plain data. */
export const sentenceDescriptionSchema = z.strictObject({
  model: pretrainedDescriptionSchema,
  pooling: z.strictObject({ kind: z.enum(['mean', 'max', 'cls', 'last']) }),
  /** Most tokens of a text; longer ones are cut. */
  longest: z.int().min(1),
  /** Number of ids of the tokenizer. */
  vocabulary: z.int().min(1),
});
export type SentenceDescription = z.output<typeof sentenceDescriptionSchema>;

/** The encoder without its weights. */
export interface SentenceTower {
  readonly description: SentenceDescription;
  readonly tower: Tower;
  /** Length of the vectors. */
  readonly dimension: number;
  /** Widths of the groups that texts are padded to. */
  readonly widths: readonly number[];
}

export interface SentenceModel extends SentenceTower {
  readonly tokenizer: Tokenizer;
  /** Parameters of the tower, by path. */
  readonly weights: NamedTensors;
  /** Tensors of the folder that the encoder does not use. */
  readonly leftOut: readonly string[];
}

/** Texts are sorted before they are encoded, so that those of one run are of about one length. */
const groupWidths = [8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512];

/**
 * Reads the sentence encoder of a model folder: BERT or CLIP with its tokenizer.json. Pooling and length are those that the
 * sentence-transformers files in the folder name; without them, the encoder's own pooling and the tokenizer's length.
 *
 * @param most tokens of a text, where fewer than the model takes are wanted
 * @throws what `readPretrained`, `readTokenizer` and `readSentenceSettings` throw, DIPTYCH_PRETRAINED_SIDE,
 *   DIPTYCH_PRETRAINED_VOCABULARY
 */
export async function readSentenceModel(folder: string, most = Number.POSITIVE_INFINITY): Promise<SentenceModel> {
  const model = await readPretrained(folder);
  const encoder = requireText(model);
  const tokenizer = await readTokenizer(folder);
  const { pooling = encoder.pooling, maxLength = tokenizer.maxLength } = await readSentenceSettings(folder);
  const description = {
    model: model.description,
    pooling: pooling as SentenceDescription['pooling'],
    longest: Math.min(maxLength, encoder.positions, most),
    vocabulary: tokenizer.size,
  };
  const described = towerOf(model, description);
  return { ...described, tokenizer, weights: initialise(described.tower.parameters, 0), leftOut: model.leftOut };
}

/** The encoder that a description tells of, whose weights come from elsewhere. @throws DIPTYCH_JSON_SHAPE */
export function describedSentences(description: SentenceDescription): SentenceTower {
  return towerOf(describedPretrained(description.model), description);
}

function towerOf(model: Pretrained, description: SentenceDescription): SentenceTower {
  const encoder = requireText(model);
  const { pooling, longest, vocabulary } = description;
  const widths = [...groupWidths.filter((width) => width < longest), longest];
  return {
    description,
    tower: pretrainedTextTower(encoder, { vocabulary, longest, widths, pooling }),
    dimension: encoder.projection?.dimension ?? encoder.width,
    widths,
  };
}

/** SHA-256 (hex) of all that vectors depend on but the texts. */
export function sentenceFingerprint({ description, tokenizer }: SentenceModel): string {
  const { model, pooling, longest } = description;
  const settings = JSON.stringify([model.fingerprint, tokenizer.toJSON(), pooling, longest]);
  return createHash('sha256').update(settings).digest('hex');
}

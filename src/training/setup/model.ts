/** @file From options to towers. */
import type { TrainingValues } from '../../config/training.ts';
import { gridTower } from '../../encoders/grid.ts';
import { pixelTower } from '../../encoders/pixels.ts';
import type { DualEncoder, Tower } from '../../encoders/tower.ts';
import { recurrentTower, transformerTextTower } from '../../encoders/words.ts';
import type { Pooling } from '../../nn/pooling/pooling.ts';
import { widthsUpTo } from '../batches/captions.ts';

/** What the data say about the towers. */
export interface ModelFacts {
  /** Ids of the tokenizer. */
  readonly vocabulary: number;
  /** Tokens of the longest caption that comes, marks included. */
  readonly longest: number;
  /** Form of the stored features; undefined for towers over pixels. */
  readonly features:
    | { readonly width: number; readonly regions: number; readonly dtype: 'float16' | 'float32' }
    | undefined;
}

export type ModelValues = Pick<TrainingValues, 'embedding' | 'image' | 'text' | 'tokens'>;

/** Both towers. */
export function encoderOf(values: ModelValues, facts: ModelFacts): DualEncoder {
  const { dimension } = values.embedding;
  return { image: imageTower(values, facts), text: textTower(values, facts), dimension };
}

function imageTower({ image, embedding }: ModelValues, { features }: ModelFacts): Tower {
  const { dimension } = embedding;
  if (image.kind === 'pixels') {
    return pixelTower({
      size: image.imageSize,
      patch: image.patchSize,
      width: image.width,
      layers: image.layers,
      heads: image.heads,
      dimension,
      pooling: poolingOf(image, (image.imageSize / image.patchSize) ** 2),
      dropout: image.dropout,
    });
  }
  const { width, regions, dtype } = features!;
  return gridTower({
    featureWidth: width,
    regions,
    featureType: dtype,
    dimension,
    mlp: image.mlp,
    pooling: poolingOf(image, regions),
    dropout: image.dropout,
  });
}

function textTower({ text, tokens, embedding }: ModelValues, { vocabulary, longest }: ModelFacts): Tower {
  const { dimension } = embedding;
  const words = {
    vocabulary,
    widths: widthsUpTo(longest),
    longest: tokens.length,
    dimension,
    pooling: poolingOf(text, tokens.length),
    dropout: text.dropout,
  };
  if (text.kind === 'bigru') return recurrentTower({ ...words, wordDimension: text.wordDimension });
  return transformerTextTower({ ...words, width: text.width, layers: text.layers, heads: text.heads });
}

/** A pooling of sequences up to a length. */
function poolingOf({ pooling, topK }: { pooling: Pooling['kind']; topK: number }, longest: number): Pooling {
  switch (pooling) {
    case 'gpo':
      return { kind: 'gpo', longest };
    case 'topK':
      return { kind: 'topK', k: topK };
    default:
      return { kind: pooling };
  }
}

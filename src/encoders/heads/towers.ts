/**
 * @file Frozen towers with trained heads. In training they read vectors that were computed once; the exported form computes those
 * vectors too, from features or from words, so that it is complete.
 */
import type { Dim } from '../../graph/dims.ts';
import { cast } from '../../graph/ops/elementwise.ts';
import { l2Normalize, max, mean } from '../../graph/ops/reduce.ts';
import { concat, refine, reshape } from '../../graph/ops/shape.ts';
import type { Spec, Tensor } from '../../graph/tensor.ts';
import type { Tree } from '../../graph/tree.ts';
import { fullRagged } from '../../nn/ragged.ts';
import { dropOf, type Encoded, type Mode, type Tower } from '../tower.ts';
import {
  type HeadParameters,
  type HeadShape,
  head,
  headParameters,
  type Statistics,
  statisticsBuffers,
} from './head.ts';

export interface HeadTowerOptions extends Omit<HeadShape, 'width'> {
  /** Share dropped in training, of the standardised vectors and of what is between two maps. */
  readonly dropout: number;
  /** Element type in which vectors are fed. */
  readonly vectorType: 'float16' | 'float32';
}

/** Length of the vector of a picture whose cells have a width: their mean, then their maximum. */
export function pooledWidth(width: number): number {
  return 2 * width;
}

/** Mean and maximum of the cells of each picture, in half precision as they are kept: [images, regions, width] to [images, 2 width]. */
export function pooledVector(features: Tensor): Tensor {
  return cast(concat([mean(features, 1), max(features, 1)], 1), 'float16');
}

/** The image tower over mean and maximum of stored features. Exported, it takes the features. */
export function headImageTower(
  features: { readonly regions: number; readonly width: number },
  options: HeadTowerOptions,
): Tower {
  const { regions, width } = features;
  const { encode, ...tower } = headTower('image', pooledWidth(width), options);
  return {
    ...tower,
    encode: (params, buffers, batch, count, mode) => encode(params, buffers, vectorsOf(batch, count), mode),
    exported: {
      inputs: { features: { shape: ['images', regions, width], dtype: 'float32' } },
      encode: (params, buffers, batch) =>
        encode(params, buffers, cast(pooledVector(batch.features as Tensor), 'float32'), { training: false }),
    },
  };
}

/**
 * The text tower over sentence vectors. Exported, it takes words; the weights of the sentence encoder are frozen.
 *
 * @param sentences tower of the sentence encoder
 * @param width length of its vectors
 */
export function headTextTower(sentences: Tower, width: number, options: HeadTowerOptions): Tower {
  const { encode, ...tower } = headTower('text', width, options);
  return {
    ...tower,
    encode: (params, buffers, batch, count, mode) => encode(params, buffers, vectorsOf(batch, count), mode),
    exported: {
      inputs: sentences.exported.inputs,
      frozen: sentences.parameters,
      encode: (params, buffers, batch, frozen = {}) => {
        const vectors = l2Normalize(sentences.exported.encode(frozen, {}, batch).pooled);
        return encode(params, buffers, vectors, { training: false });
      },
    },
  };
}

/**
 * The same head on a sentence encoder that is trained with it. Parameters and statistics of the head have the names that they have
 * over stored vectors, so that a run of those is where this one may begin.
 */
export function tunedTextTower(sentences: Tower, width: number, options: HeadTowerOptions): Tower {
  const { encode, parameters, buffers } = headTower('text', width, options);
  const onTop = (params: Tree<Tensor>, state: Tree<Tensor>, { pooled }: Encoded, mode: Mode): Encoded =>
    encode(params, state, l2Normalize(pooled), mode);
  return {
    parameters: { ...parameters, ...sentences.parameters },
    buffers,
    inputs: (name) => sentences.inputs(name),
    encode: (params, state, batch, count, mode) =>
      onTop(params, state, sentences.encode(params, {}, batch, count, mode), mode),
    exported: {
      inputs: sentences.exported.inputs,
      encode: (params, state, batch) =>
        onTop(params, state, sentences.exported.encode(params, {}, batch), { training: false }),
    },
  };
}

/** What is the same on both sides. */
function headTower(side: 'image' | 'text', width: number, options: HeadTowerOptions) {
  const shape = { ...options, width };
  function encode(params: Tree<Tensor>, buffers: Tree<Tensor>, vectors: Tensor, mode: Mode): Encoded {
    const drop = dropOf(mode, options.dropout);
    const pooled = head(params as HeadParameters<Tensor>, buffers as Statistics<Tensor>, vectors, drop, side);
    const [count, dimension] = pooled.shape;
    return { pooled, fragments: fullRagged(reshape(pooled, [count, 1, dimension])), buffers };
  }
  return {
    parameters: headParameters(shape),
    buffers: statisticsBuffers(width),
    inputs: (name: string): Tree<Spec> => ({ vectors: { shape: [`${name}_count`, width], dtype: options.vectorType } }),
    encode,
  };
}

function vectorsOf({ vectors }: Tree<Tensor>, count: Dim | undefined): Tensor {
  const given = cast(vectors as Tensor, 'float32');
  return count === undefined ? given : refine(given, [count, given.shape[1]]);
}

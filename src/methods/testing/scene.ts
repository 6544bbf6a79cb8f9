/** @file A batch through towers of one linear layer, for tests of objectives in float64. */
import type { DualEncoder, Encoded, Tower } from '../../encoders/tower.ts';
import { square, tanh } from '../../graph/ops/elementwise.ts';
import { constant, input, scalar } from '../../graph/ops/leaves.ts';
import { matmul } from '../../graph/ops/product.ts';
import { l2Normalize } from '../../graph/ops/reduce.ts';
import { concat, unsqueeze } from '../../graph/ops/shape.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { normalValue } from '../../graph/testing/check.ts';
import { leavesOf, mapTree, type Tree } from '../../graph/tree.ts';
import type { Value } from '../../graph/values.ts';
import { normal } from '../../nn/initialisers.ts';
import { linear } from '../../nn/linear.ts';
import { initialise, type ParameterSpec, parameter } from '../../nn/parameters.ts';
import { fullRagged } from '../../nn/ragged.ts';
import type { Scene, Side } from '../objective.ts';
import { sameImage } from '../objectives/relation.ts';

export const pairs = 4;
export const dimension = 6;
export const inputWidth = 5;
/** Pairs 1 and 3 show one image. */
export const twins = [0, 1, 2, 1];

/** Each item has two fragments: what is pooled, and its square. */
const encoded = (pooled: Tensor): Encoded => ({
  pooled,
  fragments: fullRagged(concat([unsqueeze(pooled, 1), unsqueeze(square(pooled), 1)], 1)),
  buffers: {},
});

const tower = (table: boolean): Tower => ({
  parameters: {
    weight: parameter([dimension, inputWidth], normal(1)),
    ...(table && { table: parameter([7, 3], normal(1)) }),
  },
  buffers: {},
  inputs: () => ({ x: { shape: [pairs, inputWidth], dtype: 'float32' } }),
  encode: ({ weight }, _, { x }) => encoded(tanh(linear({ weight: weight as Tensor }, x as Tensor))),
  exported: {
    inputs: { x: { shape: ['count', inputWidth], dtype: 'float32' } },
    encode: ({ weight }, _, { x }) => encoded(tanh(linear({ weight: weight as Tensor }, x as Tensor))),
  },
});

/** Towers: tanh(W x). */
export const encoder: DualEncoder = { image: tower(false), text: tower(false), dimension };
/** The text tower also has a table of words that nothing reads. */
export const encoderWithTable: DualEncoder = { ...encoder, text: tower(true) };

/** How a tree of parameters gets its values: inputs with values among `feeds`, unless they are to be constants. */
export interface Opening {
  readonly feeds: Map<string, Value>;
  readonly constants?: boolean;
}

/** A tree as symbolic tensors under a prefix, with first values. Copies, which begin as zeros until they are put in place, are anything. */
export function opened(tree: Tree<ParameterSpec>, prefix: string, { feeds, constants = false }: Opening): Tree<Tensor> {
  const values = initialise(tree, 7);
  return mapTree(tree, ({ shape }: ParameterSpec, path) => {
    const { data } = values.get(path)!;
    const isCopy = path.startsWith('keys.') && data.every((x) => x === 0);
    const value: Value = {
      shape: [...shape],
      data: isCopy ? normalValue(shape, path).data : Float64Array.from(data),
    };
    if (constants) return constant(value.data, value.shape);
    feeds.set(`${prefix}.${path}`, value);
    return input(`${prefix}.${path}`, shape);
  }) as unknown as Tree<Tensor>;
}

/** A scene of drawn items, whose towers are opened among `feeds`. */
export function sceneOf(
  towersOf: DualEncoder,
  feeds: Map<string, Value>,
  { imageIds = twins, step = 0 }: { readonly imageIds?: readonly number[]; readonly step?: number } = {},
): Scene {
  const { image, text } = towersOf;
  const towers = {
    image: opened(image.parameters, 'image', { feeds }),
    text: opened(text.parameters, 'text', { feeds }),
  };
  const batch = (name: string) => ({ x: constant(normalValue([pairs, inputWidth], name).data, [pairs, inputWidth]) });
  const encodeWith: Scene['encodeWith'] = (parameters, mode) => ({
    image: side(image.encode(parameters.image, {}, batch('image'), pairs, mode)),
    text: side(text.encode(parameters.text, {}, batch('text'), pairs, mode)),
  });
  const mode = { training: true, key: scalar(3, 'int32') };
  const sides = encodeWith(towers, mode);
  const ids = constant(imageIds, [pairs], 'int32');
  return {
    ...sides,
    scores: matmul(sides.image.embedding, sides.text.embedding, { transposeB: true }),
    imageIds: ids,
    sameImage: sameImage(ids),
    pairs,
    step: scalar(step),
    mode,
    encodeWith,
    towers,
  };
}

function side(made: Encoded): Side {
  return { ...made, embedding: l2Normalize(made.pooled) };
}

/** Leaves of a tree by path. */
export function leaf(tree: unknown, path: string): Tensor {
  return leavesOf<Tensor>(tree as Tree<Tensor>).find(([name]) => name === path)![1];
}

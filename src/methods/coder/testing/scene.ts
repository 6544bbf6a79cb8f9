/** @file A batch through towers of one linear layer, for tests of the objective in float64. */
import type { DualEncoder, Encoded, Tower } from '../../../encoders/tower.ts';
import { tanh } from '../../../graph/ops/elementwise.ts';
import { constant, input, scalar } from '../../../graph/ops/leaves.ts';
import { matmul } from '../../../graph/ops/product.ts';
import { l2Normalize } from '../../../graph/ops/reduce.ts';
import type { Tensor } from '../../../graph/tensor.ts';
import { normalValue } from '../../../graph/testing/check.ts';
import { leavesOf, mapTree, type Tree } from '../../../graph/tree.ts';
import type { Value } from '../../../graph/values.ts';
import { normal } from '../../../nn/initialisers.ts';
import { linear } from '../../../nn/linear.ts';
import { initialise, type ParameterSpec, parameter } from '../../../nn/parameters.ts';
import type { Scene, Side } from '../../objective.ts';
import { sameImage } from '../../objectives/relation.ts';
import { coderObjective } from '../objective.ts';
import type { CoderMemory, CoderOptions, CoderParameters } from '../state.ts';

export const pairs = 4;
export const dimension = 6;
const width = 5;
/** Pairs 1 and 3 show one image. */
export const imageIds = [0, 1, 2, 1];

const encoded = (pooled: Tensor): Encoded => ({ pooled, fragments: undefined as never, buffers: {} }) satisfies Encoded;
const tower = (table: boolean): Tower => ({
  parameters: {
    weight: parameter([dimension, width], normal(1)),
    ...(table && { table: parameter([7, 3], normal(1)) }),
  },
  buffers: {},
  inputs: () => ({ x: { shape: [pairs, width], dtype: 'float32' } }),
  encode: ({ weight }, _, { x }) => encoded(tanh(linear({ weight: weight as Tensor }, x as Tensor))),
  exported: {
    inputs: { x: { shape: ['count', width], dtype: 'float32' } },
    encode: ({ weight }, _, { x }) => encoded(tanh(linear({ weight: weight as Tensor }, x as Tensor))),
  },
});
/** Towers: tanh(W x); the text tower also has a table of words that nothing reads. */
export const encoder: DualEncoder = { image: tower(false), text: tower(true), dimension };

const side = ({ pooled, ...rest }: Encoded): Side => ({ ...rest, pooled, embedding: l2Normalize(pooled) });
const batch = (name: string) => ({ x: constant(normalValue([pairs, width], name).data, [pairs, width]) });

/** Everything that a term depends on, as inputs of a graph, with first values. */
export interface Stage {
  readonly towers: { readonly image: Tree<Tensor>; readonly text: Tree<Tensor> };
  readonly own: CoderParameters<Tensor>;
  readonly memory: CoderMemory<Tensor>;
  readonly scene: Scene;
  readonly feeds: Map<string, Value>;
  /** The term of the objective. */
  readonly term: ReturnType<ReturnType<typeof coderObjective>['term']>;
}

/**
 * A term on the stage.
 *
 * @param fixed makes the memory constant, so that finite differences move parameters alone
 */
export function staged(
  options: CoderOptions,
  { fixed = false, step = 0, labels = undefined as Tensor | undefined } = {},
): Stage {
  const objective = coderObjective(options);
  const feeds = new Map<string, Value>();
  const open = (tree: Tree<ParameterSpec>, prefix: string, constants = false): Tree<Tensor> => {
    const values = initialise(tree, 7);
    return mapTree(tree, (spec: ParameterSpec, path) => {
      // Copies begin as zeros until they are put in place: here they are anything.
      const { data } = values.get(path)!;
      const zero = path.startsWith('keys.') && data.every((x) => x === 0);
      const value: Value = {
        shape: [...spec.shape],
        data: zero ? normalValue(spec.shape, path).data : Float64Array.from(data),
      };
      if (constants) return constant(value.data, value.shape);
      feeds.set(`${prefix}.${path}`, value);
      return input(`${prefix}.${path}`, spec.shape);
    }) as unknown as Tree<Tensor>;
  };
  const towers = {
    image: open(encoder.image.parameters, 'image'),
    text: open(encoder.text.parameters, 'text'),
  };
  const own = open(objective.parameters, 'own');
  const memory = open(objective.memory, 'memory', fixed);
  const ids = constant(imageIds, [pairs], 'int32');
  const encodeWith: Scene['encodeWith'] = (parameters, mode) => ({
    image: side(encoder.image.encode(parameters.image, {}, batch('image'), pairs, mode)),
    text: side(encoder.text.encode(parameters.text, {}, batch('text'), pairs, mode)),
  });
  const mode = { training: true, key: scalar(3, 'int32') };
  const { image, text } = encodeWith(towers, mode);
  const scene: Scene = {
    image,
    text,
    scores: matmul(image.embedding, text.embedding, { transposeB: true }),
    imageIds: ids,
    sameImage: sameImage(ids),
    pairs,
    step: scalar(step),
    mode,
    encodeWith,
    towers,
  };
  const term = objective.term(own, memory, labels ? { labels } : {}, scene);
  return {
    towers,
    own: own as CoderParameters<Tensor>,
    memory: memory as unknown as CoderMemory<Tensor>,
    scene,
    feeds,
    term,
  };
}

/** Leaves of a tree by path. */
export function leaf(tree: unknown, path: string): Tensor {
  return leavesOf<Tensor>(tree as Tree<Tensor>).find(([name]) => name === path)![1];
}

/** @file A batch with two views through towers of one linear layer, for tests of the objective in float64. */
import type { DualEncoder, Encoded, Tower } from '../../../encoders/tower.ts';
import { tanh } from '../../../graph/ops/elementwise.ts';
import { constant, input, scalar } from '../../../graph/ops/leaves.ts';
import { matmul } from '../../../graph/ops/product.ts';
import { l2Normalize } from '../../../graph/ops/reduce.ts';
import type { Spec, Tensor } from '../../../graph/tensor.ts';
import { normalValue } from '../../../graph/testing/check.ts';
import { mapTree, type Tree } from '../../../graph/tree.ts';
import { countOf, type Value } from '../../../graph/values.ts';
import { normal } from '../../../nn/initialisers.ts';
import { linear } from '../../../nn/linear.ts';
import { initialise, type ParameterSpec, parameter } from '../../../nn/parameters.ts';
import type { Scene, Side, Term } from '../../objective.ts';
import { sameImage } from '../../objectives/relation.ts';
import { type IccOptions, type IccParameters, iccObjective, type Parts } from '../objective.ts';

export const pairs = 4;
export const dimension = 6;
const inputWidth = 5;
/** Pairs 1 and 3 show one image. */
export const twins = [0, 1, 2, 1];

const encoded = (pooled: Tensor): Encoded => ({ pooled, fragments: undefined as never, buffers: {} });
const tower: Tower = {
  parameters: { weight: parameter([dimension, inputWidth], normal(1)) },
  buffers: {},
  inputs: () => ({ x: { shape: [pairs, inputWidth], dtype: 'float32' } }),
  encode: ({ weight }, _, { x }) => encoded(tanh(linear({ weight: weight as Tensor }, x as Tensor))),
  exported: {
    inputs: { x: { shape: ['count', inputWidth], dtype: 'float32' } },
    encode: ({ weight }, _, { x }) => encoded(tanh(linear({ weight: weight as Tensor }, x as Tensor))),
  },
};
/** Towers: tanh(W x). */
export const encoder: DualEncoder = { image: tower, text: tower, dimension };

export const options: IccOptions = {
  encoder,
  pairs,
  width: dimension,
  cross: { temperature: 0.07, learnTemperature: true, duplicates: 'mask', views: 'same' },
  image: { weight: 1, temperature: 0.1, head: { hidden: 7, output: 3, norm: 'batch' } },
  text: { weight: 1, temperature: 0.05, head: { hidden: 7, output: 3, norm: 'layer' } },
  thirdView: false,
};

/** Everything that a term depends on, as inputs of a graph, with values. */
export interface Staged {
  readonly towers: { readonly image: Tree<Tensor>; readonly text: Tree<Tensor> };
  readonly own: IccParameters<Tensor>;
  readonly inputs: Tree<Tensor>;
  readonly feeds: Map<string, Value>;
  readonly scene: Scene;
  readonly term: Term;
}

/**
 * A term with all its inputs.
 *
 * @param fed values of batch entries, by path; others are drawn
 */
export function staged(
  given: IccOptions,
  { parts = undefined as Parts | undefined, imageIds = twins, fed = {} as Record<string, Value> } = {},
): Staged {
  const objective = iccObjective(given, parts);
  const feeds = new Map<string, Value>();
  const open = (tree: Tree<ParameterSpec>, prefix: string): Tree<Tensor> => {
    const values = initialise(tree, 7);
    return mapTree(tree, ({ shape }: ParameterSpec, path) => {
      feeds.set(`${prefix}.${path}`, { shape: [...shape], data: Float64Array.from(values.get(path)!.data) });
      return input(`${prefix}.${path}`, shape);
    }) as unknown as Tree<Tensor>;
  };
  const towers = { image: open(encoder.image.parameters, 'image'), text: open(encoder.text.parameters, 'text') };
  const own = open(objective.parameters, 'own');
  const inputs = mapTree(objective.inputs, ({ shape, dtype }: Spec, path) => {
    const sizes = shape as number[];
    if (dtype === 'int32') return constant(fed[path]?.data ?? [2, 0, 3, 1], sizes, 'int32');
    const drawn = countOf(sizes) === 1 ? { shape: [], data: Float64Array.of(0) } : normalValue(sizes, path);
    return constant((fed[path] ?? drawn).data, sizes);
  }) as unknown as Tree<Tensor>;
  const batch = (name: string) => ({ x: constant(normalValue([pairs, inputWidth], name).data, [pairs, inputWidth]) });
  const encodeWith: Scene['encodeWith'] = (parameters, mode) => ({
    image: side(encoder.image.encode(parameters.image, {}, batch('image'), pairs, mode)),
    text: side(encoder.text.encode(parameters.text, {}, batch('text'), pairs, mode)),
  });
  const mode = { training: true, key: scalar(3, 'int32') };
  const { image, text } = encodeWith(towers, mode);
  const ids = constant(imageIds, [pairs], 'int32');
  const scene: Scene = {
    image,
    text,
    scores: matmul(image.embedding, text.embedding, { transposeB: true }),
    imageIds: ids,
    sameImage: sameImage(ids),
    pairs,
    step: scalar(0),
    mode,
    encodeWith,
    towers,
  };
  const term = objective.term(own, {}, inputs, scene);
  return { towers, own: own as IccParameters<Tensor>, inputs, feeds, scene, term };
}

function side(made: Encoded): Side {
  return { ...made, embedding: l2Normalize(made.pooled) };
}

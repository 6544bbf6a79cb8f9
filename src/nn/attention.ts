/** @file Multi-head attention. Projections are products of packed rows; only attention itself sees padded groups. */
import { DiptychError } from '../errors/error.ts';
import { add, multiply, where } from '../graph/ops/elementwise.ts';
import { matmul } from '../graph/ops/product.ts';
import { maskedLogit, softmax } from '../graph/ops/reduce.ts';
import { reshape, split, squeeze, transpose } from '../graph/ops/shape.ts';
import type { Tensor } from '../graph/tensor.ts';
import { type Dropout, dropout } from './dropout.ts';
import { xavierUniform } from './initialisers.ts';
import { type Linear, linear, linearParameters } from './linear.ts';
import type { ParameterSpec } from './parameters.ts';
import { type Padded, padGroups, type Ragged, unpadGroups } from './ragged.ts';

/** `input` [3 width, width] holds the rows of query, key and value in this order; `output` [width, width]. */
export type MultiHeadAttention<L> = { readonly input: Linear<L>; readonly output: Linear<L> };

export interface AttentionOptions {
  readonly heads: number;
  /** Drops attention weights. */
  readonly dropout?: Dropout | undefined;
  /** Name of the layer, for the random stream of dropout. */
  readonly stream?: string;
}

export function attentionParameters(width: number): MultiHeadAttention<ParameterSpec> {
  return { input: linearParameters(width, 3 * width, xavierUniform()), output: linearParameters(width, width) };
}

/**
 * softmax(Q Kᵀ / sqrt(d) + bias, where the mask holds) V. A query that may read nothing reads the mean of everything.
 *
 * @param q [..., n, d]
 * @param k [..., m, d]
 * @param v [..., m, d]
 * @param options `mask` bool and `bias`, broadcast to [..., n, m]; `drop` is applied to the weights
 * @returns [..., n, d]
 */
export function attention(
  q: Tensor,
  k: Tensor,
  v: Tensor,
  options: { mask?: Tensor | undefined; bias?: Tensor | undefined; drop?: (weights: Tensor) => Tensor } = {},
): Tensor {
  const { mask, bias, drop = (weights) => weights } = options;
  const width = q.shape[q.shape.length - 1] as number;
  const logits = multiply(matmul(q, k, { transposeB: true }), 1 / Math.sqrt(width));
  // The mask is folded into the bias, which is small: no gradient has to pass a mask of the size of the logits.
  const added = mask ? where(mask, bias ?? 0, maskedLogit) : bias;
  return matmul(drop(softmax(added ? add(logits, added) : logits)), v);
}

/**
 * Every sequence reads itself.
 *
 * @param x rows [N, width]
 * @param bias one for each group, broadcast to [count, heads, width of the group, width of the group]
 * @returns rows [N, width]
 */
export function selfAttention(
  params: MultiHeadAttention<Tensor>,
  x: Ragged,
  options: AttentionOptions,
  bias?: readonly Tensor[],
): Tensor {
  const groups = padGroups({ rows: linear(params.input, x.rows), layout: x.layout });
  const mixed = groups.map((group, i) => {
    const [q, k, v] = intoHeads(group.x, 3, options.heads);
    return mix(q, k, v, keyMask(group), bias?.[i], options, i);
  });
  return linear(params.output, unpadGroups(mixed, x.layout));
}

/**
 * Attention of sequences that are all of one length: queries read a memory, or themselves.
 *
 * @param queries [batch, n, width]
 * @param memory [batch, m, width]; the same tensor for self-attention
 * @param relation `mask` bool and `bias`, broadcast to [batch, heads, n, m]
 * @returns [batch, n, width]
 */
export function multiHeadAttention(
  params: MultiHeadAttention<Tensor>,
  queries: Tensor,
  memory: Tensor,
  options: AttentionOptions,
  relation: { mask?: Tensor; bias?: Tensor } = {},
): Tensor {
  const project = (): readonly Tensor[] => {
    if (queries === memory) return intoHeads(linear(params.input, queries), 3, options.heads);
    const [query, keyValue] = splitInput(params.input);
    return [
      ...intoHeads(linear(query, queries), 1, options.heads),
      ...intoHeads(linear(keyValue, memory), 2, options.heads),
    ];
  };
  const [q, k, v] = project();
  return linear(params.output, mix(q, k, v, relation.mask, relation.bias, options, 0));
}

/** Attention of one group, its heads put side by side again: [count, n, width]. */
function mix(
  q: Tensor,
  k: Tensor,
  v: Tensor,
  mask: Tensor | undefined,
  bias: Tensor | undefined,
  options: AttentionOptions,
  group: number,
): Tensor {
  const drop = (weights: Tensor) =>
    dropout(weights, options.dropout, `${options.stream ?? 'attention'}.weights.${group}`);
  const mixed = transpose(attention(q, k, v, { mask, bias, drop }), [0, 2, 1, 3]);
  const [count, n, heads, width] = mixed.shape;
  return reshape(mixed, [count, n, (heads as number) * (width as number)]);
}

/** [count, n, parts * width] as one tensor [count, heads, n, width / heads] for each part. */
function intoHeads(x: Tensor, parts: number, heads: number): readonly Tensor[] {
  const [count, n, total] = x.shape;
  const width = (total as number) / parts;
  if (width % heads !== 0) throw new DiptychError('DIPTYCH_NN_HEADS', { width, heads });
  const turned = transpose(reshape(x, [count, n, parts, heads, width / heads]), [2, 0, 3, 1, 4]);
  return split(
    turned,
    0,
    Array.from({ length: parts }, () => 1),
  ).map((part) => squeeze(part, 0));
}

/** The projection of queries, and the one of keys and values. */
function splitInput({ weight, bias }: Linear<Tensor>): [Linear<Tensor>, Linear<Tensor>] {
  const width = weight.shape[1] as number;
  const [weights, biases] = [weight, bias].map((x) => split(x, 0, [width, 2 * width]));
  return [0, 1].map((i) => ({ weight: weights[i], bias: biases[i] })) as [Linear<Tensor>, Linear<Tensor>];
}

/** bool [count, 1, 1, width]: which keys hold a row. */
function keyMask({ mask }: Padded): Tensor | undefined {
  return mask && reshape(mask, [mask.shape[0], 1, 1, mask.shape[1]]);
}

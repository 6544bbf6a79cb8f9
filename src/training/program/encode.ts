/** @file Programs that encode one side of the data with the state that is being trained, for evaluation. */

import { viewMean } from '../../data/features/view-mean.ts';
import type { StoredForm } from '../../encoders/stored.ts';
import type { DualEncoder } from '../../encoders/tower.ts';
import { compileFunction, type Program } from '../../graph/compile.ts';
import type { NamedTensors } from '../../graph/runtime/protocol.ts';
import type { Runtime } from '../../graph/runtime/runtime.ts';
import type { Spec, Tensor } from '../../graph/tensor.ts';
import { leavesOf, type Tree } from '../../graph/tree.ts';
import type { Embedding } from '../../methods/embedding.ts';
import { type Progress, silent } from '../../system/progress.ts';
import { sideBatch } from '../batches/pairs.ts';
import type { Side } from '../batches/side.ts';

export type SideName = 'image' | 'text';

/** What is evaluated and exported: towers, and what becomes of the vectors that they pool. */
export interface Model {
  readonly encoder: DualEncoder;
  readonly embedding: Embedding;
}

/**
 * A program from a batch of one side to unit vectors [count, dimension].
 *
 * @param source which entry of the state holds the parameters: `params`, or `average` where the weights are averaged
 */
export function compileEncoder({ encoder, embedding }: Model, side: SideName, source: 'params' | 'average'): Program {
  const { [side]: tower } = encoder;
  const { reads } = embedding;
  const state = {
    [source]: { ...reads.parameters, [side]: tower.parameters },
    buffers: { [side]: tower.buffers },
    memory: reads.memory,
  } as Tree<Spec>;
  return compileFunction(`encode.${side}`, { state, batch: { [side]: tower.inputs(side) } }, (given, batch) => {
    const part = (name: string): Tree<Tensor> => (given as Record<string, Tree<Tensor>>)[name] ?? {};
    const own = (tree: Tree<Tensor>): Tree<Tensor> => (tree as Record<string, Tree<Tensor>>)[side] ?? {};
    const [parameters, memory] = [part(source), part('memory')];
    const mode = { training: false };
    const { pooled } = tower.encode(own(parameters), own(part('buffers')), own(batch as Tree<Tensor>), undefined, mode);
    return { embedding: embedding.embed(side, { parameters, memory }, pooled) };
  });
}

/**
 * A program from a batch of one side to the vectors [count, width] of the part of its tower that stands still, by the weights that are
 * trained.
 *
 * @param form of the tower
 */
export function compileStored(encoder: DualEncoder, side: SideName, form: StoredForm): Program {
  const { [side]: tower } = encoder;
  const state = { params: { [side]: tower.parameters }, buffers: { [side]: tower.buffers } } as Tree<Spec>;
  return compileFunction(`stored.${side}`, { state, batch: { [side]: tower.inputs(side) } }, (given, batch) => {
    const { params, buffers } = given as Record<string, Record<string, Tree<Tensor>>>;
    const own = (batch as Record<string, Tree<Tensor>>)[side];
    return { embedding: form.below(params[side], buffers[side] ?? {}, own, undefined) };
  });
}

/** What these programs read of the state of a run: no moments, no queues. */
export function encodingState(
  state: NamedTensors,
  { embedding }: Pick<Model, 'embedding'>,
  source: 'params' | 'average',
): NamedTensors {
  const memory = new Set(leavesOf<Spec>(embedding.reads.memory as Tree<Spec>).map(([path]) => `memory.${path}`));
  const starts = [`${source}.`, 'buffers.'];
  return new Map([...state].filter(([path]) => memory.has(path) || starts.some((start) => path.startsWith(start))));
}

export interface EncodeOptions {
  readonly dimension: number;
  /** How many are encoded at a time; 256 unless given. */
  readonly batchSize?: number;
  readonly signal?: AbortSignal;
  readonly progress?: Progress;
}

/**
 * Vectors of images or captions, in their order; of several views of an item the mean direction.
 *
 * @param items numbers of images or captions
 * @returns [items, dimension]
 */
export async function encodeAll(
  runtime: Runtime,
  program: Program,
  side: SideName,
  source: Side,
  items: Int32Array,
  { dimension, batchSize = 256, signal, progress = silent }: EncodeOptions,
): Promise<Float32Array> {
  await runtime.load(program);
  const out = new Float32Array(items.length * dimension);
  const encodeView = async (batchItems: Int32Array, view: number): Promise<Float32Array> => {
    const { feeds, order } = await sideBatch(source, batchItems, view);
    const batch = new Map([...feeds].map(([path, tensor]) => [`${side}.${path}`, tensor]));
    const { data } = (await runtime.run(program.name, batch)).get('embedding')!;
    const vectors = new Float32Array(order.length * dimension);
    order.forEach((item, row) => {
      vectors.set((data as Float32Array).subarray(row * dimension, (row + 1) * dimension), item * dimension);
    });
    return vectors;
  };
  for (let start = 0; start < items.length; start += batchSize) {
    signal?.throwIfAborted();
    const batchItems = items.slice(start, start + batchSize);
    const views: Float32Array[] = [];
    for (let view = 0; view < (source.views ?? 1); view++) views.push(await encodeView(batchItems, view));
    out.set(viewMean(views, dimension), start * dimension);
    progress.update({
      done: start + batchItems.length,
      total: items.length,
      unit: side === 'image' ? 'images' : 'captions',
    });
  }
  return out;
}

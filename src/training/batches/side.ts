/** @file One side of a batch: what is drawn for each pair, and the tensors of the pairs in a given order. */
import type { NamedTensors } from '../../graph/runtime/protocol.ts';
import { keyOf } from '../../random/hash.ts';

/** When a batch is made, on which all that is random in it depends. */
export interface Moment {
  readonly seed: number;
  /** From 0. */
  readonly step: number;
}

/** What was drawn for the pairs of a batch: views, regions left out, words changed. */
export interface Drawn {
  /** Rows of each pair: regions, words or patches. */
  readonly lengths: ArrayLike<number>;
  /** Tensors of the pairs in an order, by path under the side's place in the batch. */
  feeds(order: readonly number[]): Promise<NamedTensors>;
}

/** A source of one side of batches. */
export interface Side {
  /** How many views of an item are averaged in evaluation; one unless given. */
  readonly views?: number;
  /**
   * @param items what is to be read: numbers of images or of captions
   * @param moment of training; undefined for evaluation, where nothing is random
   * @param view in evaluation: which of `views`; the plain one, 0, unless given
   */
  draw(items: Int32Array, moment: Moment | undefined, view?: number): Promise<Drawn>;
}

/** The int32 from which the random numbers inside a step follow. */
export function stepKey({ seed, step }: Moment): number {
  return keyOf(seed, 'step', step) | 0;
}

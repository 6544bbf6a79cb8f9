/** @file What a tower is: one side of a dual encoder, as parameters and a pure function over them. */
import type { Dim } from '../graph/dims.ts';
import type { Spec, Tensor } from '../graph/tensor.ts';
import type { Tree } from '../graph/tree.ts';
import type { Dropout } from '../nn/dropout.ts';
import type { ParameterSpec } from '../nn/parameters.ts';
import type { Ragged } from '../nn/ragged.ts';

/** How a tower runs. */
export interface Mode {
  /** Whether dropout and batch statistics are those of training. */
  readonly training: boolean;
  /** int32 scalar that random numbers follow from, different at each step; needed in training. */
  readonly key?: Tensor | undefined;
}

/** What a tower drops at a rate: nothing but in training. */
export function dropOf({ training, key }: Mode, rate: number): Dropout | undefined {
  return training && key ? { rate, key } : undefined;
}

/** What a tower makes of a batch. */
export interface Encoded {
  /** [count, dimension], before it is scaled to unit length. */
  readonly pooled: Tensor;
  /** Regions or words in the shared space, before pooling. */
  readonly fragments: Ragged;
  /** The buffers afterwards: running statistics move in training. */
  readonly buffers: Tree<Tensor>;
}

/** One side of a dual encoder. */
export interface Tower {
  readonly parameters: Tree<ParameterSpec>;
  /** State that is not trained, such as running statistics. */
  readonly buffers: Tree<ParameterSpec>;
  /**
   * Inputs of a batch of so many images or captions.
   *
   * @param name prefix of the symbolic sizes, so that two batches in one graph do not share them
   */
  inputs(name: string): Tree<Spec>;
  /** Encodes a batch. `count`: the number of images or captions if it is known; else it follows from the inputs. */
  encode(
    parameters: Tree<Tensor>,
    buffers: Tree<Tensor>,
    batch: Tree<Tensor>,
    count: Dim | undefined,
    mode: Mode,
  ): Encoded;
  /**
   * The inputs of the exported encoder, padded and plain: what any program can feed.
   */
  readonly exported: {
    readonly inputs: Tree<Spec>;
    /** Weights that training does not see because what they compute was computed once before it; none unless given. */
    readonly frozen?: Tree<ParameterSpec>;
    /** Encodes exported inputs, as for inference. `frozen`: given where the tower has any. */
    encode(parameters: Tree<Tensor>, buffers: Tree<Tensor>, batch: Tree<Tensor>, frozen?: Tree<Tensor>): Encoded;
  };
}

/** Both towers. */
export interface DualEncoder {
  readonly image: Tower;
  readonly text: Tower;
  /** Length of the vectors of both sides. */
  readonly dimension: number;
}

/** @file What an update rule is: the moments it keeps and how it moves one parameter. */
import type { Tensor } from '../../graph/tensor.ts';

/** What all parameters of a step share; float32 scalars. */
export interface StepScalars {
  readonly learningRate: Tensor;
  /** Number of this step among those in which the parameter is moved, from 1. */
  readonly count: Tensor;
  /** Factor on all gradients, at most 1; undefined if they are not clipped. */
  readonly clip: Tensor | undefined;
}

/** One parameter of a step. Tensors have its shape. */
export interface Entry {
  readonly parameter: Tensor;
  readonly gradient: Tensor;
  readonly moments: Readonly<Record<string, Tensor>>;
  /** Times the learning rate. */
  readonly factor: number;
  /** Whether it takes part in weight decay. */
  readonly decays: boolean;
}

/** A parameter and its moments after a step. */
export type Moved = Pick<Entry, 'parameter' | 'moments'>;

/** An update rule. */
export interface Rule {
  /** Names of the tensors kept for each parameter; they begin at zero. */
  readonly moments: readonly string[];
  /** Works out the scalars of a step once; what it returns moves one parameter. */
  readonly prepare: (step: StepScalars) => (entry: Entry) => Moved;
}

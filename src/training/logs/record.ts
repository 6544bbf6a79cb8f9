/** @file What is logged: numbers of a moment of training. */

/**
 * - `train`: means over the steps since the last such record, and the learning rate of the last of them;
 * - `evaluation`: scores on the validation split;
 * - `round`: what is measured of clusters when a round begins;
 * - `timing`: what depends on the machine and never repeats: rates, seconds, the share of time waiting for data.
 */
export type LogKind = 'train' | 'evaluation' | 'round' | 'timing';

/** One record. All but `timing` are the same in equal runs, however often these were interrupted. */
export interface LogRecord {
  readonly kind: LogKind;
  /** Steps done. */
  readonly step: number;
  /** Epoch of the last of them, from 0. */
  readonly epoch: number;
  readonly values: Readonly<Record<string, number>>;
}

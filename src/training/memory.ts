/** @file How much memory training will take, said before the first step rather than by the system that kills it. */
import { DiptychError } from '../errors/error.ts';

/** What training holds in memory, in bytes. */
export interface MemoryNeeds {
  /** One copy of the state: parameters, moments, averages, queues. */
  readonly state: number;
  /** One batch as it is fed. */
  readonly batch: number;
  /** Everything kept between forward and backward, for the given batch size. */
  readonly activations: number;
  /** Vectors of the whole training data that a stage computes once; 0 where none does. */
  readonly stored: number;
  readonly batchSize: number;
  /** Batches made ahead. */
  readonly prefetch: number;
}

export interface MemoryEstimate {
  readonly bytes: number;
  /** `training needs about 3.1 GiB: state 3 x 310 MiB, activations 2.0 GiB, 3 batches of 48 MiB`. */
  readonly line: string;
}

/**
 * Estimates memory: state is held twice (read from one copy, written to the other), and once more while it is saved. Stored vectors
 * count beside the activations of other stages: what a stage leaves is not freed at once.
 */
export function estimateMemory({ state, batch, activations, stored, prefetch }: MemoryNeeds): MemoryEstimate {
  const batches = prefetch + 1;
  const bytes = 3 * state + activations + stored + batches * batch;
  const parts = [
    `state 3 x ${bytesText(state)}`,
    `activations ${bytesText(activations)}`,
    ...(stored > 0 ? [`stored vectors ${bytesText(stored)}`] : []),
    `${batches} batches of ${bytesText(batch)}`,
  ];
  return { bytes, line: `training needs about ${bytesText(bytes)}: ${parts.join(', ')}` };
}

/**
 * Refuses to begin what will not fit.
 *
 * @param available bytes that are free; `process.availableMemory()`
 * @returns the estimate
 * @throws DIPTYCH_TRAINING_MEMORY, naming the option to lower
 */
export function requireMemory(needs: MemoryNeeds, available: number): MemoryEstimate {
  const estimate = estimateMemory(needs);
  if (estimate.bytes <= available) return estimate;
  throw new DiptychError('DIPTYCH_TRAINING_MEMORY', {
    line: estimate.line,
    available: bytesText(available),
    ...adviceFor(needs, available),
  });
}

/** Activations and batches shrink with the batch size, the state only with the dimensions of the model; vectors can be left out. */
function adviceFor(needs: MemoryNeeds, available: number): { option: string; advice: string } {
  const { state, batch, activations, stored, batchSize, prefetch } = needs;
  const perPair = (activations + (prefetch + 1) * batch) / batchSize;
  const fittingBeside = (bytes: number) => Math.floor((available - bytes) / perPair);
  if (fittingBeside(3 * state) < 2)
    return { option: '--dimension', advice: 'lower `--dimension`, the state alone is too large' };
  const fitting = fittingBeside(3 * state + stored);
  if (fitting < 2)
    return { option: '--icc-alignment-vectors', advice: 'store no vectors: `--icc-alignment-vectors encoded`' };
  return { option: '--batch-size', advice: `lower \`--batch-size\` from ${batchSize} to ${fitting} or less` };
}

/** `512 B`, `48 MiB`, `3.1 GiB`. */
export function bytesText(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  const value = bytes / 1024 ** power;
  return `${value < 10 && power > 0 ? value.toFixed(1) : Math.round(value)} ${units[power]}`;
}

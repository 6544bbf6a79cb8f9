/** @file The folder of a run as `run.json` begins or continues it, from the options of a run. */
import type { TrainingValues } from '../../methods/schema.ts';
import type { Configuration } from '../run/configuration.ts';
import { openRun, type Run } from '../run/run.ts';

/** Options that shape no number: what computes, where things lie, and how a run is taken up. Data have fingerprints. */
const free = [
  'machine',
  'run',
  'data.path',
  'data.images',
  'features.file',
  'tokens.file',
  'image.model',
  'text.model',
  'heads.cache',
  'training.warmStart',
  'training.prefetch',
];
/** Options that say how long a run is. */
const lengths = ['training.epochs', 'training.steps'];

export interface RecordOptions {
  readonly values: TrainingValues;
  readonly folder: string;
  readonly preset: string | undefined;
  /** The command line, for the record. */
  readonly command: readonly string[];
  /** Length of the run in steps. */
  readonly steps: number;
  readonly fingerprints: Readonly<Record<string, string>>;
}

/** @throws as `openRun` */
export function openRecord({ values, folder, preset, command, steps, fingerprints }: RecordOptions): Promise<Run> {
  return openRun({
    folder,
    configuration: values as unknown as Configuration,
    mayChange: free,
    lengthKeys: lengths,
    steps,
    data: fingerprints,
    seeds: { training: values.training.seed },
    command,
    resume: values.run.resume,
    extend: values.run.extendTo !== null,
    ...(preset !== undefined && { preset }),
  });
}

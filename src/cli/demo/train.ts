/** @file The demo's model: the preset `demo` trained on the drawn scenes, exported, opened. */
import { exportBundle } from '../../bundle/export.ts';
import { type Bundle, openBundle } from '../../bundle/open.ts';
import type { machine } from '../../config/machine.ts';
import type { ValuesOf } from '../../config/option.ts';
import { resolve } from '../../config/resolve.ts';
import type { Dataset } from '../../data/dataset.ts';
import { trainingPresets } from '../../methods/presets.ts';
import { trainingSchema } from '../../methods/schema.ts';
import type { Progress } from '../../system/progress.ts';
import { labNote } from '../../training/setup/note.ts';
import { startTraining } from '../../training/setup/start.ts';
import type { TrainingResult } from '../../training/task.ts';
import type { DemoFolder } from './folder.ts';

export interface DemoTraining {
  readonly dataset: Dataset;
  readonly folder: DemoFolder;
  readonly epochs: number;
  readonly seed: number;
  readonly machine: ValuesOf<(typeof machine)['members']>;
  print(line: string): void;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** Trains and exports; the bundle is undefined if training was interrupted. */
export async function trainDemo(
  options: DemoTraining,
): Promise<{ result: TrainingResult; bundle: Bundle | undefined }> {
  const { dataset, folder, epochs, seed, machine, print, progress, signal } = options;
  const content = { data: { path: folder.data }, training: { epochs, seed }, machine };
  const values = resolve(trainingSchema, { presets: trainingPresets, preset: 'demo', file: { path: 'demo', content } });
  const command = process.argv.slice(2);
  const result = await startTraining({
    values,
    preset: 'demo',
    dataset,
    folder: folder.run,
    command,
    progress,
    signal,
    onStart: (summary) => print(`${labNote(summary).join('\n')}\n`),
  });
  progress.finish();
  if (result.ended === 'interrupted') return { result, bundle: undefined };
  const { verification } = await exportBundle({ run: folder.run, out: folder.bundle, dataset, command, progress });
  progress.finish();
  print(`exported; largest difference from the trained graph ${verification.images.difference.toExponential(1)}`);
  return { result, bundle: await openBundle(folder.bundle) };
}

/** @file Training as the command line does it: reads the data set, trains, tells what is about to happen. */
import { absolutePaths } from '../../config/paths.ts';
import type { Settled } from '../../config/resolve.ts';
import { readsPictures } from '../../config/training.ts';
import { readDataset } from '../../data/dataset.ts';
import { type TrainingMembers, type TrainingValues, trainingSchema } from '../../methods/schema.ts';
import type { Progress } from '../../system/progress.ts';
import { labNote } from '../../training/setup/note.ts';
import { startTraining } from '../../training/setup/start.ts';
import type { TrainingResult } from '../../training/task.ts';
import { datasetOptions } from '../dataset.ts';
import { newRunFolder } from './folder.ts';

export interface TrainingCall {
  readonly values: TrainingValues;
  readonly preset: Settled<TrainingMembers>['preset'];
  /** The words of the command after `diptych`, for the record. */
  readonly command: readonly string[];
  print(line: string): void;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** @throws what `readDataset` and `startTraining` throw */
export async function trainAsCalled(call: TrainingCall): Promise<TrainingResult & { readonly folder: string }> {
  const { preset, command, print, progress, signal } = call;
  const values = absolutePaths(trainingSchema.members, call.values);
  const folder = values.run.directory ?? newRunFolder(preset?.name ?? values.loss.kind);
  // Stored features stand for the pictures: those need not be there.
  const images = !readsPictures(values.image.kind) && { images: false as const };
  const dataset = await readDataset(values.data.path, { ...datasetOptions(values.data), ...images });
  if (dataset.quarantined.length > 0)
    progress.note(`${dataset.quarantined.length} records set aside; \`diptych data check\` lists them`);
  if (preset) print(`${preset.name}: ${preset.summary}\n\n${preset.notes}\n\nExpect: ${preset.expect}\n`);
  const result = await startTraining({
    values,
    preset: preset?.name,
    dataset,
    folder,
    command,
    progress,
    signal,
    onStart: (summary) => print(`${labNote(summary).join('\n')}\n`),
  });
  progress.finish();
  return { ...result, folder };
}

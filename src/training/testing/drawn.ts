/** @file Runs over drawn scenes with drawn features, from options to checkpoint: a folder, a data set, and how to train on it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { resolve } from '../../config/resolve.ts';
import { type Dataset, readDataset } from '../../data/dataset.ts';
import { trainingPresets } from '../../methods/presets.ts';
import { type TrainingValues, trainingSchema } from '../../methods/schema.ts';
import { silent } from '../../system/progress.ts';
import { drawTinyScenes, writeDrawnFeatures } from '../../testing/scenes.ts';
import { startTraining } from '../setup/start.ts';
import type { TrainingResult } from '../task.ts';

type Flags = Readonly<Record<string, string | boolean>>;

export interface DrawnRuns {
  /** Path of a run, or of anything else in the folder, which goes when all tests of the file have ended. */
  at(name: string): string;
  /** 48 images to learn from; features of 5 regions, 6 wide. Known once the tests begin. */
  dataset(): Dataset;
  readonly features: string;
  /** Options of a preset, over them `small`, over them the flags. */
  valuesOf(preset: string, flags: Flags): TrainingValues;
  train(name: string, preset: string, flags?: Flags): Promise<TrainingResult>;
}

/** What `startTraining` wants beside the run. */
export const given = { command: ['train'], progress: silent, signal: new AbortController().signal };

/**
 * @param small options by dotted name that make any preset small
 * @param patience milliseconds that drawing may take on a busy machine
 */
export function drawnRuns(small: Flags, patience: number): DrawnRuns {
  const folder = mkdtempSync(join(tmpdir(), 'diptych-drawn-'));
  const at = (name: string): string => join(folder, name);
  const features = at('features.npy');
  let drawn: Dataset;
  beforeAll(async () => {
    drawn = await readDataset(await drawTinyScenes(at('scenes')));
    const ids = drawn.images.map(({ id }) => id);
    await writeDrawnFeatures(features, ids, [5, 6]);
  }, patience);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const valuesOf: DrawnRuns['valuesOf'] = (preset, flags) => {
    const all = { 'data.path': at('scenes'), 'features.file': features, ...small, ...flags };
    return resolve(trainingSchema, { presets: trainingPresets, preset, flags: all });
  };
  return {
    ...{ at, features, valuesOf, dataset: () => drawn },
    train: (name, preset, flags = {}) =>
      startTraining({ ...given, values: valuesOf(preset, flags), preset, dataset: drawn, folder: at(name) }),
  };
}

/** @file A whole small training run for tests, described by plain data so that another process can do the same. */
import { setTimeout } from 'node:timers/promises';
import type { TensorData } from '../../graph/values.ts';
import { Random } from '../../random/random.ts';
import { type Progress, silent } from '../../system/progress.ts';
import type { NamedTensors } from '../engine.ts';
import { train } from '../loop.ts';
import { clusterPart } from '../rounds/cluster.ts';
import type { Round } from '../rounds/plan.ts';
import { type ClusteredRounds, clusteredRounds } from '../rounds/rounds.ts';
import { openRun } from '../run/run.ts';
import type { Sampler } from '../sampler/sampler.ts';
import { shuffledSampler } from '../sampler/shuffled.ts';
import { imageUniqueSampler } from '../sampler/unique.ts';
import { scheduleOf } from '../schedule.ts';
import type { LoopOptions, TrainingResult, TrainingTask } from '../task.ts';
import { RegressionEngine, WIDTH } from './regression.ts';

/** What a test may choose. */
export interface Trial extends Partial<LoopOptions> {
  readonly folder: string;
  readonly steps?: number;
  readonly seed?: number;
  readonly batchSize?: number;
  readonly learningRate?: number;
  readonly unique?: boolean;
  readonly resume?: boolean;
  readonly extend?: boolean;
  /** Milliseconds that each of these takes at least. */
  readonly pause?: { readonly step?: number; readonly batch?: number; readonly evaluation?: number };
  /** A caption whose features are NaN. */
  readonly poisoned?: number;
  /** Clustered rounds from the first of these steps on, each so long. */
  readonly rounds?: readonly [from: number, length: number];
  /** First steps of stages; one stage unless given. */
  readonly stages?: readonly number[];
  /** Batches of a stage need what is made of the weights where it begins. */
  readonly prepared?: boolean;
  /** Rounds in a row after which a falling score ends the run. */
  readonly roundPatience?: number;
  /** From this step on evaluations are NaN. */
  readonly poisonedEvaluation?: number;
}

export const CAPTIONS = 200;
const IMAGES = 40;
const SEED = 11;

/** Trains as described, to the end or until the signal. */
export async function runTrial(
  trial: Trial,
  { progress = silent, signal = new AbortController().signal }: { progress?: Progress; signal?: AbortSignal } = {},
): Promise<TrainingResult> {
  const { folder, steps = 60, seed = SEED, batchSize = 16, learningRate = 0.1, unique = false, pause = {} } = trial;
  const run = await openRun({
    folder,
    configuration: { seed, batchSize, learningRate, unique, training: { steps }, machine: { pause: { ...pause } } },
    mayChange: ['machine'],
    lengthKeys: ['training.steps'],
    steps,
    data: { synthetic: '1' },
    seeds: { training: seed },
    command: ['trial'],
    resume: trial.resume ?? false,
    extend: trial.extend ?? false,
  });
  let preparedFor: number | undefined;
  let done = 0;
  const engine = new RegressionEngine(seed, async () => {
    done++;
    await sleep(pause.step);
  });
  try {
    const images = Int32Array.from({ length: CAPTIONS }, (_, caption) => caption % IMAGES);
    const base = unique ? imageUniqueSampler(images, batchSize, seed) : shuffledSampler(CAPTIONS, batchSize, seed);
    const rounds = trial.rounds && roundsOf(trial, { base, images, folder: run.folder, engine });
    const task: TrainingTask = {
      engine,
      run,
      progress,
      signal,
      sampler: rounds?.sampler ?? base,
      rounds,
      stageStarts: trial.stages ?? [0],
      schedule: scheduleOf({ kind: 'cosine', peak: learningRate, floor: 0, warmup: 5 }, run.lengths),
      options: {
        evaluateEvery: 20,
        saveEvery: 0,
        logEvery: 7,
        keepLast: 2,
        patience: 0,
        prefetch: 2,
        ...onlyGiven(trial),
      },
      idsOf: (indices) => Array.from(indices, (caption) => `caption-${caption}`),
      ...(trial.prepared && {
        async prepareStage(stage: number) {
          preparedFor = stage;
          progress.note(`prepared stage ${stage} after ${done} steps`);
        },
      }),
      async makeBatch(indices, epoch, step, stage) {
        await sleep(pause.batch);
        if (trial.prepared && stage !== preparedFor)
          throw new Error(`stage ${stage} is not prepared, but ${preparedFor}`);
        return batchOf(indices, new Random(seed, 'augmentation', epoch, step), trial.poisoned);
      },
      async evaluate({ step, signal: stop }) {
        await sleep(pause.evaluation, stop);
        if (trial.poisonedEvaluation !== undefined && step >= trial.poisonedEvaluation) return { rsum: Number.NaN };
        return accuracyOf(await engine.snapshot());
      },
    };
    return await train(task);
  } finally {
    await engine.close();
    await run.close();
  }
}

/** Rounds whose clusters follow from the weights: images are their features, each times its weight. */
function roundsOf(
  { rounds: [first, length] = [0, 1], roundPatience: patience = 0, seed = SEED }: Trial,
  { base, images, folder, engine }: { base: Sampler; images: Int32Array; folder: string; engine: RegressionEngine },
): ClusteredRounds {
  const roundOf = (number: number): Round => ({ number, from: first + number * length, clusters: 4, groups: 2 });
  return clusteredRounds({
    plan: {
      roundAt: (step) => (step < first ? undefined : roundOf(Math.floor((step - first) / length))),
      nextFrom: (step) => (step <= first ? first : first + Math.ceil((step - first) / length) * length),
    },
    ...{ folder, base, imageOfCaption: images, seed, patience },
    ...{ randomShare: 0.2, refresh: true, keepTeacher: true },
    encode: async () => {
      const { data: weight } = (await engine.snapshot()).get('params.weight')!;
      const rows = (count: number) => {
        const vectors = Array.from({ length: count }, (_, i) => exampleOf(i).x.map((x, j) => x * weight[j]));
        return Float32Array.from(vectors.flatMap((vector) => vector.map((x) => x / Math.hypot(...vector))));
      };
      return { images: rows(IMAGES), captions: rows(CAPTIONS), dimension: WIDTH };
    },
    cluster: async (vectors, { number, clusters, groups }) =>
      clusterPart({
        ...{ vectors, by: 'pair', seed, round: number },
        kmeans: { clusters, iterations: 5, seedShare: 0.5, updates: 'minibatch', smallest: 2 },
        batches: { size: base.batchSize, groups, randomShare: 0.2 },
      }),
  });
}

function onlyGiven({
  evaluateEvery,
  saveEvery,
  logEvery,
  keepLast,
  patience,
  prefetch,
  fromStep,
  seconds,
}: Trial): Partial<LoopOptions> {
  const given = { evaluateEvery, saveEvery, logEvery, keepLast, patience, prefetch, fromStep, seconds };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

async function sleep(milliseconds = 0, signal?: AbortSignal): Promise<void> {
  if (milliseconds > 0) await setTimeout(milliseconds, undefined, signal && { signal });
}

/** Features of a caption and its class, by a rule that a straight plane does not quite follow. */
function exampleOf(caption: number): { x: number[]; y: number } {
  const random = new Random('example', caption);
  const x = Array.from({ length: WIDTH }, () => random.normal());
  return { x, y: x[0] - 0.5 * x[1] + 0.8 * x[2] * x[3] + 0.5 * random.normal() > 0 ? 1 : 0 };
}

function batchOf(indices: Int32Array, noise: Random, poisoned: number | undefined): NamedTensors {
  const x = new Float32Array(indices.length * WIDTH);
  const y = new Float32Array(indices.length);
  indices.forEach((caption, row) => {
    const example = exampleOf(caption);
    const values = example.x.map((value) => (caption === poisoned ? Number.NaN : value + 0.1 * noise.normal()));
    x.set(values, row * WIDTH);
    y[row] = example.y;
  });
  return new Map<string, TensorData>([
    ['x', { dtype: 'float32', shape: [indices.length, WIDTH], data: x }],
    ['y', { dtype: 'float32', shape: [indices.length], data: y }],
    ['ids', { dtype: 'int32', shape: [indices.length], data: indices }],
  ]);
}

/** Stands for the recalls: 600 times the share of held-out examples on the right side of the averaged plane. */
function accuracyOf(state: NamedTensors): { rsum: number; accuracy: number } {
  const weight = state.get('average.weight')!.data;
  let right = 0;
  for (let caption = CAPTIONS; caption < 2 * CAPTIONS; caption++) {
    const { x, y } = exampleOf(caption);
    const logit = x.reduce((sum, value, j) => sum + value * weight[j], weight[WIDTH]);
    if (logit > 0 === (y === 1)) right++;
  }
  return { rsum: (600 * right) / CAPTIONS, accuracy: right / CAPTIONS };
}

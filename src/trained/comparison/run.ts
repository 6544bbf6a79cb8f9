/** @file One run as a row of a comparison: what it is, what it reached, what it cost. */
import { basename, join, resolve } from 'node:path';
import { valuesOfRun } from '../../bundle/trained.ts';
import { readTestRuns } from '../../evaluation/guard.ts';
import { readJson } from '../../files/json.ts';
import type { TrainingValues } from '../../methods/schema.ts';
import { parameterCount } from '../../nn/parameters.ts';
import { checkpointFolder, listCheckpoints } from '../../training/checkpoint/folder.ts';
import { manifestSchema } from '../../training/checkpoint/manifest.ts';
import { MANIFEST_FILE } from '../../training/checkpoint/write.ts';
import { type Configuration, fingerprintOf, leavesOf } from '../../training/run/configuration.ts';
import { type RunRecord, readRun } from '../../training/run/record.ts';
import { encoderOf } from '../../training/setup/model.ts';
import { readModelFiles } from '../../training/setup/model-files.ts';
import { type Moment, type RunLogs, readLogs } from './logs.ts';

/** Recalls in percent. */
export interface Recalls {
  readonly r1: number;
  readonly r5: number;
  readonly r10: number;
}

/** The evaluation with the highest rSum on the validation split. */
export interface BestEvaluation {
  readonly step: number;
  /** From 0. */
  readonly epoch: number;
  readonly rsum: number;
  readonly imageToText: Recalls;
  readonly textToImage: Recalls;
}

/** A curve: epochs done, with parts of one, and a number at each. */
export type Curve = readonly (readonly [epochs: number, value: number])[];

export interface ComparedRun {
  readonly folder: string;
  readonly name: string;
  readonly preset: string | null;
  /** The command that began it. */
  readonly command: readonly string[];
  readonly seed: number;
  /** Equal for runs whose options differ in nothing but the seed, and in where and on what they ran. */
  readonly recipe: string;
  /** Limit of its training; null for none. */
  readonly minutes: number | null;
  /** Fingerprints of the data sets, by name. */
  readonly data: Readonly<Record<string, string>>;
  readonly valSplit: string;
  /** Steps done, and how many there shall be. */
  readonly steps: number;
  readonly length: number;
  readonly epochs: number;
  /** Numbers in both towers. */
  readonly parameters: number;
  /** Null before the first evaluation. */
  readonly best: BestEvaluation | null;
  /** Seconds of training in all, and up to the best evaluation. */
  readonly seconds: number;
  readonly secondsToBest: number;
  /** Half of the time it was faster. */
  readonly pairsPerSecond: number | null;
  readonly device: string;
  readonly host: string;
  /** How many evaluations on test are written down, and the last of them. */
  readonly testRuns: number;
  readonly testRsum: number | null;
  readonly curves: { readonly rsum: Curve; readonly loss: Curve };
}

/**
 * Reads a run folder; it may be that of a run under way.
 *
 * @throws DIPTYCH_RUN_MISSING, DIPTYCH_RUN_DAMAGED, and what reading its other files throws
 */
export async function readComparedRun(folder: string): Promise<ComparedRun> {
  const record = await readRun(folder);
  const values = valuesOfRun(folder, record);
  const [{ facts }, logs, tests] = await Promise.all([readModelFiles(folder), readLogs(folder), readTestRuns(folder)]);
  const { image, text } = encoderOf(values, facts);
  const best = bestOf(logs.evaluations);
  const steps = Math.max(0, ...[logs.training, logs.evaluations].map((moments) => moments.at(-1)?.step ?? 0));
  const epochLength = await epochLengthOf(folder, logs);
  const inEpochs = (moments: readonly Moment[], name: string): Curve =>
    moments.flatMap((moment) => (name in moment ? [[moment.step / epochLength, moment[name]] as const] : []));
  const first = record.sessions[0];
  return {
    folder: resolve(folder),
    name: basename(resolve(folder)),
    preset: record.preset ?? null,
    command: ['diptych', ...first.command],
    seed: values.training.seed,
    recipe: recipeOf(record, values),
    minutes: values.training.minutes,
    data: dataOf(record),
    valSplit: values.data.valSplit,
    steps,
    length: record.lengths[record.lengths.length - 1].steps,
    epochs: steps / epochLength,
    parameters: parameterCount(image.parameters) + parameterCount(text.parameters),
    best,
    seconds: logs.timings.at(-1)?.seconds ?? 0,
    secondsToBest: logs.timings.findLast(({ step }) => step <= (best?.step ?? 0))?.seconds ?? 0,
    pairsPerSecond: median(logs.timings.map(({ pairsPerSecond }) => pairsPerSecond)),
    device: values.machine.device,
    host: first.host,
    testRuns: tests.length,
    testRsum: tests.at(-1)?.result.rsum ?? null,
    curves: { rsum: inEpochs(logs.evaluations, 'rsum'), loss: inEpochs(logs.training, 'loss') },
  };
}

/** Of equal scores the first, as in training. */
function bestOf(evaluations: readonly Moment[]): BestEvaluation | null {
  const [first, ...others] = evaluations;
  if (first === undefined) return null;
  const best = others.reduce((highest, moment) => (moment.rsum > highest.rsum ? moment : highest), first);
  const { step, epoch, rsum } = best;
  const recalls = (direction: string): Recalls => ({
    r1: best[`${direction}R1`],
    r5: best[`${direction}R5`],
    r10: best[`${direction}R10`],
  });
  return { step, epoch, rsum, imageToText: recalls('i2t'), textToImage: recalls('t2i') };
}

/** Steps of an epoch, as checkpoints hold it; before the first one a bound that the logs give. */
async function epochLengthOf(folder: string, { training, evaluations }: RunLogs): Promise<number> {
  const last = (await listCheckpoints(folder)).at(-1);
  if (last !== undefined) {
    const { checkpoint } = await readJson(join(checkpointFolder(folder, last), MANIFEST_FILE), manifestSchema);
    return checkpoint.epochLength;
  }
  return Math.max(1, ...[...training, ...evaluations].map(({ step, epoch }) => step / (epoch + 1)));
}

/** What shapes the numbers of a run beside its seed. */
function recipeOf({ data }: RunRecord, values: TrainingValues): string {
  const without = ['machine', 'run', 'training.seed', 'training.prefetch', 'data.path', 'data.images', 'features.file'];
  const leaves = Object.fromEntries(leavesOf(values as unknown as Configuration, without));
  return fingerprintOf({ options: leaves, data });
}

function dataOf({ data }: RunRecord): Record<string, string> {
  return Object.fromEntries(Object.entries(data).filter(([name]) => name.startsWith('data set ')));
}

function median(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.toSorted((a, b) => a - b)[values.length >> 1];
}

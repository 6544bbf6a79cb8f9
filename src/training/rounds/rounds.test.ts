/** @file Clustered rounds in whole runs: what is done at their beginnings, resuming inside them, and their end. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type ClusterValues, clusterOptions, clustersFault } from '../../config/cluster-options.ts';
import { temporaryFolder } from '../../testing/temporary.ts';
import { listCheckpoints } from '../checkpoint/folder.ts';
import { contentsOf, traceOf } from '../testing/files.ts';
import { runTrial, type Trial } from '../testing/task.ts';
import { readRound, writeRound } from './file.ts';
import { requireRounds, roundPlan } from './plan.ts';
import { clusteredRounds } from './rounds.ts';

const defaults = Object.fromEntries(
  Object.entries(clusterOptions.members).map(([name, { default: value }]) => [name, value]),
) as unknown as ClusterValues;
const values: ClusterValues = { ...defaults, start: 3, epochs: 2 };

describe('the plan', () => {
  const plan = roundPlan({ values, epochLength: 10, batchSize: 16, images: 640 })!;

  test('rounds follow each other from the first to the end, with finer clusters and fewer groups', () => {
    expect([plan.roundAt(29), plan.roundAt(30)!.number, plan.roundAt(49)!.number, plan.roundAt(50)!.number]).toEqual([
      undefined,
      0,
      0,
      1,
    ]);
    expect([0, 30, 31, 50, 51].map(plan.nextFrom)).toEqual([30, 30, 50, 50, 70]);
    const rounds = [30, 50, 70, 90, 110, 130].map((step) => plan.roundAt(step)!);
    expect(rounds.map(({ clusters }) => clusters)).toEqual([10, 13, 20, 20, 40, 40]);
    expect(rounds.map(({ groups }) => groups)).toEqual([8, 4, 4, 2, 2, 2]);
    expect(roundPlan({ values: { ...values, start: null }, epochLength: 10, batchSize: 16, images: 640 })).toBe(
      undefined,
    );
  });

  test('without refresh the clusters of the first round are those of all', () => {
    const kept = roundPlan({ values: { ...values, refresh: false }, epochLength: 10, batchSize: 16, images: 640 })!;
    expect([30, 110].map((step) => kept.roundAt(step)!.clusters)).toEqual([10, 10]);
  });

  test('what cannot be filled is refused before training', () => {
    const of = (given: Partial<ClusterValues>, images: number) =>
      requireRounds(
        roundPlan({ values: { ...values, ...given }, epochLength: 10, batchSize: 16, images })!,
        100,
        images,
      );
    expect(() => of({ count: 50 }, 40)).toThrow(/round 1 is to make 50 clusters of 40 images/);
    expect(() => of({}, 100)).toThrow(/round 1 are to be filled from 8 clusters each, but 100 images make 2 clusters/);
    expect(() => of({ groups: [2] }, 100)).not.toThrow();
    expect(clustersFault({ ...values, groups: [8, 3] }, 16)).toBe(
      'a batch of 16 cannot be filled evenly from 3 clusters',
    );
    expect(clustersFault({ ...values, start: null, groups: [3] }, 16)).toBe(undefined);
  });
});

/** Epochs of 12 steps: rounds begin inside them. */
const trial = {
  steps: 60,
  rounds: [15, 20],
  evaluateEvery: 8,
  logEvery: 4,
  keepLast: 99,
} as const satisfies Partial<Trial>;

describe('a run', () => {
  test('evaluates and logs where rounds begin, and keeps what they follow from', async () => {
    const folder = temporaryFolder();
    await runTrial({ folder, ...trial });
    const { metrics } = traceOf(folder);
    const records = metrics.filter((line) => line !== '').map((line) => JSON.parse(line));
    const rounds = records.filter(({ kind }) => kind === 'round');
    expect(rounds.map(({ step, round }) => [step, round])).toEqual([
      [15, 1],
      [35, 2],
      [55, 3],
    ]);
    expect(rounds[0]).toMatchObject({ clusters: 4, smallest: expect.any(Number), cohesion: expect.any(Number) });
    for (const { negativeScore, randomScore } of rounds) expect(negativeScore).toBeGreaterThan(randomScore);
    const evaluated = records.filter(({ kind }) => kind === 'evaluation').map(({ step }) => step);
    expect(evaluated).toEqual([8, 15, 16, 24, 32, 35, 40, 48, 55, 56, 60]);
    expect(Object.keys(contentsOf(join(folder, 'rounds')))).toHaveLength(6);
    const { assignment, teacher } = await readRound(folder, 35);
    expect([assignment.length, teacher!.images.length]).toEqual([40, 320]);
    // Clusters follow from weights that have moved.
    expect((await readRound(folder, 15)).teacher!.images).not.toEqual(teacher!.images);
  });

  test.each([
    ['inside a round', 40],
    ['where a round begins', 35],
    ['before the first round', 8],
  ])('resumed %s equals one that was never stopped, bit for bit', async (_, step) => {
    const whole = temporaryFolder();
    await runTrial({ folder: whole, ...trial });
    const folder = join(temporaryFolder(), 'run');
    await runTrial({ folder, ...trial });
    expect(await listCheckpoints(folder)).toContain(step);
    await runTrial({ folder, ...trial, resume: true, fromStep: step });
    const own = (run: string) =>
      Object.entries(traceOf(run).checkpoints).filter(([name]) => !name.includes('aside') && name.includes('state'));
    expect(own(folder)).toEqual(own(whole));
    expect(traceOf(folder).metrics).toEqual(traceOf(whole).metrics);
    expect(contentsOf(join(folder, 'rounds'))).toEqual(contentsOf(join(whole, 'rounds')));
  });

  test('interrupted while a round begins saves, and goes on later', async () => {
    const whole = temporaryFolder();
    await runTrial({ folder: whole, ...trial });
    const folder = join(temporaryFolder(), 'run');
    const stop = new AbortController();
    const note = (line: string) => (line.startsWith('round 2') ? stop.abort() : undefined);
    const progress = { update() {}, note, finish() {} };
    const { ended, steps } = await runTrial({ folder, ...trial }, { progress, signal: stop.signal });
    expect([ended, steps]).toEqual(['interrupted', 35]);
    await runTrial({ folder, ...trial, resume: true });
    expect(traceOf(folder).metrics).toEqual(traceOf(whole).metrics);
  });

  test('ends when the score fell since the last round; the best checkpoint stays, and it is over when resumed', async () => {
    const folder = temporaryFolder();
    // A run that climbs its loss gets worse and worse.
    const falling = { folder, ...trial, learningRate: -0.01, roundPatience: 1, keepLast: 1 };
    const { ended, steps, best } = await runTrial(falling);
    expect([ended, steps, best!.step]).toEqual(['early', 35, 8]);
    expect(await listCheckpoints(folder)).toEqual([8, 35]);
    expect(await runTrial({ ...falling, resume: true })).toMatchObject({ ended: 'early', steps: 35 });
  });

  test('what a round left is refused when damaged, or missing', async () => {
    const folder = temporaryFolder();
    await runTrial({ folder, ...trial, steps: 40 });
    const path = join(folder, 'rounds', 'step-00000035.safetensors');
    const bytes = readFileSync(path);
    bytes[bytes.length - 1] ^= 1;
    writeFileSync(path, bytes);
    await expect(runTrial({ folder, ...trial, resume: true, extend: true })).rejects.toMatchObject({
      code: 'DIPTYCH_ROUND_DAMAGED',
    });
    await expect(readRound(folder, 99)).rejects.toMatchObject({ code: 'DIPTYCH_ROUND_DAMAGED' });
  });
});

test('rounds end when the score fell as often in a row as is allowed', () => {
  const plan = roundPlan({ values, epochLength: 10, batchSize: 16, images: 640 })!;
  const unused = async () => expect.unreachable();
  const { areExhausted } = clusteredRounds({
    ...{ plan, folder: '', imageOfCaption: new Int32Array(0), seed: 0, randomShare: 0, refresh: true, patience: 2 },
    ...{ keepTeacher: false, encode: unused, cluster: unused },
    base: { length: 10, batchSize: 16, batch: () => new Int32Array(0) },
  });
  const at = (...scores: [number, number][]) => scores.map(([step, rsum]) => ({ step, rsum }));
  // Rounds begin at 30, 50, 70 …; what is between them does not count.
  const starts = [30, 50, 70, 90];
  expect(areExhausted(at([30, 9], [40, 5], [50, 8], [60, 9], [70, 7]), starts)).toBe(true);
  expect(areExhausted(at([30, 9], [50, 8], [70, 8]), starts)).toBe(false);
  expect(areExhausted(at([10, 10], [30, 9], [50, 8]), starts)).toBe(false);
  expect(areExhausted(at([30, 1], [50, 9], [70, 8], [90, 7]), starts)).toBe(true);
});

test('clusters alone are kept where nobody reads the vectors', async () => {
  const folder = temporaryFolder();
  await writeRound(folder, 7, { assignment: Int32Array.of(1, 0, 1) });
  expect(await readRound(folder, 7)).toEqual({ assignment: Int32Array.of(1, 0, 1) });
});

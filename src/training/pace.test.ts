import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../testing/temporary.ts';
import { listCheckpoints } from './checkpoint/folder.ts';
import { loadCheckpoint } from './checkpoint/read.ts';
import { beganAt, broughtForward, plannedStep, roundsBegan } from './pace.ts';
import { runTrial, type Trial } from './testing/task.ts';

describe('plannedStep', () => {
  test.each([
    ['a run ahead of its time follows its plan', 0.2, 50, 50],
    ['one that is late is where its time is', 0.9, 50, 90],
    ['time that is over is at the end', 1.5, 3, 99],
    ['at the beginning', 0, 0, 0],
  ])('%s', (_, share, step, planned) => {
    expect(plannedStep({ step }, 100, { limit: 60, used: () => 60 * share })).toBe(planned);
  });

  test('without a limit it is the step itself; what was reached stays reached', () => {
    expect(plannedStep({ step: 7 }, 100, { limit: undefined, used: () => 1e9 })).toBe(7);
    const reached = [{ planned: 60, step: 5 }];
    expect(plannedStep({ step: 7, reached }, 100, { limit: 60, used: () => 6 })).toBe(60);
  });
});

describe('what time brings forward', () => {
  const milestones = {
    stageStarts: [0, 20, 70],
    rounds: { nextFrom: (step: number) => Math.max(40, 40 + 10 * Math.ceil((step - 40) / 10)) },
  };

  test('is what was planned between where the run is and where it should be', () => {
    expect(broughtForward({ step: 15 }, 52, milestones)).toEqual(
      [20, 40, 50].map((planned) => ({ planned, step: 15 })),
    );
    expect(broughtForward({ step: 15, reached: [{ planned: 40, step: 9 }] }, 52, milestones)).toEqual([
      { planned: 50, step: 15 },
    ]);
    expect(broughtForward({ step: 60 }, 60, milestones)).toEqual([]);
  });

  test('begins there; all else begins as planned', () => {
    const course = { step: 15, reached: [20, 40, 50].map((planned) => ({ planned, step: planned / 5 })) };
    expect([0, 20, 50, 70].map((planned) => beganAt(course, planned))).toEqual([0, 4, 10, 70]);
    expect(roundsBegan(course, milestones)).toEqual([8, 10]);
    expect(roundsBegan({ step: 62 }, milestones)).toEqual([40, 50, 60]);
  });
});

describe('a run whose time is limited', () => {
  const linesOf = (folder: string, kind: string): Record<string, number>[] =>
    readFileSync(join(folder, 'metrics.jsonl'), 'utf8')
      .split('\n')
      .filter((line) => line.includes(`"kind":"${kind}"`))
      .map((line) => JSON.parse(line));

  test('ends with an evaluation and a checkpoint, and is over when resumed', async () => {
    const folder = temporaryFolder();
    const trial: Trial = { folder, steps: 100_000, seconds: 0.6, evaluateEvery: 1_000_000, pause: { step: 5 } };
    const result = await runTrial(trial);
    expect(result).toMatchObject({ ended: 'time', exit: 0 });
    expect(result.steps).toBeGreaterThan(5);
    expect(result.steps).toBeLessThan(1000);
    expect(result.best?.step).toBe(result.steps);
    expect(await listCheckpoints(folder)).toEqual([result.steps]);
    expect(linesOf(folder, 'train').at(-1)?.step).toBe(result.steps);
    expect(await runTrial({ ...trial, resume: true })).toMatchObject({ ended: 'time', steps: result.steps });
  });

  test('takes the time of earlier sessions into account', async () => {
    const folder = temporaryFolder();
    const trial: Trial = {
      folder,
      steps: 100_000,
      logEvery: 1,
      saveEvery: 1,
      evaluateEvery: 1_000_000,
      pause: { step: 5 },
    };
    const stopped = await runTrial({ ...trial, seconds: 10 }, { signal: AbortSignal.timeout(500) });
    expect(stopped.ended).toBe('interrupted');
    const began = performance.now();
    const rest = await runTrial({ ...trial, seconds: stopped.seconds + 0.3, resume: true });
    expect(rest.ended).toBe('time');
    expect(rest.seconds).toBeGreaterThan(stopped.seconds + 0.2);
    expect((performance.now() - began) / 1000).toBeLessThan(stopped.seconds + 8);
  });

  test('does at least one step, and equals one without a limit where there is time enough', async () => {
    const short = await runTrial({ folder: temporaryFolder(), seconds: 1e-9, steps: 40 });
    expect(short).toMatchObject({ steps: 1, ended: 'time', best: { step: 1 } });
    const [free, limited] = [temporaryFolder(), temporaryFolder()];
    expect(await runTrial({ folder: free, steps: 40 })).toMatchObject({ ended: 'finished' });
    expect(await runTrial({ folder: limited, steps: 40, seconds: 1e6 })).toMatchObject({
      ended: 'finished',
      steps: 40,
    });
    expect(linesOf(limited, 'train')).toEqual(linesOf(free, 'train'));
  });

  test('goes through all its stages and rounds, across sessions', async () => {
    const folder = temporaryFolder();
    const trial: Trial = {
      ...{ folder, steps: 10_000, stages: [0, 2000, 9000], rounds: [4000, 2000], seconds: 3, pause: { step: 5 } },
      prepared: true,
      ...{ evaluateEvery: 1_000_000, logEvery: 1, saveEvery: 10, keepLast: 99 },
    };
    expect(await runTrial(trial, { signal: AbortSignal.timeout(2000) })).toMatchObject({ ended: 'interrupted' });
    const { reached: before = [] } = (await loadCheckpoint(folder, 'last')).checkpoint;
    expect(before[0].planned).toBe(2000);
    const { steps } = await runTrial({ ...trial, resume: true });
    expect(steps).toBeLessThan(1000);
    const { reached = [] } = (await loadCheckpoint(folder, 'last')).checkpoint;
    expect(reached.map(({ planned }) => planned)).toEqual([2000, 4000, 6000, 8000, 9000]);
    expect(reached.slice(0, before.length)).toEqual(before);
    expect(reached.every(({ step }, i) => step < steps && step >= (reached[i - 1]?.step ?? 1))).toBe(true);
    // Rounds begin, and are evaluated, where they began rather than where they were planned.
    const began = reached.filter(({ planned }) => [4000, 6000, 8000].includes(planned)).map(({ step }) => step);
    expect(linesOf(folder, 'round').map(({ step }) => step)).toEqual(began);
    expect(linesOf(folder, 'evaluation').map(({ step }) => step)).toEqual([...began, steps]);
    // The learning rate has come to its end all the same.
    expect(linesOf(folder, 'train').at(-1)!.learningRate).toBeLessThan(0.001);
  });
});

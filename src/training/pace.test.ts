import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../testing/temporary.ts';
import { listCheckpoints } from './checkpoint/folder.ts';
import { pacedSchedule } from './pace.ts';
import { runTrial, type Trial } from './testing/task.ts';

const schedule = (step: number): number => 100 - step;

describe('pacedSchedule', () => {
  test.each([
    ['a run ahead of its time keeps its own', 0.2, 50, 50],
    ['one that is late is where its time is', 0.9, 50, 10],
    ['time that is over is at the end', 1.5, 3, 1],
    ['at the beginning', 0, 0, 100],
  ])('%s', (_, share, step, rate) => {
    expect(pacedSchedule(schedule, 100, { limit: 60, used: () => 60 * share })(step)).toBe(rate);
  });

  test('without a limit it is the schedule itself', () => {
    expect(pacedSchedule(schedule, 100, { limit: undefined, used: () => 1e9 })).toBe(schedule);
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
});

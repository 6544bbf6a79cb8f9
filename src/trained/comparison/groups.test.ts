import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../testing/temporary.ts';
import { groupPositions, groupsOf, spreadOf } from './groups.ts';
import { openPlan, plannedRuns, settleRun } from './plan.ts';
import type { BestEvaluation, ComparedRun } from './run.ts';
import { groupRowOf, spreadText } from './table.ts';

test('a spread is the sample standard deviation', () => {
  expect(spreadOf([2, 4, 6])).toEqual({ mean: 4, deviation: 2 });
  expect(spreadOf([5])).toEqual({ mean: 5, deviation: null });
  expect([spreadOf([2, 4, 6]), spreadOf([5])].map(spreadText)).toEqual(['4.0 ± 2.0', '5.0']);
});

function run(recipe: string, rsum: number | null, preset: string | null = recipe): ComparedRun {
  const recalls = (of: number) => ({ r1: of / 6, r5: of / 6, r10: of / 6 });
  const best: BestEvaluation | null =
    rsum === null ? null : { step: 1, epoch: 0, rsum, imageToText: recalls(rsum), textToImage: recalls(rsum) };
  return { recipe, preset, best, name: `${recipe}-run`, seconds: 100, secondsToBest: 60 } as ComparedRun;
}

describe('groupsOf', () => {
  test('takes runs of one recipe together, in the order of their first, with the gain on the first', () => {
    const runs = [run('a', 200), run('b', 210), run('a', 204), run('b', null), run('c', null), run('a', 202)];
    const groups = groupsOf(runs);
    expect(groups.map(({ name, positions }) => [name, positions])).toEqual([
      ['a', [0, 2, 5]],
      ['b', [1, 3]],
      ['c', [4]],
    ]);
    expect(groups[0]).toMatchObject({ gain: null, reached: { runs: 3, rsum: { mean: 202, deviation: 2 } } });
    expect(groups[1]).toMatchObject({ gain: 8, reached: { runs: 1, rsum: { mean: 210, deviation: null } } });
    expect(groups[2]).toMatchObject({ gain: null, reached: null });
    expect(groupPositions(groups)).toEqual([0, 1, 0, 1, 2, 0]);
    expect(groupRowOf(groups[1]).slice(0, 4)).toEqual(['b', '1 of 2', '210.0', '+8.0']);
    expect(groupRowOf(groups[2]).slice(0, 4)).toEqual(['c', '0 of 1', '–', '–']);
  });

  test('tells recipes of one preset apart by their first runs', () => {
    const groups = groupsOf([run('a', 1, 'vse'), run('b', 2, 'vse'), run('c', 3, null)]);
    expect(groups.map(({ name }) => name)).toEqual(['vse', 'vse, b-run', 'c-run']);
  });
});

describe('a plan', () => {
  test('goes through all presets with one seed before the next', () => {
    const runs = plannedRuns('/out', ['a', 'b'], 2, ['--data', '/d', '--minutes', '30']);
    expect(runs.map(({ preset, seed }) => `${preset}${seed}`)).toEqual(['a0', 'b0', 'a1', 'b1']);
    expect(runs[3]).toMatchObject({
      folder: '/out/runs/b-seed1',
      command: 'train --preset b --seed 1 --run /out/runs/b-seed1 --data /d --minutes 30'.split(' '),
    });
  });

  test('remembers what is done, takes in what is new, and refuses another command for what was begun', async () => {
    const report = temporaryFolder();
    const planned = plannedRuns(report, ['a'], 2, ['--data', '/d']);
    const state = await openPlan(report, planned);
    expect(existsSync(join(report, 'plan.json'))).toBe(false);
    await settleRun(report, state, { ...state.runs[0], ended: 'time' });
    const more = await openPlan(report, plannedRuns(report, ['a', 'b'], 2, ['--data', '/d']));
    expect(more.runs.map(({ ended }) => ended)).toEqual(['time', null, null, null]);
    const other = openPlan(report, plannedRuns(report, ['a'], 1, ['--data', '/e']));
    await expect(other).rejects.toMatchObject({ code: 'DIPTYCH_COMPARE_CHANGED' });
    // A run that never began can still be asked for otherwise; one that is not asked for is not forgotten.
    const changed = await openPlan(report, plannedRuns(report, ['a'], 2, ['--data', '/e']).slice(1));
    expect(changed.runs.map(({ command, ended }) => [command.at(-1), ended])).toEqual([
      ['/e', null],
      ['/d', 'time'],
    ]);
    expect(JSON.parse(readFileSync(join(report, 'plan.json'), 'utf8')).runs).toHaveLength(2);
  });
});

/** @file Comparisons that train: stopped in the middle, gone on with, with a run that fails among them. */
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { comparisonSchema, minutesOf } from '../config/comparison-options.ts';
import { settle, valuesOf } from '../config/resolve.ts';
import { silent } from '../system/progress.ts';
import { diptych } from '../testing/diptych.ts';
import { drawTinyScenes, tinyOptions } from '../testing/scenes.ts';
import { trainPlan } from './comparing.ts';

const folder = mkdtempSync(join(tmpdir(), 'diptych-comparing-'));
const data = join(folder, 'scenes');
const report = join(folder, 'report');
const shared = Object.entries(tinyOptions).map(([name, value]) => `${name}=${value}`);
beforeAll(() => drawTinyScenes(data), 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** As `settle` reads the flags of the command. */
function asked(flags: Record<string, string>) {
  const { settings } = settle(comparisonSchema, {
    flags: { 'comparison.report': report, 'comparison.data': data, ...flags },
  });
  return valuesOf(comparisonSchema, settings).comparison;
}

test('budgets', () => {
  expect(['45s', '30m', '1.5h', '2'].map(minutesOf)).toEqual([0.75, 30, 90, 2]);
  expect(() => asked({ 'comparison.budget': 'soon' })).toThrow('expected duration');
});

test('what cannot be trained is refused before anything is', async () => {
  const surroundings = { print() {}, progress: silent, signal: new AbortController().signal, async onRun() {} };
  const refused = (flags: Record<string, string>) => trainPlan(asked(flags), surroundings);
  await expect(refused({ 'comparison.presets': 'vse++,vse+' })).rejects.toMatchObject({
    code: 'DIPTYCH_PRESET_UNKNOWN',
  });
  const misspelt = refused({ 'comparison.presets': 'vse++', 'comparison.with': 'epoch=3' });
  await expect(misspelt).rejects.toMatchObject({ code: 'DIPTYCH_CONFIG_KEY' });
  const illegal = refused({ 'comparison.presets': 'vse++', 'comparison.with': 'epochs=none' });
  await expect(illegal).rejects.toMatchObject({ code: 'DIPTYCH_CONFIG_VALUE' });
});

test('a comparison that is stopped goes on, keeps what is finished, and tells what is not', async () => {
  const controller = new AbortController();
  const flags = { 'comparison.presets': 'vse++', 'comparison.seeds': '2', 'comparison.with': JSON.stringify(shared) };
  const lines: string[] = [];
  const begun: number[] = [];
  let second = false;
  const stopped = await trainPlan(asked(flags), {
    print: (line) => {
      lines.push(line);
      second ||= line.includes('run 2 of 2');
    },
    progress: { ...silent, update: () => second && controller.abort(new Error('SIGTERM')) },
    signal: controller.signal,
    onRun: async (folders) => void begun.push(folders.length),
  });
  expect(begun).toEqual([1, 2]);
  expect(stopped.exit).not.toBe(0);
  expect(stopped.remarks).toEqual(['Not done yet: vse++, seed 1.', 'The same command goes on with these.']);
  const first = join(report, 'runs', 'vse++-seed0', 'run.json');
  const { mtimeMs } = statSync(first);

  const words = ['compare', '--presets', 'vse++', '--seeds', '2', '--data', data, '--report', report];
  const ran = await diptych([...words, ...shared.flatMap((one) => ['--with', one]), '--json']);
  expect(ran).toMatchObject({ code: 0 });
  const { groups, remarks } = JSON.parse(ran.stdout);
  expect(groups).toMatchObject([
    { name: 'vse++', positions: [0, 1], reached: { runs: 2, rsum: { deviation: expect.any(Number) } } },
  ]);
  expect(remarks).toEqual([]);
  expect(statSync(first).mtimeMs).toBe(mtimeMs);
  const page = readFileSync(join(report, 'compare.md'), 'utf8');
  expect(page).toContain('## Over seeds');
  expect(page).toContain(
    `diptych train --preset vse++ --seed 1 --run ${join(report, 'runs', 'vse++-seed1')} --data ${data}`,
  );
}, 240_000);

test('a run that fails does not stop the others, and minutes end a run', async () => {
  const own = join(folder, 'other');
  const flags = {
    'comparison.report': own,
    'comparison.presets': 'vse++,vse-infonce',
    'comparison.budget': '0.5s',
    // The first preset has a loss that needs no temperature; epochs are far more than half a second has.
    'comparison.with': JSON.stringify([...shared, 'epochs=10000', 'evaluate-every=10000']),
  };
  const lines: string[] = [];
  const surroundings = {
    print: (line: string) => void lines.push(line),
    progress: silent,
    signal: new AbortController().signal,
    async onRun() {},
  };
  const done = await trainPlan(asked(flags), surroundings);
  expect(done).toMatchObject({ exit: 0, remarks: [] });
  expect(lines.filter((line) => line.startsWith('time: '))).toHaveLength(2);
  rmSync(join(own, 'plan.json'));
  rmSync(join(own, 'runs', 'vse++-seed0', 'tokens.json'), { force: true });
  rmSync(join(own, 'runs', 'vse++-seed0', 'run.json'));
  const moved = await trainPlan(asked({ ...flags, 'comparison.data': join(folder, 'nowhere') }), surroundings);
  expect(moved.remarks[0]).toMatch(/^Failed: vse\+\+, seed 0: .*nowhere/);
  expect(moved.remarks).toHaveLength(3);
}, 240_000);

import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { verb as compare } from '../../cli/verbs/compare.ts';
import { verb as train } from '../../cli/verbs/train.ts';
import { drawTinyScenes, tinyOptions } from '../../testing/scenes.ts';
import { callVerb } from '../../testing/verb.ts';
import { logPaths } from '../../training/logs/logs.ts';
import { scaleOf } from './axes.ts';
import { letterOf } from './compare.ts';
import { relative } from './curves-plot.ts';
import { durationText } from './table.ts';

const folder = mkdtempSync(join(tmpdir(), 'diptych-compare-'));
const at = (name: string): string => join(folder, name);
type Trained = { best: { step: number; rsum: number }; seconds: number };
let trained: Trained;

beforeAll(async () => {
  const options = { ...tinyOptions, 'data.path': await drawTinyScenes(at('scenes')), 'run.directory': at('one') };
  trained = (await callVerb(train, [], options)).json as Trained;
  cpSync(at('one'), at('two'), { recursive: true });
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Changes the record of a run. */
function edit(
  run: string,
  change: (record: { data: Record<string, string>; sessions: { command: string[] }[] }) => void,
): void {
  const path = join(at(run), 'run.json');
  const record = JSON.parse(readFileSync(path, 'utf8'));
  change(record);
  writeFileSync(path, JSON.stringify(record));
}

test('each run is a row with what it reached and cost, its command below', async () => {
  edit('one', ({ sessions: [first] }) => {
    first.command = ['train', '--data', 'my photos'];
  });
  const { lines, json } = await callVerb(compare, [at('one'), at('two')]);
  const { runs, remarks } = json as { runs: Record<string, never>[]; remarks: string[] };
  expect(remarks).toEqual([]);
  expect(runs).toMatchObject([
    { name: 'one', folder: at('one'), steps: 30, length: 30, epochs: 2, seed: 0, testRuns: 0, best: trained.best },
    { name: 'two', preset: null, device: 'cpu' },
  ]);
  expect(runs[0].parameters).toBeGreaterThan(1000);
  const row = lines.split('\n').find((line) => line.startsWith('| A |'))!;
  expect(row).toContain(`| one | – | ${trained.best.rsum.toFixed(1)} |`);
  expect(lines).toContain(`Highest mean rSum on the validation split: one (A, B).`);
  expect(lines).toContain("\n    diptych train --data 'my photos'\n");
});

test('the page needs nothing else, and holds curves, bars and commands; the JSON has the curves', async () => {
  await callVerb(compare, [at('one'), at('two')], { 'comparison.report': at('report') });
  const html = readFileSync(join(at('report'), 'compare.html'), 'utf8');
  expect(html).not.toMatch(/<script|<link|src=|url\(|https?:/);
  expect(html.match(/<polyline class="run r[01]"/g)).toHaveLength(4);
  expect(html.match(/<polyline class="run r0"/g)).toHaveLength(4);
  // Both are of one recipe: six bars, each with its spread.
  expect(html.match(/<rect class="bar r0"/g)).toHaveLength(6);
  expect(html.match(/<line class="spread"/g)).toHaveLength(6 + 2);
  expect(html).not.toContain('NaN');
  const { runs } = JSON.parse(readFileSync(join(at('report'), 'compare.json'), 'utf8'));
  expect(runs[0].curves.rsum).toHaveLength(2);
  expect(runs[0].curves.loss.at(-1)[0]).toBe(2);
});

test('other data, an unfinished run and a second test run are remarked on; a torn log line is passed over', async () => {
  edit('two', (record) => {
    record.data = { 'data set demo': 'other' };
  });
  const metrics = join(at('two'), logPaths.metrics);
  const kept = readFileSync(metrics, 'utf8').split('\n').slice(0, 3);
  writeFileSync(metrics, `${kept.join('\n')}\n{"kind":"train","st`);
  const test = { time: '', splitHash: '', checkpoint: '', result: { rsum: 77 } };
  appendFileSync(join(at('two'), 'test-runs.jsonl'), `${JSON.stringify(test)}\n`.repeat(2));
  const { lines, json } = await callVerb(compare, [at('one'), at('two')]);
  expect((json as { remarks: string[] }).remarks).toEqual([
    'The runs saw different data: their recalls must not be compared.',
    'Not at its end (under way, stopped, or stopped early): B.',
    'Evaluated on test more than once, the last time counts here: B.',
  ]);
  expect(lines).toContain('| 77.0 |');
});

test('a run before its first evaluation has a row of dashes', async () => {
  cpSync(at('one'), at('fresh'), { recursive: true });
  writeFileSync(join(at('fresh'), logPaths.metrics), '');
  rmSync(join(at('fresh'), logPaths.timings));
  const flags = { 'comparison.report': at('fresh-report') };
  const { lines } = await callVerb(compare, [at('fresh')], flags);
  expect(lines).toContain('| A | fresh | – | – |');
  expect(readFileSync(join(at('fresh-report'), 'compare.html'), 'utf8')).toContain('Nothing was logged yet.');
});

test('what is no run, and a run named twice, are refused', async () => {
  await expect(callVerb(compare, [at('scenes')])).rejects.toMatchObject({ code: 'DIPTYCH_RUN_MISSING' });
  const twice = callVerb(compare, [at('one'), join(at('one'), '.')]);
  await expect(twice).rejects.toMatchObject({ code: 'DIPTYCH_COMPARE_DUPLICATE' });
});

test('scales begin and end at round numbers around all others', () => {
  expect(scaleOf([47.5, 225.8], false).ticks).toEqual([0, 50, 100, 150, 200, 250]);
  expect(scaleOf([3], true).ticks).toEqual([0, 1, 2, 3]);
  const numbers = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(numbers, (values) => {
      const { from, to, ticks } = scaleOf(values, false);
      const slack = 1e-9 * Math.max(1, ...values.map(Math.abs));
      expect(from).toBeLessThanOrEqual(Math.min(...values) + slack);
      expect(to).toBeGreaterThanOrEqual(Math.max(...values) - slack);
      expect(ticks.length).toBeGreaterThan(1);
      expect(ticks.length).toBeLessThanOrEqual(8);
    }),
  );
});

test('small words', () => {
  expect([0, 25, 26, 53].map(letterOf)).toEqual(['A', 'Z', 'A2', 'B3']);
  expect([12.4, 89, 90, 5399, 5400].map(durationText)).toEqual(['12 s', '89 s', '2 min', '90 min', '1.5 h']);
  expect(
    relative([
      [0, 4],
      [1, 1],
    ]),
  ).toEqual([
    [0, 1],
    [1, 0.25],
  ]);
});

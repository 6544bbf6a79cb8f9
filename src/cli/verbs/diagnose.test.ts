import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { drawTinyScenes, tinyOptions } from '../../testing/scenes.ts';
import { callVerb } from '../../testing/verb.ts';
import type { Diagnosis } from '../../trained/diagnosis/diagnose.ts';
import { verb as diagnose } from './diagnose.ts';
import { verb as train } from './train.ts';

const folder = mkdtempSync(join(tmpdir(), 'diptych-diagnose-'));
const run = join(folder, 'run');

beforeAll(async () => {
  const data = await drawTinyScenes(join(folder, 'scenes'));
  await callVerb(train, [], { ...tinyOptions, 'data.path': data, 'run.directory': run });
}, 240_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a run is looked at: figures in words, as JSON, and as a page with the hubs as pictures', async () => {
  const report = join(folder, 'report');
  const flags = { 'diagnosis.report': report, 'diagnosis.neighbours': '5', 'machine.threads': '1' };
  const { lines, json } = await callVerb(diagnose, [run], flags);
  const found = json as Diagnosis;
  expect(found).toMatchObject({ split: 'val', images: 12, captions: 60 });
  expect(found.spectrum.images.dimension).toBe(32);
  expect(found.spectrum.images.effectiveRank).toBeGreaterThan(1);
  expect(found.spectrum.images.effectiveRank).toBeLessThanOrEqual(12);
  const { images, captions } = found.hubness;
  expect(images.sorted.reduce((a, b) => a + b)).toBe(60 * 5);
  expect(captions.sorted.reduce((a, b) => a + b)).toBe(12 * 5);
  expect(found.objectives[0].points.length).toBeGreaterThan(5);
  expect(lines).toContain(`separation of matched and random pairs: ${found.similarities.separation.toFixed(3)}\n`);
  const page = readFileSync(join(report, 'diagnosis.html'), 'utf8');
  expect(page.match(/data:image\/jpeg/g)).toHaveLength(12);
  expect(page.match(/<svg/g)).toHaveLength(4);
  expect(page).not.toMatch(/<script|<link|NaN|https?:/);
  expect(JSON.parse(readFileSync(join(report, 'diagnosis.json'), 'utf8'))).toEqual(JSON.parse(JSON.stringify(found)));
}, 120_000);

test('the test split is not looked at', async () => {
  const refused = callVerb(diagnose, [run], { 'diagnosis.split': 'test' });
  await expect(refused).rejects.toMatchObject({ code: 'DIPTYCH_EVALUATION_TEST_SELECTION' });
});

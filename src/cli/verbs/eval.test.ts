import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { exportBundle } from '../../bundle/export.ts';
import { readDataset } from '../../data/dataset.ts';
import type { RelevanceAgreement } from '../../evaluation/graded.ts';
import { readTestRuns } from '../../evaluation/guard.ts';
import { writeNpy } from '../../files/npy.ts';
import { drawTinyScenes, gridOptions, tinyOptions, writeDrawnFeatures } from '../../testing/scenes.ts';
import { callVerb } from '../../testing/verb.ts';
import { verb as evaluation } from './eval.ts';
import { verb as train } from './train.ts';

const folder = mkdtempSync(join(tmpdir(), 'diptych-eval-'));
const at = (name: string): string => join(folder, name);
/** Milliseconds that two small runs may take on a busy machine. */
const PREPARING = 120_000;
type Trained = { best: { step: number; rsum: number } };
let pixels: Trained;
let grid: Trained;

beforeAll(async () => {
  await drawTinyScenes(at('scenes'));
  const { images } = await readDataset(at('scenes'));
  const ids = images.map(({ id }) => id);
  await writeDrawnFeatures(at('features.npy'), ids, [4, 6]);
  await writeDrawnFeatures(at('other.npy'), ids, [4, 5]);
  const shared = { ...tinyOptions, 'data.path': at('scenes') };
  const options = { ...shared, ...gridOptions, 'features.file': at('features.npy'), 'run.directory': at('grid') };
  pixels = (await callVerb(train, [], { ...shared, 'run.directory': at('pixels') })).json as Trained;
  grid = (await callVerb(train, [], options)).json as Trained;
}, PREPARING);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const evaluate = async (model: string, flags: Record<string, string> = {}) => {
  const options = { 'evaluation.resamples': '20', 'machine.threads': '1', ...flags };
  const { json, lines } = await callVerb(evaluation, [at(model)], options);
  return { result: json as Record<string, never>, lines };
};

test.each([
  ['pixels', () => pixels],
  ['grid', () => grid],
])('a run over %s is evaluated by its best checkpoint, as in training', async (model, trained) => {
  const { result, lines } = await evaluate(model);
  const recalls = { r1: expect.any(Number), r5: expect.any(Number), r10: expect.any(Number) };
  const direction = { ...recalls, medianRank: expect.any(Number), meanRank: expect.any(Number) };
  expect(result).toMatchObject({
    split: 'val',
    images: 12,
    captions: 60,
    imageToText: direction,
    textToImage: direction,
    rsum: trained().best.rsum,
    ties: { rule: 'pessimistic', optimistic: { rsum: expect.any(Number) } },
    protocol: { selectedOn: 'val', seeds: [0], members: 1, checkpoint: expect.stringMatching(/^[0-9a-f]{64}$/) },
  });
  expect(lines).toContain(`${model}, step ${trained().best.step} on val: 12 images, 60 captions`);
  expect(await readTestRuns(at(model))).toEqual([]);
});

test('features of another form, another split, and what is no model are refused', async () => {
  const codes = await Promise.all(
    [
      evaluate('grid', { 'features.file': at('other.npy') }),
      evaluate('grid', { 'evaluation.split': 'dev' }),
      evaluate('scenes'),
      evaluate('grid', { 'evaluation.checkpoint': '7' }),
    ].map((work) =>
      work.then(
        () => 'none',
        ({ code }) => code,
      ),
    ),
  );
  expect(codes).toEqual([
    'DIPTYCH_MODEL_FEATURES',
    'DIPTYCH_TRAINING_SPLIT',
    'DIPTYCH_MODEL_UNKNOWN',
    'DIPTYCH_CHECKPOINT_MISSING',
  ]);
});

test('test runs are counted, also those of an ensemble; the mean with itself changes nothing', async () => {
  const flags = { 'evaluation.split': 'test' };
  const first = await evaluate('pixels', flags);
  expect(first.lines).toContain('test run number 1 of this model');
  const both = await evaluate('pixels', { ...flags, 'evaluation.ensemble': `${at('grid')},${at('pixels')}` });
  expect(both.result).toMatchObject({ protocol: { members: 3, testRun: 3 } });
  expect(await readTestRuns(at('pixels'))).toMatchObject([{ result: { members: 1 } }, { result: { members: 3 } }, {}]);
  expect(await readTestRuns(at('grid'))).toHaveLength(1);
  const itself = await evaluate('pixels', { 'evaluation.ensemble': at('pixels') });
  expect(itself.result).toMatchObject({ rsum: pixels.best.rsum, protocol: { members: 2 } });
});

test('folds and judgements', async () => {
  const rows = [0, 1, 2, 3].map((i) => `test-0000${i}.png\ttest-0000${i + 1}.png#2\t${i / 3}\t${i}\t${3 - i}`);
  writeFileSync(at('crowd.txt'), [...rows, 'gone.png\tgone.png#2\t0\t0\t3', ''].join('\n'));
  const flags = { 'evaluation.split': 'test', 'evaluation.judgements': at('crowd.txt'), 'evaluation.folds': '2' };
  const { result, lines } = await evaluate('grid', flags);
  expect(result.judgements).toMatchObject({
    tauB: expect.any(Number),
    tauC: expect.any(Number),
    pairs: 4,
    quarantined: 1,
  });
  expect(result.folds).toMatchObject([{ images: 6 }, { images: 6 }]);
  expect(lines).toContain('over 4 pairs');
});

test('a report shows pictures, of runs over features too', async () => {
  await evaluate('grid', { 'evaluation.report': at('report') });
  const html = readFileSync(join(at('report'), 'report.html'), 'utf8');
  expect(html).toContain('data:image/jpeg');
  expect(existsSync(join(at('report'), 'report.md'))).toBe(true);
  expect(JSON.parse(readFileSync(join(at('report'), 'report.json'), 'utf8'))).toMatchObject({ rsum: grid.best.rsum });
});

test.each([
  ['pixels', () => pixels, {}],
  ['grid', () => grid, { 'features.file': at('features.npy') }],
])('a bundle of a run over %s gives the recalls of the run', async (model, trained, flags) => {
  const out = at(`${model}-bundle`);
  await exportBundle({ run: at(model), out, dataset: undefined });
  const { result } = await evaluate(`${model}-bundle`, { 'data.path': at('scenes'), ...flags });
  expect(Math.abs(result.rsum - trained().best.rsum)).toBeLessThan(5);
  await expect(evaluate(`${model}-bundle`)).rejects.toMatchObject({ code: 'DIPTYCH_CONFIG_REQUIRED' });
});

test('the agreement with relevance is told where it is asked for', async () => {
  const { result, lines } = await evaluate('pixels', { 'evaluation.relevance': 'tfidf' });
  const { tau, imageToText, textToImage } = result.relevance as RelevanceAgreement;
  expect(Math.abs(tau!)).toBeLessThanOrEqual(1);
  expect(imageToText.anchors + textToImage.anchors).toBeGreaterThan(12);
  expect(lines).toContain(`relevance: tau-b ${tau!.toFixed(3)}`);
  // 60 captions are candidates of images, 12 images of captions.
  expect([imageToText, textToImage].map(({ tauAt }) => Object.keys(tauAt))).toEqual([['50'], []]);
  expect(lines).toContain(
    `image to text: tau-b ${imageToText.tau!.toFixed(3)}, Tau@50 ${imageToText.tauAt[50]!.toFixed(3)}, NCS@1`,
  );
  expect(lines).toContain(`NCS@10 ${textToImage.ncsAt[10]!.toFixed(3)}`);
});

test('relevance that lies in a file is read from it, and no other asks for one', async () => {
  const { images } = await readDataset(at('scenes'));
  const file = at('pictures.npy');
  const shown = images.filter(({ split }) => split === 'val').length;
  await writeNpy(file, {
    dtype: 'float32',
    shape: [shown, 2],
    data: Float32Array.from({ length: 2 * shown }, (_, i) => Math.cos(i)),
  });
  const { result } = await evaluate('pixels', { 'evaluation.relevance': 'images', 'evaluation.relevanceFile': file });
  expect(result.relevance).toMatchObject({ tau: expect.any(Number) });
  const refused = { code: 'DIPTYCH_CONFIG_RULE' };
  const needless = { 'evaluation.relevance': 'cider', 'evaluation.relevanceFile': file };
  await expect(evaluate('pixels', needless)).rejects.toMatchObject(refused);
  await expect(evaluate('pixels', { 'evaluation.relevance': 'words' })).rejects.toMatchObject(refused);
});

test('a weight of the concept branch is refused where there is none', async () => {
  const asked = evaluate('pixels', { 'evaluation.beta': '0.5' });
  await expect(asked).rejects.toMatchObject({ code: 'DIPTYCH_CODER_BETA' });
});

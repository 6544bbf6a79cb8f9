import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isDiptychError } from '../errors/error.ts';
import { madeUp } from '../testing/embeddings.ts';
import { temporaryFolder } from '../testing/temporary.ts';
import { readTestRuns, recordTestRun, refuseTest, testRunsFile } from './guard.ts';
import { evaluate } from './protocols.ts';
import { embeddingScores } from './scores.ts';

const { relation, embeddings } = madeUp([5, 5, 5, 5], 3, 1, 1);
const { result } = await evaluate(embeddingScores(embeddings), relation, {
  split: 'test',
  facts: { featureSource: 'made up' },
  bootstrap: false,
});

test.each(['test', 'TEST', ' test '])('selection on %j is refused', (split) => {
  try {
    refuseTest(split, 'choosing the best checkpoint');
    expect.unreachable();
  } catch (error) {
    expect(isDiptychError(error, 'DIPTYCH_EVALUATION_TEST_SELECTION')).toBe(true);
    expect(String(error)).toContain('choosing the best checkpoint');
  }
});

test.each(['val', 'train', 'restval', 'all'])('%s may select', (split) => {
  refuseTest(split, 'early stopping');
});

test('test runs are appended, one line each, with time, split, checkpoint and result', async () => {
  const run = temporaryFolder();
  expect(await readTestRuns(run)).toEqual([]);
  expect(await recordTestRun(run, result, 'abc', new Date('2026-01-02T03:04:05Z'))).toBe(1);
  expect(await recordTestRun(run, result, 'def')).toBe(2);
  const [first, second] = await readTestRuns(run);
  const { imageToText, textToImage, rsum, protocol } = result;
  expect(first).toEqual({
    time: '2026-01-02T03:04:05.000Z',
    splitHash: protocol.splitHash,
    checkpoint: 'abc',
    result: { rsum, imageToText, textToImage, folds: 1, members: 1 },
  });
  expect(second.checkpoint).toBe('def');
  expect(Math.abs(Date.parse(second.time) - Date.now())).toBeLessThan(60_000);
  const lines = readFileSync(join(run, testRunsFile), 'utf8').split('\n');
  expect(lines.map((line) => line.length > 0)).toEqual([true, true, false]);
});

test('a line torn by a crash takes no other line with it', async () => {
  const run = temporaryFolder();
  await recordTestRun(run, result, 'abc');
  appendFileSync(join(run, testRunsFile), '{"time":"2026-01-');
  expect(await recordTestRun(run, result, 'def')).toBe(2);
  expect((await readTestRuns(run)).map((row) => row.checkpoint)).toEqual(['abc', 'def']);
});

test('a record that cannot be written or read is an error, not a run that goes unrecorded', async () => {
  const run = temporaryFolder();
  mkdirSync(join(run, testRunsFile));
  const written = await recordTestRun(run, result, 'abc').catch((error: unknown) => error);
  expect(isDiptychError(written, 'DIPTYCH_FILE_UNWRITABLE')).toBe(true);
  const read = await readTestRuns(run).catch((error: unknown) => error);
  expect(isDiptychError(read, 'DIPTYCH_FILE_UNREADABLE')).toBe(true);
  const file = join(run, 'file');
  writeFileSync(file, '');
  const inside = await recordTestRun(file, result, 'abc').catch((error: unknown) => error);
  expect(isDiptychError(inside, 'DIPTYCH_FILE_UNWRITABLE')).toBe(true);
});

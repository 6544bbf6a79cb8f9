import { appendFileSync, mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../testing/temporary.ts';
import { beginning, parsePlace, printPlace, readSince } from './follow.ts';

const line = (kind: string, step: number): string => `${JSON.stringify({ kind, step, epoch: 0, loss: 1 })}\n`;

test('whole records come once, torn ones when they are whole, both logs together', async () => {
  const run = temporaryFolder();
  expect(await readSince(run, beginning)).toEqual({ place: beginning, records: [], reset: false });
  const metrics = join(run, 'metrics.jsonl');
  writeFileSync(metrics, line('train', 1) + line('train', 2).slice(0, 20));
  writeFileSync(join(run, 'timings.jsonl'), line('timing', 1));
  const first = await readSince(run, beginning);
  expect(first.records.map(({ kind, step }) => [kind, step])).toEqual([
    ['train', 1],
    ['timing', 1],
  ]);
  expect((await readSince(run, first.place)).records).toEqual([]);
  appendFileSync(metrics, `${line('train', 2).slice(20)}${line('evaluation', 2)}no JSON\n{"kind":"train"}\n`);
  const second = await readSince(run, first.place);
  expect(second.records.map(({ kind }) => kind)).toEqual(['train', 'evaluation']);
  expect(second.reset).toBe(false);
});

test('a log that was cut back begins again', async () => {
  const run = temporaryFolder();
  const metrics = join(run, 'metrics.jsonl');
  writeFileSync(metrics, line('train', 1) + line('train', 2));
  const { place } = await readSince(run, beginning);
  truncateSync(metrics, line('train', 1).length);
  const again = await readSince(run, place);
  expect(again).toMatchObject({ reset: true, place: { metrics: line('train', 1).length } });
  expect(again.records).toHaveLength(1);
});

test('places are read back from ids of events, whatever those are', () => {
  fc.assert(
    fc.property(fc.nat(), fc.nat(), (metrics, timings) => {
      expect(parsePlace(printPlace({ metrics, timings }))).toEqual({ metrics, timings });
    }),
  );
  fc.assert(fc.property(fc.string(), (text) => Number.isFinite(parsePlace(text).metrics)));
  expect(parsePlace(undefined)).toEqual(beginning);
});

test('a folder where a log should be is no log', async () => {
  const run = temporaryFolder();
  mkdirSync(join(run, 'metrics.jsonl'));
  await expect(readSince(run, beginning)).rejects.toThrow();
});

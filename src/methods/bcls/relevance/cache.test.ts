import { readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { SentenceEncoder } from '../../../encoders/pretrained/sentence-encoder.ts';
import { type Progress, silent } from '../../../system/progress.ts';
import { temporaryFolder } from '../../../testing/temporary.ts';
import { cachedSentenceVectors } from './cache.ts';
import { openRelevance } from './open.ts';
import { matrixOf, photos, range } from './testing/photos.ts';

describe('cache', () => {
  const noting = () => {
    const notes: string[] = [];
    const progress: Progress = { ...silent, note: (line) => void notes.push(line) };
    return { notes, progress };
  };
  const source = (cache: string) => ({ kind: 'cider', aggregate: 'max', cache }) as const;
  const cacheFile = (folder: string) => {
    const names = readdirSync(folder);
    expect(names).toHaveLength(1);
    return join(folder, names[0]);
  };

  test('is read, not written again, and gives the same numbers', async () => {
    const folder = join(temporaryFolder(), 'cache');
    const counted = await matrixOf(source(folder), photos);
    const file = cacheFile(folder);
    utimesSync(file, 1, 1);
    expect(await matrixOf(source(folder), photos)).toEqual(counted);
    expect(statSync(file).mtimeMs).toBe(1000);
  });

  test('a damaged one is made again, with a note', async () => {
    const folder = temporaryFolder();
    const counted = await matrixOf(source(folder), photos);
    writeFileSync(cacheFile(folder), 'damaged');
    const { notes, progress } = noting();
    await openRelevance(source(folder), { images: photos, all: photos }, progress);
    expect(notes.join()).toContain('made again');
    expect(await matrixOf(source(folder), photos)).toEqual(counted);
  });

  test('one that cannot be written is a note', async () => {
    const folder = join(temporaryFolder(), 'taken');
    writeFileSync(folder, 'a file');
    const { notes, progress } = noting();
    await openRelevance(source(join(folder, 'below')), { images: photos, all: photos }, progress);
    expect(notes.join()).toContain('not cached');
  });
});

test('vectors of an encoder are made once, and a cache changes no number', async () => {
  let calls = 0;
  const letters: SentenceEncoder = {
    dimension: 26,
    fingerprint: 'a'.repeat(64),
    encode: async (texts) => {
      calls++;
      return Float32Array.from(
        texts.flatMap((text) => range(26).map((k) => text.split(String.fromCharCode(97 + k)).length / 3)),
      );
    },
    close: async () => {},
  };
  const folder = temporaryFolder();
  const vectors = (images = photos, cache: string | undefined = folder) =>
    cachedSentenceVectors(images, letters, cache, silent);
  const made = await vectors();
  expect(await vectors()).toEqual(made);
  expect(calls).toBe(1);
  expect(await cachedSentenceVectors(photos, letters, undefined, silent)).toEqual(made);
  await vectors(photos.slice(1));
  expect([calls, readdirSync(folder).length]).toEqual([3, 2]);
});

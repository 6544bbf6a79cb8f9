/** @file A served bundle: its vectors, its batches, what it remembers, and that none of it runs where one asks. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bundle, openBundle } from '../bundle/open.ts';
import { EmbeddingCache } from './cache.ts';
import { batchSizes, openedPools, servedBundle, signalTo, until } from './testing/bundle.ts';

const served = servedBundle();
const open = openedPools();
let bundle: Bundle;
const texts = [
  'a red circle',
  'two squares on a blue ground',
  'a',
  'a small green triangle left of a large red circle',
];
const withoutCache = { cacheBytes: 0 } as const;

beforeAll(async () => {
  bundle = await openBundle(served().folder, { threads: 1 });
});
afterAll(() => bundle.close());

/** Largest difference of two vectors. */
function apart(a: Float32Array, b: Float32Array): number {
  return a.reduce((most, x, i) => Math.max(most, Math.abs(x - b[i])), Math.abs(a.length - b.length));
}

describe('vectors', () => {
  test('are those of the bundle in this process, to the bit', async () => {
    const { pool } = await open(served().folder, withoutCache);
    expect(pool).toMatchObject({ fingerprint: bundle.fingerprint, dimension: 32, takesPictures: true });
    expect(await pool.encodeTexts(texts)).toEqual(await bundle.encodeTexts(texts));
    for (const text of texts) expect(await pool.encodeTexts([text])).toEqual(await bundle.encodeTexts([text]));
    const bytes = served()
      .pictures.slice(0, 6)
      .map((path) => new Uint8Array(readFileSync(path)));
    expect(await pool.encodePictures(bytes)).toEqual(await bundle.encodeImages(bytes));
    expect(await pool.encodeTexts([])).toEqual([]);
    expect(await pool.encodePictures([])).toEqual([]);
  });

  test('come for the other pictures where one is none, cut off, or too large', async () => {
    const { pool } = await open(served().folder);
    const good = new Uint8Array(readFileSync(served().pictures[0]));
    const [vector] = (await bundle.encodeImages([good])) as Float32Array[];
    const sources = [good, new Uint8Array([1, 2, 3]), good.subarray(0, 60), new Uint8Array(), good];
    const results = await pool.encodePictures(sources);
    const wrong = { error: expect.any(String) };
    expect(results).toEqual([vector, wrong, wrong, { error: 'an empty file' }, vector]);
    expect(await pool.encodePictures([good], { maxPixels: 40 * 40 })).toEqual([vector]);
    const tooLarge = { what: 'pixels', size: 1600, limit: 1599 };
    const tooMany = [{ error: '1600 pixels are too many', tooLarge }];
    expect(await pool.encodePictures([good], { maxPixels: 40 * 40 - 1 })).toEqual(tooMany);
    expect(pool.state().pictures).toMatchObject({ status: 'ready', deaths: 0 });
  });

  test('are made in other processes: ONNX Runtime is not even loaded here', () => {
    const script = `
      import { EncoderPool } from ${JSON.stringify(new URL('./encoder-pool.ts', import.meta.url).href)};
      const pool = await EncoderPool.start(${JSON.stringify(served().folder)});
      await pool.encodeTexts(['a red circle']);
      await pool.encodePictures([${JSON.stringify(served().pictures[0])}]);
      await pool.close();
      console.log(JSON.stringify(process.report.getReport().sharedObjects.filter((path) => /onnx|sharp|vips/.test(path))));`;
    const output = execFileSync(process.execPath, ['--import', 'tsx/esm', '--input-type=module', '--eval', script], {
      encoding: 'utf8',
    });
    expect(JSON.parse(output)).toEqual([]);
  });
});

describe('batches', () => {
  test('hold what came while the process computed; equal texts are one', async () => {
    const { pool, events } = await open(served().folder, withoutCache);
    await pool.preload('texts');
    signalTo(pool, 'SIGSTOP');
    const first = pool.encodeTexts(['a']);
    await until(() => pool.state().texts.working === 1);
    const others = [...texts, ...texts, 'a'].map((text) => pool.encodeTexts([text]));
    const together = pool.encodeTexts(['a blue square', 'a red circle']);
    // Of the four texts one is being encoded already.
    expect(pool.state().texts.queued).toBe(4);
    signalTo(pool, 'SIGCONT');
    const vectors = (await Promise.all([first, ...others, together])).flat();
    expect(batchSizes(events)).toEqual([1, 4]);
    const expected = await bundle.encodeTexts(['a', ...texts, ...texts, 'a', 'a blue square', 'a red circle']);
    vectors.forEach((vector, i) => {
      expect(apart(vector, expected[i])).toBeLessThan(1e-6);
    });
    const joined = events.flatMap((event) => (event.kind === 'lookup' ? [event.joined] : []));
    expect(joined.reduce((sum, count) => sum + count)).toBe(1 + 4 + 1 + 1);
  });

  test('are no larger than asked, and pictures have their own process', async () => {
    const { pool, events } = await open(served().folder, { ...withoutCache, maxBatch: 3 });
    await Promise.all([
      pool.encodeTexts(Array.from({ length: 8 }, (_, i) => `circle ${i}`)),
      pool.encodePictures(served().pictures.slice(0, 9)),
    ]);
    expect(batchSizes(events)).toEqual([3, 3, 2]);
    expect(batchSizes(events, 'pictures')).toEqual([8, 1]);
    const { texts: words, pictures } = pool.state();
    expect(words.pid).not.toBe(pictures.pid);
  });

  test('wait for others only where that was asked for', async () => {
    const { pool, events } = await open(served().folder, { ...withoutCache, maxWaitMs: 100 });
    await pool.preload('texts');
    const one = pool.encodeTexts(['one']);
    await new Promise((resolve) => setTimeout(resolve, 20));
    await Promise.all([one, pool.encodeTexts(['two'])]);
    expect(batchSizes(events)).toEqual([2]);
  });
});

describe('what waits', () => {
  test('is bounded; what is given up leaves the queue, and what others wait for does not', async () => {
    const { pool, events } = await open(served().folder, { ...withoutCache, maxQueue: 3 });
    await pool.preload('texts');
    signalTo(pool, 'SIGSTOP');
    const first = pool.encodeTexts(['first']);
    await until(() => pool.state().texts.working === 1);
    const leaving = new AbortController();
    const left = pool.encodeTexts(['alone', 'shared'], { signal: leaving.signal });
    const stays = pool.encodeTexts(['shared']);
    const busy = pool.encodeTexts(['third', 'fourth', 'fifth']);
    await expect(busy).rejects.toMatchObject({ code: 'DIPTYCH_SERVING_BUSY', fields: { retrySeconds: 1 } });
    // A request that found no room for all of it left nothing behind.
    expect(pool.state().texts.queued).toBe(2);
    leaving.abort(new Error('gone'));
    await expect(left).rejects.toThrow('gone');
    expect(pool.state().texts.queued).toBe(1);
    signalTo(pool, 'SIGCONT');
    await Promise.all([first, stays]);
    expect(batchSizes(events)).toEqual([1, 1]);
    await expect(pool.encodeTexts(['x'], { signal: AbortSignal.abort(new Error('late')) })).rejects.toThrow('late');
  });

  test('counts in bytes where it is pictures', async () => {
    const picture = new Uint8Array(readFileSync(served().pictures[0]));
    const { pool } = await open(served().folder, { maxQueueBytes: 2.5 * picture.length });
    await expect(pool.encodePictures([picture, picture, picture])).rejects.toMatchObject({
      code: 'DIPTYCH_SERVING_BUSY',
    });
    expect(await pool.encodePictures([picture, picture])).toHaveLength(2);
    // Nothing is left over of what was refused or is done.
    expect(await pool.encodePictures([picture, picture])).toHaveLength(2);
  });
});

describe('what is remembered', () => {
  test('is not encoded again, and is a copy', async () => {
    const { pool, events } = await open(served().folder);
    const [vector] = await pool.encodeTexts(['a red circle']);
    const kept = vector.slice();
    vector.fill(0);
    expect(await pool.encodeTexts(['a red circle', 'a', 'a red circle'])).toEqual([kept, expect.anything(), kept]);
    expect(batchSizes(events)).toEqual([1, 1]);
    expect(events.filter(({ kind }) => kind === 'lookup')).toMatchObject([
      { remembered: 0, encoded: 1 },
      { remembered: 2, encoded: 1 },
    ]);
  });

  test('is bounded in bytes, and of one fingerprint', () => {
    const cache = new EmbeddingCache(100_000);
    for (let i = 0; i < 1000; i++) cache.set('f', `text ${i}`, new Float32Array(128));
    expect(cache.bytes).toBeLessThanOrEqual(100_000);
    expect(cache.bytes).toBeGreaterThan(90_000);
    expect(cache.get('f', 'text 999')).toHaveLength(128);
    expect(cache.get('f', 'text 0')).toBeUndefined();
    expect(cache.get('g', 'text 999')).toBeUndefined();
    const none = new EmbeddingCache(0);
    none.set('f', 'text', new Float32Array(1));
    expect(none.get('f', 'text')).toBeUndefined();
  });
});

import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { describe, expect, test } from 'vitest';
import { Random } from '../../random/random.ts';
import { temporaryFolder } from '../../testing/temporary.ts';
import { flat } from '../flat/flat-store.ts';
import { openIndex } from '../index-folder.ts';
import { createIndex } from '../manage.ts';
import { listSource } from '../source.ts';
import type { Row } from '../store.ts';
import { colourEncoder } from '../testing/encoder.ts';
import { Cells } from './cells.ts';
import { type DuplicateOptions, type DuplicateReport, findDuplicates } from './duplicates.ts';
import { Nearby } from './nearby.ts';
import { project } from './projection.ts';
import { suggestThreshold } from './threshold.ts';

/** Unit vectors in clusters, some of them near copies of one that comes before. */
function clustered(count: number, dimension: number, seed: number): Float32Array {
  const random = new Random('clustered', seed);
  const centres = Float64Array.from({ length: 6 * dimension }, () => random.normal());
  const vectors = new Float32Array(count * dimension);
  for (let row = 0; row < count; row++) {
    const copied = row > 0 && random.uniform() < 0.3 ? random.integer(row) : undefined;
    const centre = random.integer(6);
    for (let i = 0; i < dimension; i++) {
      const noise = random.normal();
      vectors[row * dimension + i] =
        copied === undefined ? centres[centre * dimension + i] + noise : vectors[copied * dimension + i] + 0.02 * noise;
    }
    const length = Math.hypot(...vectors.subarray(row * dimension, (row + 1) * dimension));
    for (let i = 0; i < dimension; i++) vectors[row * dimension + i] /= length;
  }
  return vectors;
}

/** The same sum in the same order as the kernel's. */
function product(vectors: Float32Array, dimension: number, a: number, b: number): number {
  let sum = 0;
  for (let i = 0; i < dimension; i++) sum += vectors[a * dimension + i] * vectors[b * dimension + i];
  return sum;
}

describe('bounds', () => {
  test.each([3, 40])('projections never bound a product below what it is (dimension %i)', (dimension) => {
    const vectors = clustered(120, dimension, 1);
    const { width, coordinates, rests } = project(vectors, dimension, 16);
    expect(width).toBe(Math.min(16, dimension));
    let tight = 0;
    for (let a = 0; a < 120; a++) {
      for (let b = 0; b < 120; b++) {
        const bound = product(coordinates, width, a, b) + rests[a] * rests[b];
        const exact = product(vectors, dimension, a, b);
        expect(bound).toBeGreaterThan(exact - 1e-6);
        if (bound < exact + 0.1) tight++;
      }
    }
    expect(tight).toBeGreaterThan(120);
  });

  test('cells that are passed over hold nothing near', () => {
    const vectors = clustered(300, 6, 2);
    const cells = new Cells(vectors, 6, 20);
    const home = Array.from({ length: 300 }, (_, row) => cells.locate(vectors, row));
    expect(new Set(home).size).toBeGreaterThan(10);
    let passed = 0;
    for (let a = 0; a < 300; a++) {
      const own = cells.locate(vectors, a);
      for (let b = 0; b < 300; b++) {
        if (cells.reaches(own, home[b], 0.3)) continue;
        passed++;
        expect(product(vectors, 6, a, b)).toBeLessThan(1 - 0.3 ** 2 / 2);
      }
    }
    expect(passed).toBeGreaterThan(30_000);
  });
});

describe('Nearby', () => {
  test.each([
    [2, 0.9],
    [16, 0.97],
    [48, 0.8],
    [48, -1],
  ])('equals looking at every row (dimension %i, threshold %f)', (dimension, threshold) => {
    const vectors = clustered(400, dimension, 3);
    const nearby = new Nearby(vectors, dimension);
    let found = 0;
    for (let row = 0; row < 400; row++) {
      let best: { row: number; score: number } | undefined;
      for (let other = 0; other < row; other++) {
        const score = product(vectors, dimension, row, other);
        if (score >= threshold && (best === undefined || score > best.score)) best = { row: other, score };
      }
      expect(nearby.best(row, threshold)).toEqual(best);
      if (best !== undefined) found++;
      nearby.add(row);
    }
    expect(found).toBeGreaterThan(50);
  });

  test('rows that are all the same, and none at all', () => {
    const nearby = new Nearby(new Float32Array(30).fill(1 / Math.sqrt(3)), 3);
    expect(nearby.best(4, 0.9)).toBeUndefined();
    for (let row = 9; row >= 0; row--) nearby.add(row);
    expect(nearby.best(0, 0.9)?.row).toBe(1);
    expect(nearby.best(7, 0.9)?.row).toBe(0);
    expect(() => new Nearby(new Float32Array(0), 3)).not.toThrow();
  });
});

test('the suggested threshold is the cosine of the lower fence of logarithms of angles', () => {
  // Angles e^-1, e^-0.75, …: quartiles are known in closed form.
  const angles = Array.from({ length: 41 }, (_, i) => Math.exp(-1 + i / 40));
  const fence = Math.exp(-0.75 - 1.5 * 0.5);
  const expected = Math.ceil(Math.cos(fence) * 1e4) / 1e4;
  expect(suggestThreshold(angles.map(Math.cos))).toBeCloseTo(expected, 10);
  expect(suggestThreshold([...angles.map(Math.cos), 1, 1, 1.0000001])).toBeCloseTo(expected, 10);
  expect(suggestThreshold(angles.slice(0, 19).map(Math.cos))).toBeUndefined();
});

async function reportOn(rows: readonly Row[], options: DuplicateOptions): Promise<DuplicateReport> {
  const store = await flat.create(join(temporaryFolder(), 'store'), {
    fingerprint: 'f',
    dimension: rows[0].vector.length,
  });
  try {
    await store.add(rows);
    return await findDuplicates(store, options);
  } finally {
    await store.close();
  }
}

describe('findDuplicates', () => {
  test('groups around representatives as a plain loop would, in any order of rows', async () => {
    const vectors = clustered(200, 16, 4);
    const rows = Array.from({ length: 200 }, (_, i): Row => {
      const side = 10 + (i % 7);
      const metadata = { kind: 'image', path: `/p/${i}`, width: side, height: side };
      return { id: String(i).padStart(3, '0'), vector: vectors.slice(i * 16, (i + 1) * 16), metadata };
    });
    const order = rows.map((_, i) => i).sort((a, b) => (b % 7) - (a % 7) || a - b);
    const kept: number[] = [];
    const groups = new Map<string, string[]>();
    for (const i of order) {
      const near = kept.filter((j) => product(vectors, 16, i, j) >= 0.97);
      if (near.length === 0) kept.push(i);
      else {
        const best = near.reduce((a, b) => (product(vectors, 16, i, b) > product(vectors, 16, i, a) ? b : a));
        groups.set(rows[best].id, [...(groups.get(rows[best].id) ?? []), rows[i].id]);
      }
    }
    for (const given of [rows, new Random('order').shuffle([...rows])]) {
      const report = await reportOn(given, { by: 'embedding' });
      const found = report.groups.map(({ kept, others }) => [kept.id, others.map(({ id }) => id).sort()]);
      expect(found.sort()).toEqual([...groups].map(([id, others]) => [id, others.sort()]).sort());
      expect(report).toMatchObject({ pictures: 200, threshold: 0.97, unread: [] });
      for (const { others } of report.groups)
        for (const { score } of others) expect(score).toBeGreaterThanOrEqual(0.97);
    }
    expect(groups.size).toBeGreaterThan(10);
  });

  test('an empty index has none', async () => {
    const store = await flat.create(join(temporaryFolder(), 'store'), { fingerprint: 'f', dimension: 4 });
    const report = await findDuplicates(store);
    expect(report).toMatchObject({ pictures: 0, groups: [], suggestedThreshold: null });
    await store.close();
  });

  test('the same file, the same pixels in another file, and what only looks alike', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'copies'));
    const random = new Random('pixels');
    const data = Buffer.from(Uint8Array.from({ length: 12 * 9 * 3 }, () => random.integer(256)));
    const picture = () => sharp(data, { raw: { width: 12, height: 9, channels: 3 } });
    const write = (name: string, change: (image: Sharp) => Sharp = (image) => image) =>
      change(picture()).toFile(join(folder, name));
    await write('a.png');
    await write('b.png');
    await write('lossless.webp', (image) => image.webp({ lossless: true }));
    await write('described.png', (image) => image.withExif({ IFD0: { Artist: 'A' } }));
    await write('flipped.png', (image) => image.flop());
    await sharp({ create: { width: 5, height: 5, channels: 3, background: 'red' } }).toFile(join(folder, 'small.png'));
    copyFileSync(join(folder, 'small.png'), join(folder, 'small copy.png'));
    const names = ['a.png', 'b.png', 'lossless.webp', 'described.png', 'flipped.png', 'small.png', 'small copy.png'];
    writeFileSync(join(folder, 'list.txt'), names.join('\n'));
    await createIndex(join(folder, 'index'), colourEncoder(), [await listSource(join(folder, 'list.txt'))]);
    const { store } = await openIndex(join(folder, 'index'));
    const groupsBy = async (by: DuplicateOptions['by']) =>
      (await findDuplicates(store, { by })).groups.map(({ kept, others }) => [
        kept.id,
        ...others.map(({ id }) => id).sort(),
      ]);
    // Nothing else has the size of the small ones, so their pixels need not be looked at.
    const small = ['small copy.png', 'small.png'];
    expect(await groupsBy('bytes')).toEqual([['a.png', 'b.png'], small]);
    expect(await groupsBy('pixels')).toEqual([['a.png', 'b.png', 'described.png', 'lossless.webp'], small]);
    const all = await findDuplicates(store);
    expect(all.groups).toHaveLength(2);
    expect(all.groups[0].kept).toEqual({ id: 'a.png', path: join(folder, 'a.png'), size: '12x9' });
    const likeness = Object.fromEntries(all.groups[0].others.map(({ id, by }) => [id, by]));
    expect(likeness).toEqual({
      'b.png': 'bytes',
      'described.png': 'pixels',
      'lossless.webp': 'pixels',
      'flipped.png': 'embedding',
    });
    rmSync(join(folder, 'flipped.png'));
    const { unread } = await findDuplicates(store, { by: 'pixels' });
    expect(unread).toEqual([{ path: join(folder, 'flipped.png'), reason: expect.stringContaining('no such file') }]);
    await store.close();
  });

  test('stops when asked to', async () => {
    const vectors = clustered(3000, 64, 5);
    const rows = Array.from({ length: 3000 }, (_, i) => ({
      id: `${i}`,
      vector: vectors.slice(i * 64, (i + 1) * 64),
      metadata: {},
    }));
    const stopped = reportOn(rows, { by: 'embedding', threshold: 0.2, signal: AbortSignal.abort(new Error('enough')) });
    await expect(stopped).rejects.toThrow('enough');
  });
});

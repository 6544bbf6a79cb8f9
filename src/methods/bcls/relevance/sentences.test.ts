import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { captionsOf } from '../../../data/relation.ts';
import { writeNpy } from '../../../files/npy.ts';
import { writeSafetensors } from '../../../files/safetensors.ts';
import { Random } from '../../../random/random.ts';
import { temporaryFolder } from '../../../testing/temporary.ts';
import { expectRows, matrixOf, photos, problemOf } from './testing/photos.ts';

describe('sentence vectors from a file', () => {
  const width = 3;
  const all = photos;
  const used = photos.slice(1);
  const random = new Random('sentences');
  const rows = captionsOf(all).map(() => Array.from({ length: width }, () => random.normal()));
  const rowOf = new Map(captionsOf(all).map(({ id }, i) => [id, rows[i]]));
  const cosine = (a: number[], b: number[]) => {
    const dot = (x: number[], y: number[]) => x.reduce((sum, value, i) => sum + value * y[i], 0);
    return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
  };
  const expected = used.map((image) =>
    captionsOf(used).map(({ id }) =>
      image.captions.some((own) => own.id === id)
        ? 1
        : Math.max(...image.captions.map((own) => cosine(rowOf.get(own.id)!, rowOf.get(id)!))),
    ),
  );
  const write = async (name: string, list: number[][], ids?: string[]) => {
    const path = join(temporaryFolder(), name);
    const [shape, data] = [[list.length, width], Float32Array.from(list.flat())];
    if (name.endsWith('.npy')) await writeNpy(path, { dtype: 'float32', shape, data });
    else await writeSafetensors(path, new Map([['vectors', { dtype: 'F32', shape, data }]]));
    if (ids) writeFileSync(path.replace(/\.[a-z]+$/, '.json'), JSON.stringify({ ids, model: 'any' }));
    return { kind: 'vectors', aggregate: 'max', file: path } as const;
  };
  const ids = captionsOf(all).map(({ id }) => id);

  test('rows of the whole data set, of the images used, or by ids in any order', async () => {
    expectRows(await matrixOf(await write('v.npy', rows), used, all), expected);
    expectRows(await matrixOf(await write('v.safetensors', rows), used, all), expected);
    const part = captionsOf(used).map(({ id }) => rowOf.get(id)!);
    expectRows(await matrixOf(await write('v.npy', part), used, all), expected);
    const reversed = [...ids].reverse();
    const sorted = await write(
      'v.npy',
      reversed.map((id) => rowOf.get(id)!),
      reversed,
    );
    expectRows(await matrixOf(sorted, used, all), expected);
  });

  test('cosines below zero stay below zero', () => {
    expect(Math.min(...expected.flat())).toBeLessThan(0);
  });

  test('what is wrong with a file is said', async () => {
    expect(await problemOf(await write('v.npy', rows.slice(1)), used, all)).toBe('DIPTYCH_RELEVANCE_SHAPE');
    expect(await problemOf(await write('v.npy', rows.slice(1), ids.slice(0, -1)), used, all)).toBe(
      'DIPTYCH_RELEVANCE_IDS',
    );
    expect(await problemOf(await write('v.npy', rows, ids.slice(1)), used, all)).toBe('DIPTYCH_RELEVANCE_SHAPE');
    const broken = rows.map((row, i) => (i === 4 ? [0, Number.NaN, 1] : row));
    expect(await problemOf(await write('v.npy', broken), used, all)).toBe('DIPTYCH_RELEVANCE_NOT_FINITE');
    const flat = join(temporaryFolder(), 'flat.npy');
    await writeNpy(flat, { dtype: 'float32', shape: [8], data: new Float32Array(8) });
    expect(await problemOf({ kind: 'vectors', aggregate: 'max', file: flat }, used, all)).toBe(
      'DIPTYCH_RELEVANCE_SHAPE',
    );
    const several = join(temporaryFolder(), 'several.safetensors');
    const tensor = { dtype: 'F32', shape: [1, 1], data: new Float32Array(1) } as const;
    await writeSafetensors(
      several,
      new Map([
        ['a', tensor],
        ['b', tensor],
      ]),
    );
    expect(await problemOf({ kind: 'vectors', aggregate: 'max', file: several }, used, all)).toBe(
      'DIPTYCH_RELEVANCE_SHAPE',
    );
  });

  test('a vector of zeros is similar to nothing', async () => {
    const [, second] = await matrixOf(
      await write(
        'v.npy',
        rows.map((row, i) => (i === 0 ? [0, 0, 0] : row)),
      ),
      all,
    );
    expect(second[0]).toBe(0);
  });
});

test('vectors of pictures: by ids or in order; another shape, other ids and NaN are refused', async () => {
  const vectors = [
    [1, 0],
    [0.6, 0.8],
    [0, 2],
    [-1, 0],
  ];
  const write = async (rows: number[][], ids?: string[], shape = [rows.length, 2]) => {
    const file = join(temporaryFolder(), 'pictures.npy');
    await writeNpy(file, { dtype: 'float32', shape, data: Float32Array.from(rows.flat()) });
    if (ids) writeFileSync(file.replace('.npy', '.json'), JSON.stringify({ ids }));
    return { kind: 'images', file } as const;
  };
  const used = photos.slice(1, 3);
  // Captions of images 1 and 2: two and three; 0.8 between the two pictures.
  const expected = [
    [1, 1, 0.8, 0.8, 0.8],
    [0.8, 0.8, 1, 1, 1],
  ];
  expectRows(await matrixOf(await write(vectors), used, photos), expected, 5);
  expectRows(await matrixOf(await write(vectors.slice(1, 3)), used, photos), expected, 5);
  const ids = photos.map(({ id }) => id).reverse();
  expectRows(await matrixOf(await write([...vectors].reverse(), ids), used, photos), expected, 5);
  expect(await problemOf(await write(vectors.slice(0, 3)), used, photos)).toBe('DIPTYCH_RELEVANCE_SHAPE');
  expect(await problemOf(await write(vectors, undefined, [8]), used, photos)).toBe('DIPTYCH_RELEVANCE_SHAPE');
  const others = ['a', 'b', 'c', 'd'];
  expect(await problemOf(await write(vectors, others), used, photos)).toBe('DIPTYCH_RELEVANCE_IDS');
  const broken = vectors.map((row, i) => (i === 2 ? [Number.NaN, 1] : row));
  expect(await problemOf(await write(broken), used, photos)).toBe('DIPTYCH_RELEVANCE_NOT_FINITE');
});

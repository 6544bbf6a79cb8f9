/** @file npy files: golden bytes of numpy, round trips, rows, lies in headers, random damage, files larger than memory. */
import { execFileSync } from 'node:child_process';
import { open, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isDiptychError } from '../errors/error.ts';
import { temporaryFolder } from '../testing/temporary.ts';
import { toFloat16 } from './float16.ts';
import { type NpyArray, openNpy, readNpy, writeNpy } from './npy.ts';
import { encodeHeader, npyDtypes } from './npy-header.ts';

/** An npy file with any header text, as numpy lays it out. */
function npyBytes(header: string, data: Uint8Array, version = 1): Buffer {
  const prefix = version === 1 ? 10 : 12;
  const length = Math.ceil((prefix + header.length + 1) / 64) * 64 - prefix;
  const bytes = Buffer.alloc(prefix + length, ' ');
  bytes.write('\x93NUMPY', 'latin1');
  bytes[6] = version;
  bytes[7] = 0;
  if (version === 1) bytes.writeUInt16LE(length, 8);
  else bytes.writeUInt32LE(length, 8);
  bytes.write(header, prefix, version === 3 ? 'utf8' : 'latin1');
  bytes[prefix + length - 1] = 10;
  return Buffer.concat([bytes, data]);
}

const six = new Uint8Array(Float32Array.of(1, 2, 3, 4, 5, 6).buffer);
const good = "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }";

test('the header is the one numpy.save writes', () => {
  const expected = npyBytes(good, new Uint8Array());
  expect(Buffer.compare(encodeHeader('float32', [3, 2]), expected)).toBe(0);
  expect(expected.length).toBe(128);
  expect(Buffer.from(encodeHeader('int64', [7])).toString('latin1')).toContain("'shape': (7,), }");
  expect(Buffer.from(encodeHeader('float16', [])).toString('latin1')).toContain("'shape': (), }");
});

test.each([1, 2, 3])('version %i is read', async (version) => {
  const path = join(temporaryFolder(), 'a.npy');
  await writeFile(path, npyBytes(good, six, version));
  const file = await openNpy(path);
  expect([file.rows, file.rowLength, file.dtype, file.shape]).toEqual([3, 2, 'float32', [3, 2]]);
  expect([...(await file.readRows(1, 2))]).toEqual([3, 4, 5, 6]);
  expect([...file.readRowsSync(0, 1)]).toEqual([1, 2]);
  await file.close();
});

test('keys in another order, double quotes and the long integers of Python 2 are read', async () => {
  const path = join(temporaryFolder(), 'a.npy');
  await writeFile(path, npyBytes(`{"shape": (3L, 2L), "fortran_order": False, "descr": "<f4"}`, six));
  expect(await readNpy(path)).toMatchObject({ shape: [3, 2], dtype: 'float32' });
});

test.each([
  ['no npy at all', Buffer.from('PK\x03\x04 some zip file'), 'does not begin as one'],
  ['an empty file', Buffer.alloc(0), 'does not begin as one'],
  ['a cut header', npyBytes(good, six).subarray(0, 40), 'ends within its header'],
  ['missing numbers', npyBytes(good, six.subarray(0, 20)), '24 bytes, but 20 are there'],
  ['numbers too many', npyBytes(good, Buffer.concat([six, six])), '24 bytes, but 48 are there'],
  ['an unknown version', npyBytes(good, six, 9), 'version 9.0'],
  ['Fortran order', npyBytes(good.replace('False', 'True'), six), 'Fortran order'],
  ['Python objects', npyBytes(good.replace('<f4', '|O'), six), 'Python objects'],
  ['big-endian', npyBytes(good.replace('<f4', '>f4'), six), 'big-endian'],
  ['complex numbers', npyBytes(good.replace('<f4', '<c8'), six), 'type <c8'],
  ['records', npyBytes(good.replace("'<f4'", "[('a', '<f4')]"), six), 'several fields'],
  ['a negative size', npyBytes(good.replace('(3, 2)', '(-3, 2)'), six), 'cannot be read'],
  [
    'a shape beyond counting',
    npyBytes(good.replace('3, 2', '9007199254740991, 9007199254740991'), six),
    'beyond counting',
  ],
  [
    'an overflow hidden by a zero',
    npyBytes(good.replace('3, 2', '0, 9007199254740991, 99999'), six),
    'beyond counting',
  ],
  ['a shape larger than the file', npyBytes(good.replace('3, 2', '300000000, 2048'), six), 'bytes, but 24'],
  ['code in the header', npyBytes(good.replace('False', '__import__("os")'), six), 'cannot be read'],
  ['a key twice', npyBytes(`{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (6,)}`, six), 'twice'],
  ['a key too many', npyBytes(good.replace('}', "'x': 'y'}"), six), 'further keys'],
  ['a missing key', npyBytes(`{'descr': '<f4', 'shape': (6,)}`, six), 'no fortran_order'],
])('%s is refused', async (_, bytes, reason) => {
  const path = join(temporaryFolder(), 'a.npy');
  await writeFile(path, bytes);
  await expect(openNpy(path)).rejects.toMatchObject({
    code: 'DIPTYCH_NPY_INVALID',
    message: expect.stringContaining(reason),
  });
});

test('missing files and folders have codes', async () => {
  const folder = temporaryFolder();
  await expect(openNpy(join(folder, 'none.npy'))).rejects.toMatchObject({ code: 'DIPTYCH_FILE_MISSING' });
  await expect(openNpy(folder)).rejects.toMatchObject({ code: 'DIPTYCH_FILE_UNREADABLE' });
});

test.skipIf(process.platform === 'win32')('a pipe is refused instead of waited for', async () => {
  const path = join(temporaryFolder(), 'pipe.npy');
  execFileSync('mkfifo', [path]);
  await expect(openNpy(path)).rejects.toThrow('not a file');
});

const shapes = fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 4 });

function arrays(): fc.Arbitrary<NpyArray> {
  const dtypes = fc.constantFrom(...(Object.keys(npyDtypes) as (keyof typeof npyDtypes)[]));
  return fc.tuple(dtypes, shapes).chain(([dtype, shape]) => {
    const { array, bytes } = npyDtypes[dtype];
    const length = shape.reduce((product, size) => product * size, 1) * bytes;
    return fc
      .uint8Array({ minLength: length, maxLength: length })
      .map((raw): NpyArray => ({ dtype, shape, data: new array(Uint8Array.from(raw).buffer) }));
  });
}

test('what is written is read back, bit for bit', async () => {
  const path = join(temporaryFolder(), 'a.npy');
  await fc.assert(
    fc.asyncProperty(arrays(), async (array) => {
      await writeNpy(path, array);
      const back = await readNpy(path);
      expect([back.dtype, back.shape]).toEqual([array.dtype, array.shape]);
      expect(Buffer.compare(Buffer.from(back.data.buffer), Buffer.from(array.data.buffer))).toBe(0);
    }),
    { numRuns: 60 },
  );
});

test('rows equal the slices of the whole array, for every type', async () => {
  const folder = temporaryFolder();
  const numbers = [0, 1, -2, 3, 4.5, -6, 7, 8, 9, 10, 11, 12];
  const whole = numbers.map(Math.trunc);
  const shape = [4, 3];
  await writeNpy(join(folder, 'float16.npy'), { dtype: 'float16', shape, data: Float32Array.from(numbers) });
  await writeNpy(join(folder, 'float32.npy'), { dtype: 'float32', shape, data: Float32Array.from(numbers) });
  await writeNpy(join(folder, 'float64.npy'), { dtype: 'float64', shape, data: Float64Array.from(numbers) });
  await writeNpy(join(folder, 'int32.npy'), { dtype: 'int32', shape, data: Int32Array.from(whole) });
  await writeNpy(join(folder, 'int64.npy'), { dtype: 'int64', shape, data: BigInt64Array.from(whole.map(BigInt)) });
  for (const dtype of Object.keys(npyDtypes)) {
    const expected = dtype.startsWith('int') ? whole : numbers;
    const file = await openNpy(join(folder, `${dtype}.npy`));
    for (let start = 0; start <= 4; start++) {
      for (let count = 0; start + count <= 4; count++) {
        const slice = expected.slice(start * 3, (start + count) * 3);
        expect([...(await file.readRows(start, count))]).toEqual(slice);
        const out = new Float32Array(20).fill(99);
        expect([...file.readRowsSync(start, count, out)]).toEqual(slice);
        expect(out[count * 3]).toBe(99);
      }
    }
    await expect(file.readRows(3, 2)).rejects.toMatchObject({ code: 'DIPTYCH_NPY_ROWS' });
    await expect(file.readRows(-1, 1)).rejects.toMatchObject({ code: 'DIPTYCH_NPY_ROWS' });
    await expect(file.readRows(0, 2, new Float32Array(5))).rejects.toMatchObject({ code: 'DIPTYCH_ARRAY_SHAPE' });
    await file.close();
  }
});

test('float16 may be given as patterns or as float32', async () => {
  const folder = temporaryFolder();
  const data = Float32Array.of(0.1, 0.2, 0.3);
  await writeNpy(join(folder, 'a.npy'), { dtype: 'float16', shape: [3], data });
  await writeNpy(join(folder, 'b.npy'), { dtype: 'float16', shape: [3], data: toFloat16(data) });
  expect(await readFile(join(folder, 'a.npy'))).toEqual(await readFile(join(folder, 'b.npy')));
});

test('an array that does not fill its shape is refused', async () => {
  const array = { dtype: 'float32', shape: [2, 3], data: new Float32Array(5) } as const;
  await expect(writeNpy(join(temporaryFolder(), 'a.npy'), array)).rejects.toMatchObject({
    code: 'DIPTYCH_ARRAY_SHAPE',
  });
});

test('a damaged file ends in a coded error or a valid array', async () => {
  const path = join(temporaryFolder(), 'a.npy');
  const whole = npyBytes(good, six);
  const damage = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(damage, fc.nat(whole.length), fc.boolean(), async (changes, length, cut) => {
      const bytes = Buffer.from(whole);
      for (const [at, value] of changes) bytes[at] = value;
      await writeFile(path, cut ? bytes.subarray(0, length) : bytes);
      const array = await readNpy(path).catch((error) => {
        if (!isDiptychError(error, 'DIPTYCH_NPY_INVALID')) throw error;
      });
      if (array !== undefined) expect(array.data.byteLength).toBeLessThanOrEqual(24);
    }),
    { numRuns: 400 },
  );
});

test('rows of a file far larger than memory are read where they lie', async () => {
  const path = join(temporaryFolder(), 'large.npy');
  const rows = 4_000_000;
  const header = encodeHeader('float32', [rows, 36, 2048]);
  await writeFile(path, header);
  await truncate(path, header.length + rows * 36 * 2048 * 4);
  const handle = await open(path, 'r+');
  await handle.write(new Uint8Array(Float32Array.of(42).buffer), 0, 4, header.length + 3_999_999 * 36 * 2048 * 4);
  await handle.close();
  expect((await stat(path)).size).toBeGreaterThan(10 ** 12);
  const file = await openNpy(path);
  expect((await file.readRows(3_999_999, 1)).subarray(0, 2)).toEqual(Float32Array.of(42, 0));
  expect(file.readRowsSync(3_999_998, 2)[36 * 2048]).toBe(42);
  await file.close();
});

test('a file cut off after it was opened is noticed', async () => {
  const path = join(temporaryFolder(), 'a.npy');
  await writeFile(path, npyBytes(good, six));
  const file = await openNpy(path);
  await truncate(path, 130);
  await expect(file.readRows(0, 3)).rejects.toMatchObject({ code: 'DIPTYCH_NPY_INVALID' });
  expect(() => file.readRowsSync(0, 3)).toThrow('cut off');
  await file.close();
});

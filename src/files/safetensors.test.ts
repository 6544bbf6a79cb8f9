/** @file safetensors files: those of the reference implementation, round trips, lies in headers, random damage. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isDiptychError } from '../errors/error.ts';
import { hasShared, sharedPath } from '../testing/shared.ts';
import { temporaryFolder } from '../testing/temporary.ts';
import { bytesOf } from './bytes.ts';
import { readSafetensors, type StoredTensor, writeSafetensors } from './safetensors.ts';

/** A file with any header. */
function fileOf(header: unknown, data: number, length?: number): Buffer {
  const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(BigInt(length ?? text.length));
  return Buffer.concat([prefix, text, Buffer.alloc(data)]);
}

const f32 = (shape: number[], begin: number, end: number) => ({ dtype: 'F32', shape, data_offsets: [begin, end] });

async function read(bytes: Uint8Array) {
  const path = join(temporaryFolder(), 'a.safetensors');
  await writeFile(path, bytes);
  return readSafetensors(path);
}

test.each([
  ['an empty file', Buffer.alloc(0), 'ends within its header'],
  ['seven bytes', Buffer.alloc(7), 'ends within its header'],
  ['a header longer than the file', fileOf({}, 0, 1000), 'a header of 1000 bytes'],
  ['an absurd header length', Buffer.alloc(64, 255), 'a header of'],
  ['a header that is no JSON', fileOf('{"a":', 0), 'not JSON'],
  ['a header that is a list', fileOf([], 0), 'not a JSON object'],
  ['a header that is null', fileOf('null', 0), 'not a JSON object'],
  ['a header that is not UTF-8', fileOf('', 0, 0).fill(0), 'not JSON'],
  ['an unknown type', fileOf({ a: { ...f32([1], 0, 4), dtype: 'F8_E4M3' } }, 4), 'numbers of type F8_E4M3'],
  ['a type named like a method', fileOf({ a: { ...f32([1], 0, 4), dtype: 'constructor' } }, 4), 'type constructor'],
  ['a negative size', fileOf({ a: f32([-1], 0, 4) }, 4), 'malformed'],
  ['a fractional size', fileOf({ a: f32([0.5], 0, 2) }, 2), 'malformed'],
  ['a further field', fileOf({ a: { ...f32([1], 0, 4), x: 1 } }, 4), 'malformed'],
  ['offsets that disagree with the shape', fileOf({ a: f32([3], 0, 8) }, 8), 'is 12 bytes, not 8'],
  ['offsets backwards', fileOf({ a: f32([1], 4, 0) }, 4), 'is 4 bytes, not -4'],
  ['a shape beyond counting', fileOf({ a: f32([2 ** 40, 2 ** 40], 0, 4) }, 4), 'beyond counting'],
  ['an overflow hidden by a zero', fileOf({ a: f32([0, 2 ** 40, 2 ** 40], 0, 0) }, 0), 'beyond counting'],
  ['an array larger than the file', fileOf({ a: f32([2 ** 30], 0, 2 ** 32) }, 4), 'need 4294967296 bytes'],
  ['overlap', fileOf({ a: f32([2], 0, 8), b: f32([2], 4, 12) }, 12), 'b overlaps'],
  ['the same bytes twice', fileOf({ a: f32([1], 0, 4), b: f32([1], 0, 4) }, 4), 'overlaps'],
  ['a gap', fileOf({ a: f32([1], 0, 4), b: f32([1], 8, 12) }, 12), 'a gap of 4 bytes before b'],
  ['a gap at the start', fileOf({ a: f32([1], 4, 8) }, 8), 'a gap of 4 bytes before a'],
  ['bytes left over', fileOf({ a: f32([1], 0, 4) }, 6), '2 bytes that belong to no array'],
  ['a cut file', fileOf({ a: f32([4], 0, 16) }, 15), 'need 16 bytes, but 15'],
  ['metadata that is no text', fileOf({ __metadata__: { a: 1 } }, 0), 'metadata'],
])('%s is refused', async (_, bytes, reason) => {
  await expect(read(bytes)).rejects.toMatchObject({
    code: 'DIPTYCH_SAFETENSORS_INVALID',
    message: expect.stringContaining(reason),
  });
});

test('a name like an inherited property is an ordinary name', async () => {
  const text = `{"__proto__":${JSON.stringify(f32([1], 0, 4))},"toString":${JSON.stringify(f32([1], 4, 8))}}`;
  const { tensors } = await read(fileOf(text, 8));
  expect([...tensors.keys()]).toEqual(['__proto__', 'toString']);
});

test('arrays that begin at odd bytes are read', async () => {
  const header = { a: { dtype: 'U8', shape: [3], data_offsets: [0, 3] }, b: f32([1], 3, 7) };
  const bytes = fileOf(header, 7);
  bytes.writeFloatLE(1.5, bytes.length - 4);
  expect((await read(bytes)).tensors.get('b')?.data).toEqual(Float32Array.of(1.5));
});

const makers = {
  F16: Uint16Array,
  F32: Float32Array,
  F64: Float64Array,
  I32: Int32Array,
  I64: BigInt64Array,
  U8: Uint8Array,
  U32: Uint32Array,
  BOOL: Uint8Array,
};

const tensor: fc.Arbitrary<StoredTensor> = fc
  .tuple(fc.constantFrom(...(Object.keys(makers) as (keyof typeof makers)[])), fc.array(fc.nat(4), { maxLength: 3 }))
  .chain(([dtype, shape]) => {
    const length = shape.reduce((product, size) => product * size, 1) * makers[dtype].BYTES_PER_ELEMENT;
    return fc
      .uint8Array({ minLength: length, maxLength: length })
      .map((raw) => ({ dtype, shape, data: new makers[dtype](Uint8Array.from(raw).buffer) }) as StoredTensor);
  });

const names = fc.string({ unit: 'grapheme-composite' }).filter((name) => name !== '__metadata__');

test('what is written is read back, bit for bit, aligned, and equal content gives equal files', async () => {
  const folder = temporaryFolder();
  const entries = fc.uniqueArray(fc.tuple(names, tensor), { selector: ([name]) => name, maxLength: 6 });
  const metadata = fc.dictionary(names, fc.string(), { noNullPrototype: true, maxKeys: 3 });
  await fc.assert(
    fc.asyncProperty(entries, metadata, async (list, notes) => {
      const paths = [join(folder, 'a'), join(folder, 'b')];
      await writeSafetensors(paths[0], new Map(list), notes);
      await writeSafetensors(paths[1], new Map([...list].reverse()), notes);
      expect(await readFile(paths[0])).toEqual(await readFile(paths[1]));
      const back = await readSafetensors(paths[0]);
      expect(back.metadata).toEqual(notes);
      expect(back.tensors.size).toBe(list.length);
      for (const [name, { dtype, shape, data }] of list) {
        const found = back.tensors.get(name);
        expect([found?.dtype, found?.shape]).toEqual([dtype, shape]);
        expect(found && Buffer.compare(bytesOf(found.data), bytesOf(data))).toBe(0);
      }
    }),
    { numRuns: 60 },
  );
});

test('a damaged file ends in a coded error or in arrays no larger than the file', async () => {
  const folder = temporaryFolder();
  const path = join(folder, 'a.safetensors');
  await writeSafetensors(
    path,
    new Map<string, StoredTensor>([
      ['weight', { dtype: 'F32', shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) }],
      ['ids', { dtype: 'I64', shape: [2], data: BigInt64Array.of(1n, 2n) }],
    ]),
    { format: 'test' },
  );
  const whole = await readFile(path);
  const damage = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(damage, fc.nat(whole.length), fc.boolean(), async (changes, length, cut) => {
      const bytes = Buffer.from(whole);
      for (const [at, value] of changes) bytes[at] = value;
      await writeFile(path, cut ? bytes.subarray(0, length) : bytes);
      const found = await readSafetensors(path).catch((error) => {
        if (!isDiptychError(error, 'DIPTYCH_SAFETENSORS_INVALID')) throw error;
      });
      const total = [...(found?.tensors.values() ?? [])].reduce((sum, { data }) => sum + data.byteLength, 0);
      expect(total).toBeLessThan(whole.length);
    }),
    { numRuns: 400 },
  );
});

test('an array that does not fill its shape, or is named like the metadata, is refused', async () => {
  const path = join(temporaryFolder(), 'a');
  const short: StoredTensor = { dtype: 'F32', shape: [2], data: new Float32Array(1) };
  const whole: StoredTensor = { dtype: 'F32', shape: [1], data: new Float32Array(1) };
  const shape = { code: 'DIPTYCH_ARRAY_SHAPE' };
  await expect(writeSafetensors(path, new Map([['a', short]]))).rejects.toMatchObject(shape);
  await expect(writeSafetensors(path, new Map([['__metadata__', whole]]))).rejects.toMatchObject(shape);
});

test.skipIf(!hasShared('golden/bert_tiny')).each(['bert_tiny', 'vit_tiny', 'clip_tiny'])(
  'the files of the reference implementation in %s are read',
  async (model) => {
    const weights = await readSafetensors(sharedPath(`golden/${model}/model.safetensors`));
    expect(weights.metadata.format).toBe('pt');
    const expected = await readSafetensors(sharedPath(`golden/${model}/expected.safetensors`));
    for (const { tensors } of [weights, expected]) {
      expect(tensors.size).toBeGreaterThan(3);
      for (const { dtype, data } of tensors.values()) {
        if (dtype === 'F32') expect(data.every((value) => Number.isFinite(value))).toBe(true);
      }
    }
  },
);

/** @file Writing an npy file row by row: any order, taken up again, nothing visible before the end. */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../testing/temporary.ts';
import { openNpy, readNpy, writeNpy } from './npy.ts';
import { NpyWriter, partialPath } from './npy-writer.ts';

test('rows in any order give the same file as one write', async () => {
  const folder = temporaryFolder();
  const data = Float32Array.from({ length: 24 }, (_, i) => i / 7);
  const path = join(folder, 'deep', 'rows.npy');
  for (const dtype of ['float32', 'float16'] as const) {
    const writer = await NpyWriter.open(path, { dtype, shape: [4, 2, 3] });
    await writer.writeRows(2, data.subarray(12));
    await writer.writeRows(0, data.subarray(0, 12));
    await expect(readFile(path)).rejects.toThrow('ENOENT');
    await writer.finish();
    await writeNpy(join(folder, 'whole.npy'), { dtype, shape: [4, 2, 3], data });
    expect(await readFile(path)).toEqual(await readFile(join(folder, 'whole.npy')));
    await rm(path);
  }
});

test('an unfinished file is taken up, one of another shape is begun anew', async () => {
  const path = join(temporaryFolder(), 'rows.npy');
  const array = { dtype: 'float32', shape: [3, 2] } as const;
  const first = await NpyWriter.open(path, array);
  expect(first.resumed).toBe(false);
  await first.writeRows(0, Float32Array.of(1, 2));
  await first.sync();
  await first.close();

  const second = await NpyWriter.open(path, array);
  expect(second.resumed).toBe(true);
  await second.writeRows(2, Float32Array.of(5, 6));
  await second.finish();
  expect([...(await readNpy(path)).data]).toEqual([1, 2, 0, 0, 5, 6]);

  const other = await NpyWriter.open(path, array);
  await other.close();
  const wider = await NpyWriter.open(path, { ...array, shape: [3, 4] });
  expect(wider.resumed).toBe(false);
  await wider.finish();
  const file = await openNpy(path);
  expect(file.shape).toEqual([3, 4]);
  await file.close();
});

test('the finished file of before stays until the new one is whole', async () => {
  const path = join(temporaryFolder(), 'rows.npy');
  await writeNpy(path, { dtype: 'int32', shape: [1], data: Int32Array.of(7) });
  const writer = await NpyWriter.open(path, { dtype: 'int32', shape: [2] });
  await writer.writeRows(0, Int32Array.of(8, 9));
  expect([...(await readNpy(path)).data]).toEqual([7]);
  await writer.finish();
  expect([...(await readNpy(path)).data]).toEqual([8, 9]);
});

test('rows that do not fit are refused', async () => {
  const writer = await NpyWriter.open(join(temporaryFolder(), 'a.npy'), { dtype: 'float32', shape: [3, 2] });
  await expect(writer.writeRows(0, new Float32Array(3))).rejects.toMatchObject({ code: 'DIPTYCH_ARRAY_SHAPE' });
  await expect(writer.writeRows(2, new Float32Array(4))).rejects.toMatchObject({ code: 'DIPTYCH_NPY_ROWS' });
  await expect(writer.writeRows(-1, new Float32Array(2))).rejects.toMatchObject({ code: 'DIPTYCH_NPY_ROWS' });
  await writer.close();
});

test('a path that is taken, or a folder that cannot be made, is a coded error', async () => {
  const folder = temporaryFolder();
  await mkdir(partialPath(join(folder, 'a.npy')));
  const array = { dtype: 'float32', shape: [1] } as const;
  await expect(NpyWriter.open(join(folder, 'a.npy'), array)).rejects.toMatchObject({ code: 'DIPTYCH_FILE_UNWRITABLE' });
  await writeFile(join(folder, 'file'), '');
  const below = join(folder, 'file', 'a.npy');
  await expect(NpyWriter.open(below, array)).rejects.toMatchObject({ code: 'DIPTYCH_FILE_UNWRITABLE' });
});

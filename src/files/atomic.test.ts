/** @file Atomic writes: whole or not at all, and nothing left behind. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../testing/temporary.ts';
import { writeAtomically } from './atomic.ts';

test('text, bytes and a writing function give the file, in folders made on the way', async () => {
  const path = join(temporaryFolder(), 'a', 'b', 'c.txt');
  await writeAtomically(path, 'text');
  expect(await readFile(path, 'utf8')).toBe('text');
  await writeAtomically(path, Uint8Array.of(65, 66));
  expect(await readFile(path, 'utf8')).toBe('AB');
  await writeAtomically(path, async (file) => {
    await file.write('from a function');
  });
  expect(await readFile(path, 'utf8')).toBe('from a function');
});

test('a write that fails leaves the old content and no other file', async () => {
  const folder = temporaryFolder();
  const path = join(folder, 'a.txt');
  await writeFile(path, 'old');
  const failing = writeAtomically(path, async (file) => {
    await file.write('half of the n');
    throw new Error('interrupted');
  });
  await expect(failing).rejects.toThrow('interrupted');
  expect(await readFile(path, 'utf8')).toBe('old');
  expect(await readdir(folder)).toEqual(['a.txt']);
});

test('what the system refuses is a coded error naming the path', async () => {
  const folder = temporaryFolder();
  await mkdir(join(folder, 'taken', 'by'), { recursive: true });
  await writeFile(join(folder, 'file'), '');
  for (const path of [join(folder, 'taken'), join(folder, 'file', 'below.txt')]) {
    await expect(writeAtomically(path, 'x')).rejects.toMatchObject({
      code: 'DIPTYCH_FILE_UNWRITABLE',
      fields: { path },
    });
  }
  expect((await readdir(folder)).sort()).toEqual(['file', 'taken']);
});

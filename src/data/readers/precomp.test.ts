/** @file Feature arrays with captions: both layouts, ids or none, and counts that contradict each other. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writeNpy } from '../../files/npy.ts';
import { readDataset } from '../dataset.ts';
import { captionImageRows, captionsOf } from '../relation.ts';
import { folderOf } from '../testing/folder.ts';

const lines = (n: number, name = 'caption') => Array.from({ length: n }, (_, i) => `${name} ${i}\n`).join('');

/** Rows [n, 2, 3]; row r holds the number of its image throughout. */
async function writeRows(path: string, images: readonly number[]) {
  const data = Float32Array.from(images.flatMap((image) => Array(6).fill(image)));
  await writeNpy(path, { dtype: 'float32', shape: [images.length, 2, 3], data });
}

/** train: one row an image; dev and test: each row five times, as SCAN distributes them. */
async function scanFolder(withIds: boolean): Promise<string> {
  const folder = folderOf({
    'train_caps.txt': lines(10, 'train'),
    'dev_caps.txt': lines(10, 'dev'),
    'testall_caps.txt': lines(5, 'testall'),
    'test_caps.txt': lines(5, 'part'),
  });
  await writeRows(join(folder, 'train_ims.npy'), [1, 2]);
  await writeRows(join(folder, 'dev_ims.npy'), [3, 3, 3, 3, 3, 4, 4, 4, 4, 4]);
  await writeRows(join(folder, 'testall_ims.npy'), [5, 5, 5, 5, 5]);
  await writeRows(join(folder, 'test_ims.npy'), [5, 5, 5, 5, 5]);
  if (withIds) {
    await writeFile(join(folder, 'train_ids.txt'), '100\n200\n');
    await writeFile(join(folder, 'dev_ids.txt'), '25\n'.repeat(5) + '34\n'.repeat(5));
    await writeFile(join(folder, 'testall_ids.txt'), '7\n'.repeat(5));
  }
  return folder;
}

test('both layouts give every image its five captions, by ids', async () => {
  const folder = await scanFolder(true);
  const { images, quarantined } = await readDataset(folder);
  expect(quarantined).toEqual([]);
  expect(images.map(({ id, split, row, features }) => [id, split, row, features])).toEqual([
    ['25', 'val', 0, join(folder, 'dev_ims.npy')],
    ['34', 'val', 5, join(folder, 'dev_ims.npy')],
    ['7', 'test', 0, join(folder, 'testall_ims.npy')],
    ['100', 'train', 0, join(folder, 'train_ims.npy')],
    ['200', 'train', 1, join(folder, 'train_ims.npy')],
  ]);
  expect(images.every(({ captions }) => captions.length === 5)).toBe(true);
  const texts = captionsOf(images).map(({ text }) => text);
  expect(texts[7]).toBe('dev 7');
  expect(captionImageRows(images)[7]).toBe(1);
  expect(texts[16]).toBe('train 1');
});

test('without ids equal neighbouring rows are one image', async () => {
  const { images } = await readDataset(await scanFolder(false));
  expect(images.map(({ id, row, captions }) => [id, row, captions.length])).toEqual([
    ['dev-0', 0, 5],
    ['dev-5', 5, 5],
    ['testall-0', 0, 5],
    ['train-0', 0, 5],
    ['train-1', 1, 5],
  ]);
});

test('one caption a row, all images different, stays one image a row', async () => {
  const folder = folderOf({ 'train_caps.txt': lines(3) });
  await writeRows(join(folder, 'train_ims.npy'), [1, 2, 3]);
  expect((await readDataset(folder)).images.length).toBe(3);
});

test('id_mapping.json leads to the pictures where they are there', async () => {
  const folder = await scanFolder(true);
  await writeFile(join(folder, 'id_mapping.json'), JSON.stringify({ 25: 'x.jpg', 34: 'gone.jpg' }));
  await writeFile(join(folder, 'x.jpg'), '');
  const { images } = await readDataset(folder);
  expect(images.slice(0, 2).map(({ path }) => path)).toEqual([join(folder, 'x.jpg'), undefined]);
});

test('an id in two splits is set aside, and so is a bad caption; the others keep their images', async () => {
  const folder = await scanFolder(true);
  await writeFile(join(folder, 'testall_ids.txt'), '25\n'.repeat(5));
  await writeFile(
    join(folder, 'train_caps.txt'),
    Buffer.concat([Buffer.from('\n'), Buffer.from([0xe9, 10]), Buffer.from(lines(8))]),
  );
  const { images, quarantined } = await readDataset(folder);
  expect(images.map(({ id, captions }) => [id, captions.length])).toEqual([
    ['25', 5],
    ['34', 5],
    ['100', 3],
    ['200', 5],
  ]);
  expect(quarantined.map(({ kind, id, line }) => [kind, id, line])).toEqual([
    ...[1, 2, 3, 4, 5].map((line) => ['other-split', '25', line]),
    ['empty-caption', '100#0', 1],
    ['encoding', '100#1', 2],
  ]);
});

test.each([
  ['captions that do not divide by rows', { 'train_caps.txt': lines(11) }, '11 captions for the 2 rows'],
  ['ids of another count', { 'train_ids.txt': '1\n2\n3\n' }, '3 ids do not fit 10 captions and the 2 rows'],
  ['ids that change within a row', { 'train_ids.txt': '1\n'.repeat(4) + '2\n'.repeat(6) }, '10 ids do not fit'],
])('%s are refused', async (_, files, reason) => {
  const folder = await scanFolder(false);
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  const error = await readDataset(folder).catch((cause) => cause);
  expect([error.code, error.message]).toEqual(['DIPTYCH_DATA_BROKEN', expect.stringContaining(reason)]);
});

test('captions without their array are refused', async () => {
  await expect(readDataset(folderOf({ 'train_caps.txt': lines(5) }))).rejects.toMatchObject({
    code: 'DIPTYCH_FILE_MISSING',
  });
});

/** @file Pictures with text files beside them: any number of captions, nested folders, splits, and lonely files. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readDataset } from '../dataset.ts';
import { folderOf } from '../testing/folder.ts';

test('each line is a caption; folders named like splits give them', async () => {
  const folder = folderOf({
    'train/a.jpg': '',
    'train/a.txt': 'one\r\n\ntwo\n',
    'val/deep/b.PNG': '',
    'val/deep/b.txt': 'three',
    'c.webp': '',
    'c.txt': 'four\n',
    // What download tools leave beside each picture is not a data set of its own.
    'c.json': { annotations: [], image_id: 3 },
  });
  const { images, quarantined, name } = await readDataset(folder);
  expect(quarantined).toEqual([]);
  expect(name).toBe(folder.split('/').at(-1));
  expect(images.map(({ id, path, split, captions }) => [id, path, split, captions.map(({ text }) => text)])).toEqual([
    ['c.webp', join(folder, 'c.webp'), 'all', ['four']],
    ['train/a.jpg', join(folder, 'train', 'a.jpg'), 'train', ['one', 'two']],
    ['val/deep/b.PNG', join(folder, 'val', 'deep', 'b.PNG'), 'val', ['three']],
  ]);
});

test('lonely and faulty files are set aside', async () => {
  const folder = folderOf({
    'a.jpg': '',
    'a.txt': Buffer.concat([Buffer.from([0xe9, 10]), Buffer.from('kept\n')]),
    'b.jpg': '',
    'c.txt': 'no picture',
    'd.jpg': '',
    'd.txt': ' \n',
  });
  const { images, quarantined } = await readDataset(folder);
  expect(images.map(({ captions }) => captions)).toEqual([[{ id: 'a.jpg#1', text: 'kept' }]]);
  expect(quarantined).toEqual([
    { file: join(folder, 'a.txt'), line: 1, id: 'a.jpg#0', kind: 'encoding', reason: 'not UTF-8' },
    { file: join(folder, 'b.jpg'), id: 'b.jpg', kind: 'no-caption', reason: 'no b.txt beside it' },
    { file: join(folder, 'c.txt'), kind: 'unknown-image', reason: 'no picture of its name' },
    { file: join(folder, 'd.jpg'), id: 'd.jpg', kind: 'no-caption', reason: 'an image without a caption' },
  ]);
});

/** @file Karpathy JSON: ids, splits, folders of COCO, and records that are set aside. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readDataset } from '../dataset.ts';
import { folderOf } from '../testing/folder.ts';

const sentences = (...texts: string[]) => texts.map((raw, sentid) => ({ raw, sentid, tokens: [] }));

test('images, captions, splits and numbers are read', async () => {
  const folder = folderOf({
    'dataset_coco.json': {
      dataset: 'coco',
      images: [
        {
          filename: 'a.jpg',
          filepath: 'val2014',
          imgid: 0,
          cocoid: 391895,
          split: 'test',
          sentences: sentences('One .\n', 'Two'),
        },
        { filename: 'b.jpg', filepath: 'train2014', imgid: 1, split: 'restval', sentences: sentences('Three') },
      ],
    },
    'val2014/a.jpg': '',
    'train2014/b.jpg': '',
  });
  const dataset = await readDataset(folder);
  expect(dataset.name).toBe('coco');
  expect(dataset.images).toEqual([
    {
      id: 'a.jpg',
      path: join(folder, 'val2014', 'a.jpg'),
      split: 'test',
      captions: [
        { id: 'a.jpg#0', text: 'One .' },
        { id: 'a.jpg#1', text: 'Two' },
      ],
      metadata: { imgid: 0, cocoid: 391895 },
    },
    {
      id: 'b.jpg',
      path: join(folder, 'train2014', 'b.jpg'),
      split: 'restval',
      captions: [{ id: 'b.jpg#0', text: 'Three' }],
      metadata: { imgid: 1 },
    },
  ]);
});

test('bad records are set aside with their reasons, the rest goes on', async () => {
  const file = {
    images: [
      { filename: 'a.jpg', split: 'train', sentences: sentences('', 'Kept') },
      { filename: 'b.jpg', split: 'fold 3', sentences: sentences('x') },
      { filename: 'c.jpg', split: 'train' },
      { filename: 'a.jpg', split: 'train', sentences: sentences('again') },
      { filename: 'a.jpg', split: 'test', sentences: sentences('again') },
      { filename: 'd.jpg', split: 'val', sentences: [] },
      { filename: '', split: 'val', sentences: sentences('x') },
      'not an image',
    ],
  };
  const dataset = await readDataset(folderOf({ 'dataset.json': file }), { images: false });
  // An empty caption still counts, so that ids stay the positions in the file.
  expect(dataset.images.map(({ captions }) => captions)).toEqual([[{ id: 'a.jpg#1', text: 'Kept' }]]);
  expect(dataset.quarantined.map(({ kind, id }) => [kind, id])).toEqual([
    ['empty-caption', 'a.jpg#0'],
    ['unknown-split', 'b.jpg'],
    ['malformed', undefined],
    ['repeated-id', 'a.jpg'],
    ['other-split', 'a.jpg'],
    ['no-id', undefined],
    ['malformed', undefined],
    ['no-caption', 'd.jpg'],
  ]);
  expect(dataset.quarantined[2].reason).toContain('images[2]: sentences: ');
  expect(dataset.quarantined[4].reason).toContain('in test here, in train by ');
});

test('a file of another shape is refused as a whole', async () => {
  const folder = folderOf({ 'dataset.json': { images: { sentences: [] } } });
  await expect(readDataset(folder)).rejects.toMatchObject({ code: 'DIPTYCH_JSON_SHAPE' });
  await expect(readDataset(folderOf({ 'dataset.json': '{"images": [{"sentences": [' }))).rejects.toMatchObject({
    code: 'DIPTYCH_JSON_SYNTAX',
  });
});

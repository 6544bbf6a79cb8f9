/** @file COCO captions JSON: several files, folders, and records that are set aside. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readDataset } from '../dataset.ts';
import { folderOf } from '../testing/folder.ts';

const image = (id: number, year: string) => ({
  id,
  file_name: `COCO_${year}_${id}.jpg`,
  width: 640,
  height: 480,
  license: 1,
});
const caption = (id: number, image_id: number, text: string) => ({ id, image_id, caption: text });

test('the files of annotations are one data set, their names give the splits', async () => {
  const folder = folderOf({
    'annotations/captions_train2014.json': {
      images: [image(9, 'train2014')],
      annotations: [caption(1, 9, 'A bicycle.\n'), caption(5, 9, 'Its clock.')],
    },
    'annotations/captions_val2014.json': {
      images: [image(42, 'val2014')],
      annotations: [caption(2, 42, 'A kitchen.')],
    },
    'train2014/COCO_train2014_9.jpg': '',
    'val2014/COCO_val2014_42.jpg': '',
  });
  const dataset = await readDataset(folder);
  expect(dataset.images).toEqual([
    {
      id: '9',
      path: join(folder, 'train2014', 'COCO_train2014_9.jpg'),
      split: 'train',
      captions: [
        { id: '1', text: 'A bicycle.' },
        { id: '5', text: 'Its clock.' },
      ],
      metadata: { file_name: 'COCO_train2014_9.jpg', width: 640, height: 480 },
    },
    expect.objectContaining({ id: '42', split: 'val' }),
  ]);
  const single = await readDataset(join(folder, 'annotations', 'captions_val2014.json'));
  expect(single.images.map(({ id }) => id)).toEqual(['42']);
  expect(single.root).toBe(folder);
});

test('bad records are set aside with their reasons, the rest goes on', async () => {
  const folder = folderOf({
    'captions.json': {
      images: [image(1, 'x'), image(2, 'x'), image(1, 'x'), image(3, 'x'), { id: 4 }],
      annotations: [
        caption(10, 1, 'kept'),
        caption(10, 1, 'same id'),
        caption(11, 77, 'no such image'),
        caption(12, 2, 'its picture is missing'),
        caption(13, 1, '  '),
        { id: 14, image_id: 1 },
      ],
    },
    'COCO_x_1.jpg': '',
    'COCO_x_3.jpg': '',
  });
  const dataset = await readDataset(folder);
  expect(dataset.images.map(({ id, split, captions }) => [id, split, captions])).toEqual([
    ['1', 'all', [{ id: '10', text: 'kept' }]],
  ]);
  expect(dataset.quarantined.map(({ kind, id, reason }) => [kind, id, reason.slice(0, 26)])).toEqual([
    ['missing-file', '2', 'no picture COCO_x_2.jpg'],
    ['repeated-id', '1', 'the id is taken by '.concat(folder).slice(0, 26)],
    ['malformed', undefined, 'images[4]: file_name: Inva'],
    ['repeated-id', '10', 'the caption id is taken'],
    ['unknown-image', '11', 'there is no image 77'],
    ['unknown-image', '12', 'its image 2 was set aside'],
    ['empty-caption', '13', 'an empty caption'],
    ['malformed', undefined, 'annotations[5]: caption: I'],
    ['no-caption', '3', 'an image without a caption'],
  ]);
});

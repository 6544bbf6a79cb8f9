import { expect, test } from 'vitest';
import { readDataset } from '../../../data/dataset.ts';
import { imagesOf } from '../../../data/relation.ts';
import { tableModel } from '../../../encoders/pretrained/testing/table.ts';
import { hasShared, sharedPath } from '../../../testing/shared.ts';
import { matrixOf, photos, range } from './testing/photos.ts';

test('an encoder in an ONNX file: own captions are 1, all others cosines', async () => {
  const [first] = await matrixOf({ kind: 'encoder', aggregate: 'max', folder: tableModel() }, photos);
  expect(first.slice(0, 2)).toEqual([1, 1]);
  expect(first.every((x) => Math.abs(x) <= 1.001)).toBe(true);
});

const model = 'models/all-MiniLM-L6-v2';
test.skipIf(!hasShared(model))('a model folder: captions that mean the same are close', async () => {
  const [dogs, , chess] = await matrixOf({ kind: 'encoder', aggregate: 'max', folder: sharedPath(model) }, photos);
  expect(dogs[7]).toBeCloseTo(1, 2);
  expect(dogs[2]).toBeGreaterThan(0.5);
  expect(Math.max(...chess.slice(0, 4))).toBeLessThan(0.4);
});

test.skipIf(!hasShared(model) || !hasShared('data/flickr8k/dataset_flickr8k.json'))(
  'Flickr8k by MiniLM: deciles of relevance near those that are published for MPNet on Flickr30K',
  async () => {
    const dataset = await readDataset(sharedPath('data/flickr8k/dataset_flickr8k.json'), { images: false });
    const images = imagesOf(dataset, 'train').slice(0, 60);
    const rows = await matrixOf({ kind: 'encoder', aggregate: 'max', folder: sharedPath(model) }, images);
    const others = rows.flatMap((row, i) => row.filter((_, j) => Math.floor(j / 5) !== i)).sort((a, b) => a - b);
    const deciles = range(9).map((d) => others[Math.floor((others.length * (d + 1)) / 10)]);
    process.stderr.write(`deciles: ${deciles.map((x) => x.toFixed(2)).join(' ')}\n`);
    const published = [0, 0.04, 0.07, 0.09, 0.12, 0.15, 0.18, 0.22, 0.28];
    deciles.forEach((x, d) => {
      expect(Math.abs(x - published[d])).toBeLessThan(0.15);
    });
  },
);

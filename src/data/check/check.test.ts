/** @file Checking data sets: counts, duplicates, leakage and faulty pictures of a set made to have them all. */
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import type { ProgressReport } from '../../system/progress.ts';
import { hasShared, sharedPath } from '../../testing/shared.ts';
import { type Dataset, readDataset } from '../dataset.ts';
import { folderOf } from '../testing/folder.ts';
import { checkDataset } from './check.ts';
import { distributionOf } from './distribution.ts';
import { formatCheck } from './format.ts';
import type { CheckReport } from './report.ts';

const plain = (width: number, height: number, background: string) =>
  sharp({ create: { width, height, channels: 3, background }, limitInputPixels: false });

/** Twelve images: duplicates by bytes and by pixels, within and across splits, and pictures that cannot be read. */
async function faultyFolder(): Promise<string> {
  const folder = folderOf({
    'all.csv': [
      'image,caption,split',
      'a.png,A dog.,train',
      'a.png,a  DOG.,train',
      'a-copy.png,A dog.,test',
      'a-again.webp,Two dogs run.,val',
      'b.png,A cat.,train',
      'b-copy.png,One black cat sits on the mat,restval',
      'empty.jpg,nothing,train',
      'cut.jpg,half,train',
      'text.jpg,words,train',
      'wide.png,a wall,train',
      'strip.png,a thread,train',
      'gone.jpg,missing,train',
      'b.png,A cat in the wrong split,test',
    ].join('\n'),
    'empty.jpg': '',
    'text.jpg': 'not a picture at all',
  });
  const noise = Buffer.from(Array.from({ length: 64 * 64 * 3 }, (_, i) => (i * 7919) % 251));
  const noisy = () => sharp(noise, { raw: { width: 64, height: 64, channels: 3 } });
  await noisy().png().toFile(join(folder, 'a.png'));
  await copyFile(join(folder, 'a.png'), join(folder, 'a-copy.png'));
  await noisy().webp({ lossless: true }).toFile(join(folder, 'a-again.webp'));
  await plain(8, 4, '#123456').png().toFile(join(folder, 'b.png'));
  await copyFile(join(folder, 'b.png'), join(folder, 'b-copy.png'));
  const jpeg = await noisy().jpeg().toBuffer();
  await writeFile(join(folder, 'cut.jpg'), jpeg.subarray(0, jpeg.length / 2));
  await plain(50_000, 6_000, '#fff').png({ compressionLevel: 1 }).toFile(join(folder, 'wide.png'));
  await plain(50_000, 2, '#fff').png().toFile(join(folder, 'strip.png'));
  return folder;
}

test('every fault of a faulty data set is reported, the rest is counted', async () => {
  const folder = await faultyFolder();
  const reports: ProgressReport[] = [];
  const progress = { update: (report: ProgressReport) => void reports.push(report), note() {}, finish() {} };
  const report = await checkDataset(await readDataset(folder), { progress });

  expect([report.images, report.captions, report.clean]).toEqual([10, 11, false]);
  expect(report.splits).toEqual([
    { split: 'train', images: 7, captions: 8 },
    { split: 'test', images: 1, captions: 1 },
    { split: 'val', images: 1, captions: 1 },
    { split: 'restval', images: 1, captions: 1 },
  ]);
  expect(report.captionsPerImage).toMatchObject({ min: 1, max: 2, median: 1, mean: 1.1 });
  expect(report.wordsPerCaption).toMatchObject({ min: 1, max: 7 });
  expect(report.sharedCaptions).toEqual([{ text: 'A dog.', images: 2, ids: ['a.png', 'a-copy.png'] }]);
  expect(report.pictures?.decoded).toBe(6);
  expect(report.pictures?.unreadable.map(({ id, code }) => [id, code])).toEqual([
    ['empty.jpg', 'DIPTYCH_IMAGE_UNREADABLE'],
    ['cut.jpg', 'DIPTYCH_IMAGE_UNREADABLE'],
    ['text.jpg', 'DIPTYCH_IMAGE_UNREADABLE'],
    ['wide.png', 'DIPTYCH_IMAGE_TOO_LARGE'],
  ]);
  expect(report.pictures?.width).toMatchObject({ min: 8, max: 50_000 });
  expect(report.pictures?.sameBytes).toEqual([
    { ids: ['a.png', 'a-copy.png'], splits: ['train', 'test'] },
    { ids: ['b.png', 'b-copy.png'], splits: ['train', 'restval'] },
  ]);
  expect(report.pictures?.samePixels).toEqual([{ ids: ['a-copy.png', 'a-again.webp'], splits: ['test', 'val'] }]);
  expect(report.leakage).toEqual({
    ids: [{ ids: ['b.png'], splits: ['train', 'test'] }],
    sameBytes: [{ ids: ['a.png', 'a-copy.png'], splits: ['train', 'test'] }],
    samePixels: [{ ids: ['a-copy.png', 'a-again.webp'], splits: ['test', 'val'] }],
  });
  expect(report.quarantined.map(({ kind }) => kind)).toEqual(['missing-file', 'other-split']);
  expect(reports.at(-1)).toEqual({ done: 10, total: 10, unit: 'images' });

  const text = formatCheck(report);
  for (const part of [
    '10 images, 11 captions',
    'train: 7 images, 8 captions',
    '1 caption that several images share\n  2 images: "A dog."',
    '4 unreadable pictures\n',
    `${join(folder, 'wide.png')}: 300000000 pixels, above the limit of 200000000`,
    '1 same file in two splits\n  a.png (train) = a-copy.png (test)\n',
    '1 image id in two splits\n  b.png (train, test)\n',
    `2 records set aside\n  ${join(folder, 'all.csv')}:13 gone.jpg: no picture gone.jpg\n`,
    'faults were found; nothing was changed\n',
  ]) {
    expect(text).toContain(part);
  }
});

/**
 * A report without the decoder's own words: libvips keeps them in one place for all threads, so that pictures decoded at once
 * may find each other's words beside their own code.
 */
function wordless(report: CheckReport): unknown {
  const { pictures } = report;
  return {
    ...report,
    pictures: { ...pictures, unreadable: pictures?.unreadable.map(({ reason: _, ...rest }) => rest) },
  };
}

test('the result does not depend on how many pictures are decoded at once', async () => {
  const dataset = await readDataset(await faultyFolder());
  const limits = { bytes: 1e6, pixels: 1e5 };
  const one = await checkDataset(dataset, { concurrency: 1, limits });
  const many = await checkDataset(dataset, { concurrency: 16, limits });
  expect(wordless(many)).toEqual(wordless(one));
  expect(one.pictures?.unreadable.map(({ id }) => id)).toContain('wide.png');
});

test('a clean data set says so, with and without looking at pictures', async () => {
  const folder = folderOf({ 'all.csv': 'image,caption\na.png,one two three\nb.png,four\n' });
  await plain(4, 4, '#000').png().toFile(join(folder, 'a.png'));
  await plain(4, 4, '#fff').png().toFile(join(folder, 'b.png'));
  const dataset = await readDataset(folder);
  const report = await checkDataset(dataset);
  expect(report.clean).toBe(true);
  expect(formatCheck(report)).toContain('2 pictures decoded, width 4, height 4\nno faults\n');
  const without = await checkDataset(dataset, { pictures: false });
  expect(without.pictures).toBeUndefined();
  expect(formatCheck(without)).toContain('pictures were not looked at');
});

test('a picture that goes between reading and checking is listed', async () => {
  const folder = folderOf({ 'all.csv': 'image,caption\na.png,one\n', 'a.png': '' });
  const dataset: Dataset = await readDataset(folder);
  const gone = dataset.images.map((image) => ({ ...image, path: join(folder, 'none.png') }));
  const { pictures } = await checkDataset({ ...dataset, images: gone });
  expect(pictures?.unreadable.map(({ code }) => code)).toEqual(['DIPTYCH_FILE_MISSING']);
});

test('long lists are cut and say by how much', async () => {
  const rows = Array.from({ length: 25 }, (_, i) => `${i}.png,\n`).join('');
  const folder = folderOf({ 'all.csv': `image,caption\na.png,one\n${rows}` });
  const report = await checkDataset(await readDataset(folder, { images: false }));
  const text = formatCheck(report);
  expect(text).toContain('50 records set aside\n');
  expect(text).toContain('  and 40 more\n');
  expect(text.split('\n').length).toBeLessThan(30);
});

test('percentiles are by nearest rank', () => {
  const hundred = Array.from({ length: 100 }, (_, i) => 100 - i);
  expect(distributionOf(hundred)).toEqual({ min: 1, mean: 50.5, p5: 5, median: 50, p95: 95, p99: 99, max: 100 });
  expect(distributionOf([])).toEqual({ min: 0, mean: 0, p5: 0, median: 0, p95: 0, p99: 0, max: 0 });
});

test.skipIf(!hasShared('data/flickr8k'))('some photos of Flickr8k, one of them planted twice', async () => {
  const dataset = await readDataset(sharedPath('data/flickr8k'));
  const folder = folderOf({});
  await mkdir(join(folder, 'copies'));
  const train = dataset.images.filter(({ split }) => split === 'train').slice(0, 300);
  const [first] = train;
  const copy = join(folder, 'copies', 'copy.jpg');
  await writeFile(copy, await readFile(first.path ?? ''));
  const planted = { ...first, id: 'copy.jpg', path: copy, split: 'val' } as const;
  const report = await checkDataset({ ...dataset, images: [...train, planted] });
  expect(report.pictures).toMatchObject({ decoded: 301, unreadable: [], width: { min: 224, max: 224 } });
  expect(report.leakage.sameBytes).toEqual([{ ids: [first.id, 'copy.jpg'], splits: ['train', 'val'] }]);
  expect(report.captionsPerImage).toMatchObject({ min: 5, max: 5 });
});

/** @file What holds for data sets of any format: detection, splits, limits, fingerprints, missing pictures, damage. */
import { cp, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isDiptychError } from '../errors/error.ts';
import { writeNpy } from '../files/npy.ts';
import { hasShared, sharedPath } from '../testing/shared.ts';
import { readDataset } from './dataset.ts';
import { captionImageRows, captionsOf, imagesOf } from './relation.ts';
import { folderOf } from './testing/folder.ts';

const csv = 'image,caption,split\na.jpg,one,train\na.jpg,two,train\nb.jpg,three,val\nc.jpg,four,test\n';
const pictures = { 'images/a.jpg': '', 'images/b.jpg': '', 'images/c.jpg': '' };

test('captions are a relation: any number an image, in order, with the image of each', async () => {
  const dataset = await readDataset(folderOf({ 'captions.csv': csv, ...pictures }));
  expect(captionsOf(dataset.images).map(({ text }) => text)).toEqual(['one', 'two', 'three', 'four']);
  expect([...captionImageRows(dataset.images)]).toEqual([0, 0, 1, 2]);
  expect(imagesOf(dataset, 'val', 'test').map(({ id }) => id)).toEqual(['b.jpg', 'c.jpg']);
});

test('the folder, the file and a named format give the same data set', async () => {
  const folder = folderOf({ 'captions.csv': csv, ...pictures });
  const whole = await readDataset(folder);
  expect(await readDataset(join(folder, 'captions.csv'))).toEqual(whole);
  expect(await readDataset(folder, { format: 'csv' })).toEqual(whole);
  expect(whole.name).toBe('captions');
  expect(whole.root).toBe(folder);
});

test('each format is recognised', async () => {
  const karpathy = { images: [{ filename: 'a.jpg', split: 'train', sentences: [{ raw: 'one' }] }] };
  const coco = { images: [{ id: 1, file_name: 'a.jpg' }], annotations: [{ id: 2, image_id: 1, caption: 'one' }] };
  const sets: Record<string, Record<string, string | object>> = {
    karpathy: { 'dataset_x.json': karpathy, 'config.json': { a: 1 } },
    coco: { 'annotations/captions_train2014.json': coco, 'annotations/instances_train2014.json': coco },
    jsonl: { 'metadata.jsonl': '{"file_name":"a.jpg","text":"one"}\n' },
    csv: { 'captions.txt': 'image,caption\na.jpg,one\n' },
    tsv: { 'all.tsv': 'image\tcaption\na.jpg\tone\n' },
    pairs: { 'photos/a.txt': 'one\n', 'photos/a.jpg': '' },
  };
  for (const [format, files] of Object.entries(sets)) {
    const dataset = await readDataset(folderOf({ 'a.jpg': '', ...files }), { images: false });
    expect([format, dataset.images.length, dataset.images[0].captions[0].text]).toEqual([format, 1, 'one']);
  }
});

test('tables of one split each are one data set', async () => {
  const table = (name: string) => `image,caption\n${name}.jpg,a caption\n`;
  const files = { 'my_train.csv': table('a'), 'my_val.csv': table('b'), 'my_test.csv': table('c') };
  const dataset = await readDataset(folderOf({ ...files, ...pictures }));
  expect(Object.fromEntries(dataset.images.map(({ id, split }) => [id, split]))).toEqual({
    'a.jpg': 'train',
    'b.jpg': 'val',
    'c.jpg': 'test',
  });
  const lone = await readDataset(folderOf({ 'quick-test.csv': table('a'), ...pictures }));
  expect(lone.images[0].split).toBe('all');
});

test('what cannot be told is refused, naming what is there', async () => {
  const rows = 'image,caption\na.jpg,x\n';
  await expect(readDataset(folderOf({ 'one.csv': rows, 'two.csv': rows }))).rejects.toMatchObject({
    code: 'DIPTYCH_DATA_FORMAT_AMBIGUOUS',
    fields: { candidates: ['one.csv', 'two.csv'] },
  });
  await expect(readDataset(folderOf({ 'a.jpg': '', 'b.jpg': '', 'notes.md': '' }))).rejects.toMatchObject({
    code: 'DIPTYCH_DATA_FORMAT_UNKNOWN',
    fields: { found: '2 .jpg, 1 .md' },
  });
  await expect(readDataset(folderOf({}))).rejects.toThrow('the folder is empty');
  await expect(readDataset(join(folderOf({ 'a.parquet': '' }), 'a.parquet'))).rejects.toMatchObject({
    code: 'DIPTYCH_DATA_FORMAT_UNKNOWN',
  });
  await expect(readDataset('/nowhere/at/all')).rejects.toMatchObject({ code: 'DIPTYCH_FILE_MISSING' });
});

test('a missing picture is set aside; when all are missing the folder is wrong', async () => {
  const folder = folderOf({ 'captions.csv': csv, 'images/a.jpg': '', 'images/c.jpg': '' });
  const dataset = await readDataset(folder);
  expect(dataset.images.map(({ id }) => id)).toEqual(['a.jpg', 'c.jpg']);
  expect(dataset.quarantined).toEqual([
    { file: join(folder, 'captions.csv'), line: 4, id: 'b.jpg', kind: 'missing-file', reason: 'no picture b.jpg' },
  ]);
  const bare = folderOf({ 'captions.csv': csv });
  await expect(readDataset(bare)).rejects.toMatchObject({
    code: 'DIPTYCH_DATA_PICTURES_MISSING',
    fields: { count: 4, example: 'a.jpg', folders: [bare] },
  });
  const without = await readDataset(bare, { images: false });
  expect(without.images.map((image) => 'path' in image)).toEqual([false, false, false]);
  const elsewhere = await readDataset(bare, { images: folder });
  expect(elsewhere.images[0].path).toBe(join(folder, 'images', 'a.jpg'));
});

test('names are found whatever the form of their accents and slashes', async () => {
  const folder = folderOf({ 'captions.csv': 'image,caption\nsub\\caf\u00e9.jpg,x\n', 'sub/cafe\u0301.jpg': '' });
  expect((await readDataset(folder)).images[0].path).toBe(join(folder, 'sub', 'cafe\u0301.jpg'));
});

test('splits by hash replace those of the file and stay when images are added', async () => {
  const table = (n: number) => `image,caption\n${Array.from({ length: n }, (_, i) => `${i}.jpg,a\n`).join('')}`;
  const split = { seed: 3, fractions: { train: 0.5, val: 0.25, test: 0.25 } };
  const few = await readDataset(join(folderOf({ 'a.csv': table(40) }), 'a.csv'), { images: false, split });
  const many = await readDataset(join(folderOf({ 'a.csv': table(80) }), 'a.csv'), { images: false, split });
  expect(new Set(few.images.map((image) => image.split))).toEqual(new Set(['train', 'val', 'test']));
  expect(many.images.slice(0, 40).map((image) => image.split)).toEqual(few.images.map((image) => image.split));
});

test('captions can be limited to the first few of each image', async () => {
  const dataset = await readDataset(folderOf({ 'c.csv': csv }), { images: false, captionsPerImage: 1 });
  expect(captionsOf(dataset.images).map(({ text }) => text)).toEqual(['one', 'three', 'four']);
});

test('the fingerprint follows ids, captions, splits and order, and not where the files lie', async () => {
  const folder = folderOf({ 'captions.csv': csv, ...pictures });
  const { fingerprint } = await readDataset(folder);
  const copy = `${folder}-copy`;
  await cp(folder, copy, { recursive: true });
  const of = async (text: string) => {
    await writeFile(join(folder, 'captions.csv'), text);
    return (await readDataset(folder)).fingerprint;
  };
  expect((await readDataset(copy)).fingerprint).toBe(fingerprint);
  await rename(copy, join(folder, 'copy'));
  expect(fingerprint).toMatch(/^[0-9a-f]{64}$/);
  expect(await of(csv.replace('three', 'tree'))).not.toBe(fingerprint);
  expect(await of(csv.replace('c.jpg,four,test', 'c.jpg,four,val'))).not.toBe(fingerprint);
  expect(
    await of('image,caption,split\nb.jpg,three,val\na.jpg,one,train\na.jpg,two,train\nc.jpg,four,test\n'),
  ).not.toBe(fingerprint);
  expect(await of(csv)).toBe(fingerprint);
});

test('a set without one usable record is refused with the first reason', async () => {
  const folder = folderOf({ 'captions.csv': 'image,caption\na.jpg,\n', 'a.jpg': '' });
  await expect(readDataset(folder)).rejects.toMatchObject({
    code: 'DIPTYCH_DATA_EMPTY',
    message: expect.stringContaining('an empty caption'),
  });
});

test('a folder that points at itself does not hang', async () => {
  const folder = folderOf({ 'a.txt': 'x', 'a.jpg': '' });
  await symlink(folder, join(folder, 'loop'));
  expect((await readDataset(folder)).images.length).toBe(1);
});

test('a damaged caption file ends in a coded error or in a data set that accounts for its records', async () => {
  const karpathy = {
    images: [1, 2, 3].map((i) => ({ filename: `${i}.jpg`, split: 'val', sentences: [{ raw: `caption ${i}` }] })),
  };
  const coco = {
    images: [1, 2].map((id) => ({ id, file_name: `${id}.jpg` })),
    annotations: [1, 2].map((id) => ({ id, image_id: id, caption: 'text' })),
  };
  const jsonl = '{"image":"a.jpg","caption":"one"}\n{"image":"b.jpg","captions":["two","three"]}\n';
  const files = {
    'dataset.json': JSON.stringify(karpathy),
    'captions.json': JSON.stringify(coco),
    'a.jsonl': jsonl,
    'a.csv': `${csv}"d.jpg","a ""quoted"" one",val\n`,
    'a.tsv': csv.replaceAll(',', '\t'),
  };
  const folder = folderOf(files);
  const cases = fc.constantFrom(...Object.entries(files));
  const damage = fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(255)), { maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(cases, damage, fc.nat(400), fc.boolean(), async ([name, text], changes, length, cut) => {
      const bytes = Buffer.from(text);
      for (const [at, value] of changes) bytes[Math.floor(at * (bytes.length - 1))] = value;
      const path = join(folder, name);
      await writeFile(path, cut ? bytes.subarray(0, length) : bytes);
      const dataset = await readDataset(path, { images: false }).catch((error) => {
        if (!isDiptychError(error)) throw error;
      });
      if (dataset === undefined) return;
      const ids = dataset.images.map(({ id }) => id);
      const captions = captionsOf(dataset.images);
      expect(new Set(ids).size).toBe(ids.length);
      expect(new Set(captions.map(({ id }) => id)).size).toBe(captions.length);
      expect(captions.every((caption) => caption.text !== '' && caption.text.trim() === caption.text)).toBe(true);
      for (const { reason, file } of dataset.quarantined) expect([reason.length > 0, file]).toEqual([true, path]);
    }),
    { numRuns: 600 },
  );
});

test('damaged arrays of features end in a coded error', async () => {
  const folder = folderOf({ 'train_caps.txt': 'a\nb\n' });
  await writeFile(join(folder, 'train_ims.npy'), 'no array');
  await expect(readDataset(folder)).rejects.toMatchObject({ code: 'DIPTYCH_NPY_INVALID' });
  await writeNpy(join(folder, 'train_ims.npy'), { dtype: 'float32', shape: [3, 1, 2], data: new Float32Array(6) });
  await expect(readDataset(folder)).rejects.toThrow('2 captions for the 3 rows');
});

test.skipIf(!hasShared('data/flickr8k'))('Flickr8k as published is read whole', async () => {
  const dataset = await readDataset(sharedPath('data/flickr8k'));
  expect([dataset.name, dataset.images.length, dataset.quarantined.length]).toEqual(['flickr8k', 7000, 0]);
  expect([imagesOf(dataset, 'train').length, imagesOf(dataset, 'val').length]).toEqual([6000, 1000]);
  expect(captionsOf(dataset.images).length).toBe(35_000);
  expect(dataset.images[0]).toMatchObject({ id: '2513260012_03d33305cf.jpg', split: 'train', metadata: { imgid: 0 } });
  expect(dataset.images[0].captions[3].id).toBe('2513260012_03d33305cf.jpg#3');
});

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { readDataset } from '../data/dataset.ts';
import { keyOf } from '../random/hash.ts';
import { temporaryFolder } from '../testing/temporary.ts';
import { drawPicture } from './picture.ts';
import { demoQueries, satisfies } from './queries.ts';
import { writeDemoDataset } from './write.ts';

const options = { train: 12, val: 10, test: 0, seed: 7 };
const pictureOf = (folder: string, id: string) => join(folder, 'images', id.split('-')[0], id);

test('equal options give equal files; another seed gives others', async () => {
  const [one, again, other] = [temporaryFolder(), temporaryFolder(), temporaryFolder()];
  await writeDemoDataset(one, options);
  await writeDemoDataset(again, options);
  await writeDemoDataset(other, { ...options, seed: 8 });
  for (const file of ['dataset_demo.json', 'scenes.json', 'images/train/train-00003.png', 'images/val/val-00009.png']) {
    expect(readFileSync(join(again, file))).toEqual(readFileSync(join(one, file)));
    expect(readFileSync(join(other, file))).not.toEqual(readFileSync(join(one, file)));
  }
});

test('the ordinary reader reads it, pictures decode to what was drawn', async () => {
  const folder = temporaryFolder();
  const scenes = await writeDemoDataset(folder, { ...options, size: 48 });
  const dataset = await readDataset(folder);
  expect(dataset.name).toBe('demo');
  expect(dataset.quarantined).toEqual([]);
  expect(dataset.images.map(({ id }) => id)).toEqual([...scenes.keys()]);
  expect(dataset.images.filter(({ split }) => split === 'val')).toHaveLength(10);
  for (const { id, path, captions, split } of dataset.images) {
    expect(captions).toHaveLength(5);
    expect(path).toBe(pictureOf(folder, id));
    const position = Number(id.slice(-9, -4));
    const { data, info } = await sharp(path).raw().toBuffer({ resolveWithObject: true });
    expect(info).toMatchObject({ width: 48, height: 48, channels: 3 });
    const drawn = drawPicture(scenes.get(id)!, keyOf(options.seed, 'picture', split, position), 48);
    expect(Buffer.compare(data, Buffer.from(drawn))).toBe(0);
  }
  const [{ sentences }] = JSON.parse(readFileSync(join(folder, 'dataset_demo.json'), 'utf8')).images;
  expect(sentences[0]).toMatchObject({ imgid: 0, sentid: 0, raw: expect.stringMatching(/^[A-Z].*\.$/) });
  expect(sentences[0].tokens.join(' ')).toMatch(/^[a-z ]+$/);
});

test('scenes lie beside the pictures by image id, and answer the searches', async () => {
  const folder = temporaryFolder();
  const scenes = await writeDemoDataset(folder, options);
  expect(JSON.parse(readFileSync(join(folder, 'scenes.json'), 'utf8'))).toEqual(Object.fromEntries(scenes));
  for (const query of demoQueries) {
    expect([...scenes].some(([id, scene]) => id.startsWith('val-') && satisfies(scene, query))).toBe(true);
  }
});

test('with a test split, that one is searched', async () => {
  const scenes = await writeDemoDataset(temporaryFolder(), { train: 1, val: 10, test: 10, seed: 3 });
  const answers = [...scenes].filter(([, scene]) => demoQueries.some((query) => satisfies(scene, query)));
  expect(answers).toHaveLength(10);
  expect(answers.every(([id]) => id.startsWith('test-'))).toBe(true);
});

test('a second run leaves nothing of the first, and nothing else is removed', async () => {
  const folder = temporaryFolder();
  await writeDemoDataset(folder, options);
  writeFileSync(join(folder, 'images', 'val', 'mine.png'), 'mine');
  await writeDemoDataset(folder, { train: 2, val: 1, seed: 7 });
  expect(readdirSync(join(folder, 'images', 'train'))).toEqual(['train-00000.png', 'train-00001.png']);
  expect(readdirSync(join(folder, 'images', 'val')).sort()).toEqual(['mine.png', 'val-00000.png']);
});

test('reports progress to its end', async () => {
  const reports: number[] = [];
  const progress = { update: ({ done }: { done: number }) => reports.push(done), note() {}, finish() {} };
  await writeDemoDataset(temporaryFolder(), { train: 20, val: 0, seed: 1, size: 32, progress });
  expect(reports.at(-1)).toBe(20);
  expect(reports.length).toBeGreaterThan(1);
});

test('a folder that cannot be written is a coded error', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'file'), '');
  const unwritable = { code: 'DIPTYCH_FILE_UNWRITABLE' };
  await expect(writeDemoDataset(join(folder, 'file'), options)).rejects.toMatchObject(unwritable);
});

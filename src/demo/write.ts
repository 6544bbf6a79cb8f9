/** @file Writes the demo's pictures and captions as files, laid out as Flickr8k is. */
import { promises } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { words } from '../data/tokens/words.ts';
import { writeAtomically } from '../files/atomic.ts';
import { unwritable } from '../files/failures.ts';
import { keyOf } from '../random/hash.ts';
import { Random } from '../random/random.ts';
import { type Progress, silent } from '../system/progress.ts';
import { drawCaptions } from './captions.ts';
import { drawPicture } from './picture.ts';
import type { Scene } from './scene.ts';
import { type DemoSplit, demoSplits, drawScenes } from './split.ts';

export interface DemoOptions {
  /** Number of scenes in each split. `val` or, if there is one, `test` holds the answers to the demo's queries. */
  readonly train: number;
  readonly val: number;
  /** Default 0. */
  readonly test?: number;
  readonly seed: number;
  /** Side of the pictures in pixels; default 64. Below about 48 small shapes blur. */
  readonly size?: number;
  readonly progress?: Progress;
}

/** A picture of the demo: its file name, which is also the id of the image. */
interface DemoPicture {
  readonly id: string;
  readonly split: DemoSplit;
  readonly position: number;
  readonly scene: Scene;
}

const DATASET_FILE = 'dataset_demo.json';
const SCENES_FILE = 'scenes.json';
/** Pictures drawn while others are compressed and written. */
const AT_ONCE = 8;

/**
 * Writes `images/SPLIT/SPLIT-00000.png …`, `scenes.json` and, last, `dataset_demo.json` in the form of the Karpathy
 * splits. Equal options give equal pictures and captions on every machine; pictures of an earlier run are replaced.
 *
 * @returns the scene of each image by id
 * @throws DIPTYCH_FILE_UNWRITABLE
 */
export async function writeDemoDataset(folder: string, options: DemoOptions): Promise<ReadonlyMap<string, Scene>> {
  const { seed, progress = silent } = options;
  const searched = options.test ? 'test' : 'val';
  const pictures = demoSplits.flatMap((split) =>
    drawScenes(split, options[split] ?? 0, seed, split === searched).map((scene, position): DemoPicture => {
      return { id: `${split}-${String(position).padStart(5, '0')}.png`, split, position, scene };
    }),
  );
  await emptyPictureFolders(folder);
  for (let start = 0; start < pictures.length; start += AT_ONCE) {
    const batch = pictures.slice(start, start + AT_ONCE);
    await Promise.all(batch.map((picture) => writePicture(folder, picture, options)));
    progress.update({ done: start + batch.length, total: pictures.length, unit: 'pictures' });
  }
  const scenes = new Map(pictures.map(({ id, scene }) => [id, scene]));
  await writeAtomically(join(folder, SCENES_FILE), `${JSON.stringify(Object.fromEntries(scenes))}\n`);
  await writeAtomically(join(folder, DATASET_FILE), `${JSON.stringify(karpathy(pictures, seed))}\n`);
  return scenes;
}

/** Removes the pictures of an earlier run, and nothing else, so that a folder never mixes two runs. */
async function emptyPictureFolders(folder: string): Promise<void> {
  await promises.rm(join(folder, DATASET_FILE), { force: true }).catch((cause) => {
    throw unwritable(folder, cause);
  });
  for (const split of demoSplits) {
    const inner = join(folder, 'images', split);
    try {
      await promises.mkdir(inner, { recursive: true });
      const old = (await promises.readdir(inner)).filter((name) => /^(train|val|test)-\d{5}\.png$/.test(name));
      for (const name of old) await promises.rm(join(inner, name));
    } catch (cause) {
      throw unwritable(inner, cause);
    }
  }
}

async function writePicture(folder: string, picture: DemoPicture, { seed, size = 64 }: DemoOptions): Promise<void> {
  const { id, split, position, scene } = picture;
  const pixels = drawPicture(scene, keyOf(seed, 'picture', split, position), size);
  const png = await sharp(pixels, { raw: { width: size, height: size, channels: 3 } })
    .png({ compressionLevel: 6 })
    .toBuffer();
  const path = join(folder, 'images', split, id);
  await promises.writeFile(path, png).catch((cause) => {
    throw unwritable(path, cause);
  });
}

function karpathy(pictures: readonly DemoPicture[], seed: number): unknown {
  let sentid = 0;
  const images = pictures.map(({ id, split, position, scene }, imgid) => {
    const captions = drawCaptions(scene, new Random(seed, 'captions', split, position));
    const sentences = captions.map(({ text }) => ({ tokens: words(text), raw: text, imgid, sentid: sentid++ }));
    return { filepath: split, filename: id, imgid, split, sentids: sentences.map((s) => s.sentid), sentences };
  });
  return { images, dataset: 'demo' };
}

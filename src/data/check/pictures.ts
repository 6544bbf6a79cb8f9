/** @file Decoding every picture once: which cannot be read, and which are the same by bytes or by pixels. */
import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { isDiptychError } from '../../errors/error.ts';
import { readBytes } from '../../files/text.ts';
import type { Progress } from '../../system/progress.ts';
import type { ImageRecord } from '../dataset.ts';
import { type DecodeLimits, decodeImage } from '../images/decode.ts';
import { distributionOf } from './distribution.ts';
import type { Group, PictureReport } from './report.ts';

/** A record that has a picture. */
export type Pictured = ImageRecord & { readonly path: string };

/** What one picture is. */
interface Look {
  readonly image: Pictured;
  readonly bytes: string;
  readonly pixels: string;
  readonly width: number;
  readonly height: number;
}

export interface PictureOptions {
  readonly limits: DecodeLimits;
  readonly concurrency?: number | undefined;
  readonly progress: Progress;
}

/** Decodes the pictures of records, a few at a time. */
export async function checkPictures(images: readonly Pictured[], options: PictureOptions): Promise<PictureReport> {
  const { limits, concurrency = availableParallelism() + 1, progress } = options;
  const looks: (Look | undefined)[] = Array(images.length);
  const unreadable: (PictureReport['unreadable'][number] | undefined)[] = Array(images.length);
  let next = 0;
  let done = 0;
  const work = async () => {
    while (next < images.length) {
      const position = next++;
      const image = images[position];
      try {
        looks[position] = await lookAt(image, limits);
      } catch (error) {
        if (!isDiptychError(error)) throw error;
        unreadable[position] = { id: image.id, path: image.path, code: error.code, reason: error.message };
      }
      done += 1;
      progress.update({ done, total: images.length, unit: 'images' });
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  progress.finish();

  const seen = looks.filter((look) => look !== undefined);
  const sameBytes = groupsOf(seen, ({ bytes }) => bytes);
  // One file of each content is enough here: the others are listed by their bytes already.
  const contents = [...new Map(seen.map((look) => [look.bytes, look])).values()];
  return {
    decoded: seen.length,
    unreadable: unreadable.filter((one) => one !== undefined),
    width: distributionOf(seen.map(({ width }) => width)),
    height: distributionOf(seen.map(({ height }) => height)),
    sameBytes,
    samePixels: groupsOf(contents, ({ pixels }) => pixels),
  };
}

async function lookAt(image: Pictured, limits: DecodeLimits): Promise<Look> {
  const file = await readBytes(image.path, limits.bytes);
  const { width, height, data } = await decodeImage(file, { limits, name: image.path });
  const pixels = createHash('sha256').update(`${width}x${height}\n`).update(data).digest('base64');
  return { image, bytes: createHash('sha256').update(file).digest('base64'), pixels, width, height };
}

function groupsOf(looks: readonly Look[], key: (look: Look) => string): Group[] {
  const groups = new Map<string, Look[]>();
  for (const look of looks) {
    const group = groups.get(key(look));
    if (group === undefined) groups.set(key(look), [look]);
    else group.push(look);
  }
  return [...groups.values()]
    .filter((group) => group.length > 1)
    .map((group) => ({ ids: group.map(({ image }) => image.id), splits: group.map(({ image }) => image.split) }));
}

/** @file What a picture shows as one hash: equal for files that decode to the same pixels, whatever they are packed in. */
import { createHash } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import { decodeImage } from '../../data/images/decode.ts';
import { isDiptychError } from '../../errors/error.ts';

/** Pictures that are decoded at once. */
const AT_ONCE = 4;
/** Bytes that are hashed before other work of the process has its turn. */
const SLICE = 2 ** 21;

/**
 * SHA-256 of the size and the upright RGB pixels of a picture. Equal for a picture with other metadata, turned by EXIF
 * instead of stored upright, or saved without loss in another format; different after anything that changes one pixel.
 *
 * @throws DIPTYCH_IMAGE_UNREADABLE, DIPTYCH_IMAGE_TOO_LARGE
 */
export async function pixelHash(path: string): Promise<string> {
  const { width, height, data } = await decodeImage(path);
  const hash = createHash('sha256').update(`${width}x${height} `);
  for (let at = 0; at < data.length; at += SLICE) {
    hash.update(data.subarray(at, at + SLICE));
    await turn();
  }
  return hash.digest('hex');
}

export interface PixelHashes {
  /** Position of the picture -> its hash. */
  readonly hashes: ReadonlyMap<number, string>;
  readonly unread: readonly { readonly path: string; readonly reason: string }[];
}

/**
 * Hashes of pictures, a few decoded at a time.
 *
 * @param wanted positions of pictures
 * @param done called with the number of pictures done after each
 */
export async function pixelHashes(
  paths: readonly (string | null)[],
  wanted: readonly number[],
  { signal, done }: { readonly signal: AbortSignal; done(count: number): void },
): Promise<PixelHashes> {
  const hashes = new Map<number, string>();
  const unread: { path: string; reason: string }[] = [];
  let next = 0;
  let finished = 0;
  const work = async (): Promise<void> => {
    while (next < wanted.length) {
      signal.throwIfAborted();
      const i = wanted[next++];
      const path = paths[i];
      if (path !== null) {
        await pixelHash(path).then(
          (hash) => hashes.set(i, hash),
          (error) => {
            if (!isDiptychError(error)) throw error;
            unread.push({ path, reason: error.message });
          },
        );
      }
      done(++finished);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return { hashes, unread };
}

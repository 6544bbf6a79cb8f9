/** @file Thumbnails, made once and kept on disk under the content they were made of. */
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DiptychError, isDiptychError } from '../../errors/error.ts';
import { writeAtomically } from '../../files/atomic.ts';
import type { Workshop } from './workshop.ts';

export interface Thumbnail {
  readonly etag: string;
  readonly bytes: () => Promise<Uint8Array>;
}

export class Thumbnails {
  readonly #folder: string;
  readonly #workshop: Workshop;
  readonly #making = new Map<string, Promise<Uint8Array>>();

  constructor(folder: string, workshop: Workshop) {
    this.#folder = folder;
    this.#workshop = workshop;
  }

  /**
   * The thumbnail of a picture file.
   *
   * @param id of the item, for errors
   * @throws DIPTYCH_SERVER_PICTURE_MISSING
   */
  async of(id: string, path: string, size: number): Promise<Thumbnail> {
    const status = await stat(path).catch(() => undefined);
    if (status === undefined || !status.isFile()) throw missing(id, 'its file is not there');
    // A file that was replaced has another time or size, and so another thumbnail.
    const key = createHash('sha256')
      .update(JSON.stringify([path, status.mtimeMs, status.size, size]))
      .digest('hex')
      .slice(0, 32);
    return { etag: `"${key}"`, bytes: () => this.#bytes(key, id, path, size) };
  }

  async #bytes(key: string, id: string, path: string, size: number): Promise<Uint8Array> {
    const file = join(this.#folder, key.slice(0, 2), `${key}.webp`);
    const kept = await readFile(file).catch(() => undefined);
    if (kept !== undefined) return kept;
    const known = this.#making.get(key);
    if (known !== undefined) return known;
    const making = this.#make(file, id, path, size).finally(() => this.#making.delete(key));
    this.#making.set(key, making);
    return making;
  }

  async #make(file: string, id: string, path: string, size: number): Promise<Uint8Array> {
    try {
      const bytes = await this.#workshop.thumbnail(path, size);
      // A full disk keeps nobody from seeing the picture.
      await writeAtomically(file, bytes).catch(() => {});
      return bytes;
    } catch (cause) {
      if (isDiptychError(cause, 'DIPTYCH_IMAGE_UNREADABLE') || isDiptychError(cause, 'DIPTYCH_IMAGE_TOO_LARGE')) {
        throw missing(id, 'its file cannot be read as a picture', cause);
      }
      throw cause;
    }
  }
}

function missing(id: string, reason: string, cause?: unknown): DiptychError {
  return new DiptychError('DIPTYCH_SERVER_PICTURE_MISSING', { id, reason }, { cause });
}

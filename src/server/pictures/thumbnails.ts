/** @file Thumbnails, made once and kept on disk, within a bound, under what they were made of. */
import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { DiptychError, isDiptychError } from '../../errors/error.ts';
import { KeptFiles } from './kept.ts';
import type { Workshop } from './workshop.ts';

export interface Thumbnail {
  readonly etag: string;
  readonly bytes: () => Promise<Uint8Array>;
}

export class Thumbnails {
  readonly #kept: KeptFiles;
  readonly #workshop: Workshop;
  readonly #making = new Map<string, Promise<Uint8Array>>();

  /** @param folder for what is kept; @param bytes of it at most */
  constructor(folder: string, bytes: number, workshop: Workshop) {
    this.#kept = new KeptFiles(folder, '.webp', bytes);
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
    const known = this.#making.get(key);
    if (known !== undefined) return known;
    const making = this.#make(key, id, path, size).finally(() => this.#making.delete(key));
    this.#making.set(key, making);
    return making;
  }

  async #make(key: string, id: string, path: string, size: number): Promise<Uint8Array> {
    const kept = await this.#kept.read(key);
    if (kept !== undefined) return kept;
    try {
      const bytes = await this.#workshop.thumbnail(path, size);
      await this.#kept.keep(key, bytes);
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

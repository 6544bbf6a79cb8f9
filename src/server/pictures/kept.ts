/**
 * @file Files kept in a folder for later, within a bound of bytes: those that were not used for the longest time go first. Any
 * of them may be removed from outside at any time. What was used last is known after a restart by the time of each file.
 */
import { readdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { LRUCache } from 'lru-cache';
import { writeAtomically } from '../../files/atomic.ts';

/** A file that is being written is renamed long before this; what is older was left behind by a process that ended. */
const LEFT_BEHIND_MS = 3_600_000;
const TEMPORARY = '.tmp';

export class KeptFiles {
  readonly #folder: string;
  readonly #ending: string;
  /** Bytes of each file by its key; undefined if none are kept. */
  readonly #sizes: LRUCache<string, number> | undefined;
  readonly #keeping = new Set<string>();
  readonly #removing = new Set<Promise<void>>();
  #looked: Promise<void> | undefined;

  /** @param ending of the files, such as `.webp`; @param most bytes of all files together, 0 to keep none */
  constructor(folder: string, ending: string, most: number) {
    this.#folder = folder;
    this.#ending = ending;
    if (most === 0) return;
    this.#sizes = new LRUCache({
      maxSize: most,
      sizeCalculation: (bytes) => bytes,
      dispose: (_, key, reason) => {
        if (reason === 'evict') this.#remove(key);
      },
    });
  }

  /** Bytes of the files that are known. */
  get bytes(): number {
    return this.#sizes?.calculatedSize ?? 0;
  }

  /** A file that is kept; undefined if it is not. @param key letters and digits, at least two */
  async read(key: string): Promise<Uint8Array | undefined> {
    if (this.#sizes === undefined) return undefined;
    await this.#look(this.#sizes);
    const path = this.#path(key);
    const bytes = await readFile(path).catch(() => undefined);
    if (bytes === undefined) this.#sizes.delete(key);
    else if (this.#sizes.get(key) !== undefined) {
      const now = new Date();
      await utimes(path, now, now).catch(() => {});
    }
    return bytes;
  }

  /**
   * Keeps a file, after room was made for it. One that cannot be kept, as on a full disk, is passed over; so is one whose key
   * is just being kept for another: the same key stands for the same bytes.
   */
  async keep(key: string, bytes: Uint8Array): Promise<void> {
    const sizes = this.#sizes;
    if (sizes === undefined || bytes.byteLength === 0 || this.#keeping.has(key)) return;
    this.#keeping.add(key);
    await this.#look(sizes);
    await this.#write(sizes, key, bytes);
    this.#keeping.delete(key);
  }

  async #write(sizes: LRUCache<string, number>, key: string, bytes: Uint8Array): Promise<void> {
    sizes.set(key, bytes.byteLength);
    // Not known any more: it is larger than all that may be kept.
    if (!sizes.has(key)) return;
    await Promise.all(this.#removing);
    await writeAtomically(this.#path(key), bytes).catch(() => sizes.delete(key));
    // Others may have needed its room meanwhile.
    if (!sizes.has(key)) await rm(this.#path(key), { force: true }).catch(() => {});
  }

  #path(key: string): string {
    return join(this.#folder, key.slice(0, 2), `${key}${this.#ending}`);
  }

  #remove(key: string): void {
    const removing = rm(this.#path(key), { force: true })
      .catch(() => {})
      .finally(() => this.#removing.delete(removing));
    this.#removing.add(removing);
  }

  /** Gets to know the files of the folder, once. */
  #look(sizes: LRUCache<string, number>): Promise<void> {
    this.#looked ??= this.#findFiles().then((files) => {
      for (const { key, bytes } of files) sizes.set(key, bytes);
    });
    return this.#looked;
  }

  /** The least recently used first. */
  async #findFiles(): Promise<{ key: string; bytes: number }[]> {
    const found: { key: string; bytes: number; used: number }[] = [];
    const entries = await readdir(this.#folder, { withFileTypes: true }).catch(() => []);
    for (const folder of entries.filter((entry) => entry.isDirectory())) {
      const names = await readdir(join(this.#folder, folder.name)).catch(() => []);
      const files = await Promise.all(
        names.map(async (name) => {
          const path = join(this.#folder, folder.name, name);
          return { name, path, status: await stat(path).catch(() => undefined) };
        }),
      );
      for (const { name, path, status } of files) {
        if (status === undefined) continue;
        const { size: bytes, mtimeMs: used } = status;
        if (name.endsWith(this.#ending)) found.push({ key: name.slice(0, -this.#ending.length), bytes, used });
        else if (name.endsWith(TEMPORARY) && Date.now() - used > LEFT_BEHIND_MS) await rm(path, { force: true });
      }
    }
    return found.filter(({ bytes }) => bytes > 0).sort((a, b) => a.used - b.used);
  }
}

/** @file Finding picture files by the names that captions files give them. */
import { type Dirent, promises } from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { unreadable } from '../../files/failures.ts';

const extensions = new Set(['.jpg', '.jpeg', '.png', '.webp', '.gif', '.tif', '.tiff', '.avif']);

/** Whether a file name ends like a picture. */
export function isPictureName(name: string): boolean {
  return extensions.has(extname(name).toLowerCase());
}

/** A file name without its ending. */
export function stemOf(name: string): string {
  return name.slice(0, name.length - extname(name).length);
}

/**
 * The entries of a folder in an order that does not depend on the machine.
 *
 * @throws DIPTYCH_FILE_MISSING, DIPTYCH_FILE_UNREADABLE
 */
export async function listFolder(folder: string): Promise<Dirent[]> {
  const entries = await promises.readdir(folder, { withFileTypes: true }).catch((cause) => {
    throw unreadable(folder, cause);
  });
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** A folder and the folders directly in it: where its pictures are looked for. */
export async function pictureFolders(folder: string): Promise<string[]> {
  const inner = (await listFolder(folder)).filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'));
  return [resolve(folder), ...inner.map((entry) => resolve(folder, entry.name))];
}

/** Looks names up in folders; each folder is listed once. */
export class PictureFinder {
  readonly folders: readonly string[];
  /** How many names were found. */
  found = 0;
  readonly #listings = new Map<string, Promise<Map<string, string>>>();

  constructor(folders: readonly string[]) {
    this.folders = folders;
  }

  /** The absolute path of the first name that is there, or undefined. */
  async find(...names: readonly string[]): Promise<string | undefined> {
    for (const name of names.map((given) => given.replaceAll('\\', '/'))) {
      for (const folder of this.folders) {
        const path = resolve(folder, name);
        const actual = (await this.#list(dirname(path))).get(basename(path).normalize('NFC'));
        if (actual === undefined) continue;
        this.found += 1;
        return join(dirname(path), actual);
      }
    }
    return undefined;
  }

  /** The files of a folder by their name in composed form: some systems store `é` as two characters. */
  #list(folder: string): Promise<Map<string, string>> {
    const known = this.#listings.get(folder);
    if (known !== undefined) return known;
    const listing = listFolder(folder).then(
      (entries) =>
        new Map(entries.filter((entry) => !entry.isDirectory()).map(({ name }) => [name.normalize('NFC'), name])),
      () => new Map<string, string>(),
    );
    this.#listings.set(folder, listing);
    return listing;
  }
}

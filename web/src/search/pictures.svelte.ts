/** @file The reader's own pictures of a search, as state: at hand, gone, or still being looked for. */
import { keepPicture, keptPicture } from './kept.ts';
import type { PicturePart } from './state.ts';

export class OwnPictures {
  /** Address to show each picture by; null for one that this browser does not have. */
  #known = $state.raw<ReadonlyMap<string, string | null>>(new Map());
  readonly #sought = new Set<string>();

  /** Whether a picture is at hand. */
  has(key: string): boolean {
    return typeof this.#known.get(key) === 'string';
  }

  /** Whether of all these parts it is known if their pictures are at hand. */
  settled(parts: readonly PicturePart[]): boolean {
    return parts.every(({ kind, id }) => kind === 'item' || this.#known.has(id));
  }

  /** Whether it is known that a picture is not at hand. */
  gone(key: string): boolean {
    return this.#known.get(key) === null;
  }

  addressOf(key: string): string | undefined {
    return this.#known.get(key) ?? undefined;
  }

  /** Looks for the pictures of these parts. */
  fetch(parts: readonly PicturePart[]): void {
    for (const { kind, id } of parts) {
      if (kind === 'item' || this.#sought.has(id)) continue;
      this.#sought.add(id);
      void keptPicture(id).then((picture) => this.#set(id, picture));
    }
  }

  /** Keeps a picture. @returns its key */
  async keep(file: Blob): Promise<string> {
    const key = await keepPicture(file);
    this.#sought.add(key);
    this.#set(key, await keptPicture(key));
    return key;
  }

  #set(key: string, picture: Blob | undefined): void {
    const address = picture === undefined ? null : URL.createObjectURL(picture);
    this.#known = new Map([...this.#known, [key, address]]);
  }
}

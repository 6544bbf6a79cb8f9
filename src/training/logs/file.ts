/** @file A file that records are appended to, and that is cut back to a number of records when a run is resumed. */
import { type FileHandle, mkdir, open, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { unwritable } from '../../files/failures.ts';

/** Where each whole record of a file ends, in bytes, ascending; damaged or half-written ones at the end do not count. */
export type RecordEnds = (content: Buffer) => number[];

export class RecordFile {
  readonly path: string;
  /** Records in the file that were kept when it was opened, fewer than asked for if it was damaged. */
  readonly kept: readonly Buffer[];
  #handle: FileHandle;
  #records: number;

  private constructor(path: string, handle: FileHandle, kept: readonly Buffer[]) {
    this.path = path;
    this.kept = kept;
    this.#handle = handle;
    this.#records = kept.length;
  }

  /**
   * Opens a file, keeps its first `keep` records and cuts off the rest.
   *
   * @throws DIPTYCH_FILE_UNWRITABLE
   */
  static async open(path: string, keep: number, ends: RecordEnds): Promise<RecordFile> {
    let handle: FileHandle | undefined;
    try {
      await mkdir(dirname(path), { recursive: true });
      handle = await open(path, 'a+');
      const content = await readFile(handle);
      const kept = ends(content).slice(0, keep);
      await handle.truncate(kept.at(-1) ?? 0);
      return new RecordFile(
        path,
        handle,
        kept.map((end, i) => content.subarray(kept[i - 1] ?? 0, end)),
      );
    } catch (cause) {
      await handle?.close();
      throw unwritable(path, cause);
    }
  }

  /** Records in the file now. */
  get records(): number {
    return this.#records;
  }

  /** @throws DIPTYCH_FILE_UNWRITABLE */
  async append(record: string | Uint8Array): Promise<void> {
    try {
      await this.#handle.appendFile(record);
      this.#records++;
    } catch (cause) {
      throw unwritable(this.path, cause);
    }
  }

  /** Makes what was appended durable. */
  async sync(): Promise<void> {
    try {
      await this.#handle.sync();
    } catch (cause) {
      throw unwritable(this.path, cause);
    }
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}

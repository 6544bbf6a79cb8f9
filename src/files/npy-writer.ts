/** @file An npy file written row by row in any order, taken up again after a crash, and visible only when finished. */
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DiptychError } from '../errors/error.ts';
import { renameDurably } from './atomic.ts';
import { elementsOf, readFully, writeFully } from './bytes.ts';
import { unwritable } from './failures.ts';
import { type NpySource, storedBytes } from './npy.ts';
import { encodeHeader, type NpyDtype, npyDtypes } from './npy-header.ts';

/**
 * Writes `PATH.partial` and renames it to `PATH` when finished. Rows that were never written are zeros. Which rows are
 * done is for the caller to note, after `sync` has made them durable.
 */
export class NpyWriter<D extends NpyDtype = NpyDtype> {
  readonly path: string;
  readonly dtype: D;
  readonly shape: readonly number[];
  /** Whether an unfinished file of the same type and shape was taken up. */
  readonly resumed: boolean;
  readonly #handle: FileHandle;
  readonly #offset: number;
  readonly #rowLength: number;

  private constructor(path: string, dtype: D, shape: readonly number[], handle: FileHandle, resumed: boolean) {
    this.path = path;
    this.dtype = dtype;
    this.shape = shape;
    this.resumed = resumed;
    this.#handle = handle;
    this.#offset = encodeHeader(dtype, shape).length;
    this.#rowLength = shape.slice(1).reduce((product, size) => product * size, 1);
  }

  /**
   * Opens an unfinished file of the same type and shape, or begins a new one of its final size.
   *
   * @param shape the whole shape; rows are entries of its first axis
   * @throws DIPTYCH_ARRAY_SHAPE, DIPTYCH_FILE_UNWRITABLE
   */
  static async open<D extends NpyDtype>(
    path: string,
    { dtype, shape }: { readonly dtype: D; readonly shape: readonly number[] },
  ): Promise<NpyWriter<D>> {
    const elements = elementsOf(shape);
    if (elements === undefined || shape.length === 0) {
      throw new DiptychError('DIPTYCH_ARRAY_SHAPE', { path, name: 'array', shape, length: Number.NaN });
    }
    const header = encodeHeader(dtype, shape);
    const size = header.length + elements * npyDtypes[dtype].bytes;
    let handle: FileHandle | undefined;
    try {
      await mkdir(dirname(path), { recursive: true });
      handle = await open(partialPath(path), 'r+').catch(() => open(partialPath(path), 'w+'));
      const resumed = await beginsWith(handle, header, size);
      if (!resumed) {
        await handle.truncate(0);
        await handle.truncate(size);
        await writeFully(handle, header, 0);
      }
      return new NpyWriter(path, dtype, [...shape], handle, resumed);
    } catch (cause) {
      await handle?.close();
      throw unwritable(path, cause);
    }
  }

  /**
   * Writes whole rows.
   *
   * @param start index of the first
   * @param data `count * rowLength` numbers
   * @throws DIPTYCH_ARRAY_SHAPE, DIPTYCH_NPY_ROWS, DIPTYCH_FILE_UNWRITABLE
   */
  async writeRows(start: number, data: NpySource[D]): Promise<void> {
    const { path, dtype, shape } = this;
    const rowLength = this.#rowLength;
    const count = rowLength === 0 ? 0 : data.length / rowLength;
    if (!Number.isInteger(count)) {
      throw new DiptychError('DIPTYCH_ARRAY_SHAPE', { path, name: 'row', shape: shape.slice(1), length: data.length });
    }
    if (!Number.isSafeInteger(start) || start < 0 || start + count > shape[0]) {
      throw new DiptychError('DIPTYCH_NPY_ROWS', { path, start, count, rows: shape[0] });
    }
    const position = this.#offset + start * rowLength * npyDtypes[dtype].bytes;
    await writeFully(this.#handle, storedBytes(dtype, data), position).catch((cause) => {
      throw unwritable(path, cause);
    });
  }

  /** Makes the rows written so far survive a loss of power. */
  async sync(): Promise<void> {
    await this.#handle.datasync().catch((cause) => {
      throw unwritable(this.path, cause);
    });
  }

  /** Ends the file and gives it its name. */
  async finish(): Promise<void> {
    try {
      await this.#handle.sync();
      await this.#handle.close();
      await renameDurably(partialPath(this.path), this.path);
    } catch (cause) {
      throw unwritable(this.path, cause);
    }
  }

  /** Leaves the file unfinished, to be taken up later. */
  async close(): Promise<void> {
    await this.#handle.close();
  }
}

/** Where an unfinished file lies. */
export function partialPath(path: string): string {
  return `${path}.partial`;
}

async function beginsWith(handle: FileHandle, header: Uint8Array, size: number): Promise<boolean> {
  const { size: found } = await handle.stat();
  const start = new Uint8Array(header.length);
  return found === size && (await readFully(handle, start, 0)) === start.length && Buffer.compare(start, header) === 0;
}

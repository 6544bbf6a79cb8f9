/** @file `FeatureFile`: rows of features read where they lie on disk, found by image id. */
import { existsSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { DiptychError } from '../../errors/error.ts';
import { bytesOf, openForReading, readFully, readFullySync } from '../../files/bytes.ts';
import { fromFloat16 } from '../../files/float16.ts';
import { headerOf, type NpyHeader, npyDtypes } from '../../files/npy-header.ts';
import { readSidecar, type Sidecar, sidecarPath } from './sidecar.ts';

/** Which view of each row: one for all, or one for each; 0, the plain one, unless given. */
export type Views = number | ArrayLike<number>;

/** Reads at a position: a promise's worth at once, or one after the other. */
interface Piece {
  readonly target: Uint8Array;
  readonly position: number;
}

/**
 * An open feature file: `[images, d]`, `[images, regions, d]` or `[images, views, regions, d]`. Nothing but its header is kept in
 * memory, so files larger than that serve. Without a sidecar, rows are known by their position alone.
 */
export class FeatureFile {
  readonly path: string;
  readonly dtype: 'float16' | 'float32';
  /** Number of rows. */
  readonly images: number;
  /** Views in each row: 1 where there is the plain one alone. */
  readonly views: number;
  readonly regions: number;
  readonly dimension: number;
  /** What `diptych features` noted beside the file. */
  readonly sidecar: Sidecar | undefined;
  readonly #handle: FileHandle;
  readonly #offset: number;
  readonly #rows: ReadonlyMap<string, number>;

  private constructor(path: string, handle: FileHandle, header: NpyHeader, sidecar: Sidecar | undefined) {
    const { dtype, shape } = header;
    const [images, ...row] = shape;
    this.path = path;
    this.dtype = dtype as 'float16' | 'float32';
    this.images = images;
    this.dimension = row[row.length - 1];
    this.regions = row.length > 1 ? row[row.length - 2] : 1;
    this.views = row.length > 2 ? row[0] : 1;
    this.sidecar = sidecar;
    this.#handle = handle;
    this.#offset = header.offset;
    this.#rows = new Map(sidecar?.ids.map((id, position) => [id, position]));
  }

  /**
   * Opens a feature file, with its sidecar if there is one.
   *
   * @throws DIPTYCH_FILE_MISSING, DIPTYCH_FILE_UNREADABLE, DIPTYCH_NPY_INVALID, DIPTYCH_FEATURES_INVALID,
   *   DIPTYCH_JSON_SYNTAX, DIPTYCH_JSON_SHAPE
   */
  static async open(path: string): Promise<FeatureFile> {
    const { handle, size } = await openForReading(path);
    try {
      const header = await headerOf(path, handle, size);
      const sidecar = existsSync(sidecarPath(path)) ? await readSidecar(path) : undefined;
      const reason = whatIsWrong(header, sidecar);
      if (reason !== undefined) throw new DiptychError('DIPTYCH_FEATURES_INVALID', { path, reason });
      return new FeatureFile(path, handle, header, sidecar);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** Image of each row; undefined without a sidecar. */
  get ids(): readonly string[] | undefined {
    return this.sidecar?.ids;
  }

  /** Numbers in one view of a row: `regions * dimension`. */
  get rowLength(): number {
    return this.regions * this.dimension;
  }

  has(id: string): boolean {
    return this.#rows.has(id);
  }

  /** @throws DIPTYCH_FEATURES_IDS for an image without a row */
  row(id: string): number {
    const row = this.#rows.get(id);
    if (row !== undefined) return row;
    const reason = this.sidecar === undefined ? 'cannot be found: there is no sidecar' : 'has no row';
    throw new DiptychError('DIPTYCH_FEATURES_IDS', { path: this.path, id, reason });
  }

  /**
   * Reads one view of each of some rows, in any order, as float32.
   *
   * @param out where to write, `rows.length * rowLength` numbers; a new array unless given
   * @throws DIPTYCH_NPY_ROWS, DIPTYCH_FEATURES_VIEW, DIPTYCH_ARRAY_SHAPE, DIPTYCH_NPY_INVALID if the file shrank
   */
  async read(rows: ArrayLike<number>, out?: Float32Array, views: Views = 0): Promise<Float32Array> {
    const { target, stored } = this.#buffers(rows, out);
    await this.readStored(rows, stored, views);
    return deliver(stored, target);
  }

  /** `read` that blocks, for a worker that has nothing else to do. */
  readSync(rows: ArrayLike<number>, out?: Float32Array, views: Views = 0): Float32Array {
    const { target, stored } = this.#buffers(rows, out);
    this.readStoredSync(rows, stored, views);
    return deliver(stored, target);
  }

  /** `read` without conversion: float16 as 16-bit patterns. */
  async readStored(rows: ArrayLike<number>, out: Float32Array | Uint16Array, views: Views = 0): Promise<void> {
    const reads = this.#pieces(rows, out, views).map(async ({ target, position }) => {
      this.#checkRead(await readFully(this.#handle, target, position), target);
    });
    await Promise.all(reads);
  }

  /** `readStored` that blocks. */
  readStoredSync(rows: ArrayLike<number>, out: Float32Array | Uint16Array, views: Views = 0): void {
    for (const { target, position } of this.#pieces(rows, out, views)) {
      this.#checkRead(readFullySync(this.#handle.fd, target, position), target);
    }
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  #buffers(rows: ArrayLike<number>, out?: Float32Array): { target: Float32Array; stored: Float32Array | Uint16Array } {
    const length = rows.length * this.rowLength;
    const target = out ?? new Float32Array(length);
    return { target, stored: this.dtype === 'float16' ? new Uint16Array(length) : target };
  }

  #pieces(rows: ArrayLike<number>, out: Float32Array | Uint16Array, views: Views): Piece[] {
    const { path, dtype, images, rowLength } = this;
    const length = rows.length * rowLength;
    const { array, bytes } = npyDtypes[dtype];
    if (!(out instanceof array) || out.length < length) {
      const name = `the buffer for ${dtype} rows`;
      throw new DiptychError('DIPTYCH_ARRAY_SHAPE', {
        path,
        name,
        shape: [rows.length, rowLength],
        length: out.length,
      });
    }
    return Array.from(rows, (row, i) => {
      const view = typeof views === 'number' ? views : views[i];
      if (!Number.isInteger(row) || row < 0 || row >= images) {
        throw new DiptychError('DIPTYCH_NPY_ROWS', { path, start: row, count: 1, rows: images });
      }
      if (!Number.isInteger(view) || view < 0 || view >= this.views) {
        throw new DiptychError('DIPTYCH_FEATURES_VIEW', { path, view, views: this.views });
      }
      const target = bytesOf(out.subarray(i * rowLength, (i + 1) * rowLength));
      return { target, position: this.#offset + (row * this.views + view) * rowLength * bytes };
    });
  }

  #checkRead(bytesRead: number, target: Uint8Array): void {
    if (bytesRead === target.length) return;
    throw new DiptychError('DIPTYCH_NPY_INVALID', { path: this.path, reason: 'it was cut off while being read' });
  }
}

function deliver(stored: Float32Array | Uint16Array, target: Float32Array): Float32Array {
  return stored instanceof Uint16Array ? fromFloat16(stored, target) : target;
}

/** Why an array cannot serve as features; undefined if it can. */
function whatIsWrong({ dtype, shape }: NpyHeader, sidecar: Sidecar | undefined): string | undefined {
  if (dtype !== 'float16' && dtype !== 'float32') return `it is ${dtype}`;
  if (shape.length < 2 || shape.length > 4) return `its shape is (${shape.join(', ')})`;
  if (shape.slice(1).includes(0)) return `its rows are empty: (${shape.join(', ')})`;
  if (sidecar === undefined) return undefined;
  const { ids, shape: described } = sidecar;
  if (described.join() !== shape.join())
    return `its sidecar describes (${described.join(', ')}), not (${shape.join(', ')})`;
  if (ids.length !== shape[0]) return `its sidecar names ${ids.length} images for ${shape[0]} rows`;
  return new Set(ids).size === ids.length ? undefined : 'its sidecar names an image twice';
}

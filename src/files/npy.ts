/** @file Arrays in npy files: rows read at a position, so that files larger than memory serve; whole arrays; writing. */
import type { FileHandle } from 'node:fs/promises';
import { DiptychError } from '../errors/error.ts';
import { writeAtomically } from './atomic.ts';
import { allocate, bytesOf, elementsOf, openForReading, readFully, readFullySync, writeFully } from './bytes.ts';
import { fromFloat16, toFloat16 } from './float16.ts';
import { encodeHeader, headerOf, type NpyDtype, type NpyHeader, npyDtypes } from './npy-header.ts';

/** How the numbers of a type are held: float16 as 16-bit patterns. */
export interface NpyData {
  float16: Uint16Array<ArrayBuffer>;
  float32: Float32Array<ArrayBuffer>;
  float64: Float64Array<ArrayBuffer>;
  int32: Int32Array<ArrayBuffer>;
  int64: BigInt64Array<ArrayBuffer>;
}

/** An array in memory. */
export interface NpyArray<D extends NpyDtype = NpyDtype> {
  readonly dtype: D;
  readonly shape: readonly number[];
  readonly data: NpyData[D];
}

/** What may be written as a type: float16 also from float32, rounded to nearest even. */
export type NpySource = { [D in NpyDtype]: D extends 'float16' ? Uint16Array | Float32Array : NpyData[D] };

/** An open npy file. A row is one entry of the first axis; an array of no axes has one row of one number. */
export class NpyFile {
  readonly path: string;
  readonly dtype: NpyDtype;
  readonly shape: readonly number[];
  /** Length of the first axis. */
  readonly rows: number;
  /** Numbers in a row: the product of the other axes. */
  readonly rowLength: number;
  readonly #handle: FileHandle;
  readonly #offset: number;

  constructor(path: string, handle: FileHandle, header: NpyHeader) {
    this.path = path;
    this.dtype = header.dtype;
    this.shape = header.shape;
    this.rows = header.shape[0] ?? 1;
    this.rowLength = header.shape.slice(1).reduce((product, size) => product * size, 1);
    this.#handle = handle;
    this.#offset = header.offset;
  }

  /**
   * Reads rows as float32 (int64 and float64 are rounded).
   *
   * @param out where to write, at least `count * rowLength` numbers; a new array unless given
   * @throws DIPTYCH_NPY_ROWS for rows that are not there, DIPTYCH_NPY_INVALID if the file has shrunk since
   */
  async readRows(start: number, count: number, out?: Float32Array): Promise<Float32Array> {
    const plan = this.#plan(start, count, out);
    return this.#deliver(plan, await readFully(this.#handle, bytesOf(plan.stored), plan.position));
  }

  /** `readRows` that blocks, for a worker that has nothing else to do. */
  readRowsSync(start: number, count: number, out?: Float32Array): Float32Array {
    const plan = this.#plan(start, count, out);
    return this.#deliver(plan, readFullySync(this.#handle.fd, bytesOf(plan.stored), plan.position));
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  #plan(start: number, count: number, out?: Float32Array): Plan {
    const { path, rows, rowLength, dtype } = this;
    const whole = Number.isSafeInteger(start) && Number.isSafeInteger(count);
    if (!whole || start < 0 || count < 0 || start + count > rows) {
      throw new DiptychError('DIPTYCH_NPY_ROWS', { path, start, count, rows });
    }
    const length = count * rowLength;
    if (out !== undefined && out.length < length) {
      throw new DiptychError('DIPTYCH_ARRAY_SHAPE', {
        path,
        name: 'the buffer for rows',
        shape: [out.length],
        length,
      });
    }
    const target = out?.subarray(0, length) ?? new Float32Array(length);
    const stored = dtype === 'float32' ? target : new npyDtypes[dtype].array(length);
    return { target, stored, position: this.#offset + start * rowLength * npyDtypes[dtype].bytes };
  }

  #deliver({ target, stored }: Plan, bytesRead: number): Float32Array {
    if (bytesRead < stored.byteLength) {
      throw new DiptychError('DIPTYCH_NPY_INVALID', { path: this.path, reason: 'it was cut off while being read' });
    }
    if (stored === target) return target;
    if (stored instanceof Uint16Array) return fromFloat16(stored, target);
    if (stored instanceof BigInt64Array) for (let i = 0; i < stored.length; i++) target[i] = Number(stored[i]);
    else target.set(stored);
    return target;
  }
}

/** Where rows are read to, as they are stored, and from where. */
interface Plan {
  readonly target: Float32Array;
  readonly stored: NpyData[NpyDtype] | Float32Array;
  readonly position: number;
}

/**
 * Opens an npy file for reading rows; nothing but its header is read.
 *
 * @throws DIPTYCH_FILE_MISSING, DIPTYCH_FILE_UNREADABLE, DIPTYCH_NPY_INVALID
 */
export async function openNpy(path: string): Promise<NpyFile> {
  const { handle, size } = await openForReading(path);
  try {
    return new NpyFile(path, handle, await headerOf(path, handle, size));
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/**
 * Reads a whole array, every number exactly as stored.
 *
 * @throws DIPTYCH_FILE_MISSING, DIPTYCH_FILE_UNREADABLE, DIPTYCH_NPY_INVALID, DIPTYCH_FILE_TOO_LARGE
 */
export async function readNpy(path: string): Promise<NpyArray> {
  const { handle, size } = await openForReading(path);
  try {
    const { dtype, shape, elements, offset } = await headerOf(path, handle, size);
    const { bytes, array } = npyDtypes[dtype];
    const data = allocate(path, elements * bytes, () => new array(elements));
    if ((await readFully(handle, bytesOf(data), offset)) < data.byteLength) {
      throw new DiptychError('DIPTYCH_NPY_INVALID', { path, reason: 'it was cut off while being read' });
    }
    return { dtype, shape, data };
  } finally {
    await handle.close();
  }
}

/**
 * Writes a whole array atomically.
 *
 * @throws DIPTYCH_ARRAY_SHAPE, DIPTYCH_FILE_UNWRITABLE
 */
export async function writeNpy<D extends NpyDtype>(
  path: string,
  array: { readonly dtype: D; readonly shape: readonly number[]; readonly data: NpySource[D] },
): Promise<void> {
  const { dtype, shape, data } = array;
  if (elementsOf(shape) !== data.length) {
    throw new DiptychError('DIPTYCH_ARRAY_SHAPE', { path, name: 'array', shape, length: data.length });
  }
  await writeAtomically(path, async (file) => {
    const header = encodeHeader(dtype, shape);
    await writeFully(file, header, 0);
    await writeFully(file, storedBytes(dtype, data), header.length);
  });
}

/** The bytes of numbers as their type stores them. */
export function storedBytes<D extends NpyDtype>(dtype: D, data: NpySource[D]): Uint8Array {
  return bytesOf(dtype === 'float16' && data instanceof Float32Array ? toFloat16(data) : data);
}

/** @file The vectors of a segment: kept in memory while the budget lasts, else read from disk block by block. */
import { bytesOf } from '../../files/bytes.ts';
import { fromFloat16, toFloat16 } from '../../files/float16.ts';
import { Serial } from '../serial.ts';
import type { AppendFile } from './append-file.ts';
import { type Extent, emptyExtent, type SegmentEntry, vectorBytes } from './manifest.ts';

/** How the numbers lie on disk. Rows are little-endian, one after the other, without a header. */
export interface Layout {
  readonly dimension: number;
  readonly dtype: 'float32' | 'float16';
  /** Rows that a segment can have. */
  readonly segmentRows: number;
}

/** Memory that the segments of a store share. */
export interface Budget {
  /** Bytes that are left. */
  bytes: number;
}

/** The bytes of vectors as they lie on disk. */
export function encodeVectors(vectors: readonly Float32Array[], { dimension, dtype }: Layout): Uint8Array {
  const all = new Float32Array(vectors.length * dimension);
  vectors.forEach((vector, i) => {
    all.set(vector, i * dimension);
  });
  return bytesOf(dtype === 'float32' ? all : toFloat16(all));
}

export class VectorFile {
  readonly file: AppendFile;
  readonly layout: Layout;
  private readonly budget: Budget;
  private readonly loading = new Serial();
  private loaded: Extent = emptyExtent;
  private memory: Uint8Array<ArrayBuffer> | undefined;

  constructor(file: AppendFile, layout: Layout, budget: Budget) {
    this.file = file;
    this.layout = layout;
    this.budget = budget;
  }

  /** Loads the vectors of a segment if memory allows. @throws DIPTYCH_INDEX_DAMAGED */
  ensure(entry: SegmentEntry): Promise<void> {
    return this.loading.run(async () => {
      const { bytes } = entry.vectors;
      if (bytes <= this.loaded.bytes || !this.reserve(entry)) return;
      await this.file.load(this.memory!, this.loaded, entry.vectors);
      this.loaded = entry.vectors;
    });
  }

  /** Makes room, with some to spare for a segment that is still growing; whether there was enough. */
  private reserve(entry: SegmentEntry): boolean {
    const { bytes } = entry.vectors;
    const had = this.memory?.length ?? 0;
    if (bytes <= had) return true;
    const full = this.layout.segmentRows * vectorBytes(this.layout);
    const wanted = had === 0 ? bytes : Math.max(bytes, Math.min(full, 2 * bytes));
    if (wanted - had > this.budget.bytes) return false;
    this.budget.bytes -= wanted - had;
    // Not filled with zeros, which would keep the process busy for as long as it takes to read a segment.
    const memory = Buffer.allocUnsafeSlow(wanted);
    if (this.memory !== undefined) memory.set(this.memory);
    this.memory = memory;
    return true;
  }

  /** All vectors up to `rows` as float32 without a copy, if they are in memory and of that type. */
  resident(rows: number): Float32Array | undefined {
    if (this.layout.dtype !== 'float32' || !this.holds(rows)) return undefined;
    return new Float32Array(this.memory!.buffer, 0, rows * this.layout.dimension);
  }

  /** Copies vectors as float32: row `rows[first + j]` becomes row j of `out`, for j < count. */
  async gather(rows: Int32Array, first: number, count: number, out: Float32Array): Promise<void> {
    const size = vectorBytes(this.layout);
    for (let j = 0; j < count; ) {
      // Rows that lie side by side are moved at once.
      let run = 1;
      while (j + run < count && rows[first + j + run] === rows[first + j] + run) run++;
      const row = rows[first + j];
      if (this.holds(row + run)) this.decode(this.memory!, row * size, out, j, run);
      else {
        const bytes = new Uint8Array(run * size);
        await this.file.read(bytes, row * size);
        this.decode(bytes, 0, out, j, run);
      }
      j += run;
    }
  }

  private holds(rows: number): boolean {
    return rows * vectorBytes(this.layout) <= this.loaded.bytes;
  }

  /** Turns the bytes of `count` rows, from byte `at` on, into rows of `out` from `row` on. */
  private decode(bytes: Uint8Array<ArrayBuffer>, at: number, out: Float32Array, row: number, count: number): void {
    const { dimension, dtype } = this.layout;
    const numbers = count * dimension;
    const target = out.subarray(row * dimension, row * dimension + numbers);
    if (dtype === 'float32') target.set(new Float32Array(bytes.buffer, bytes.byteOffset + at, numbers));
    else fromFloat16(new Uint16Array(bytes.buffer, bytes.byteOffset + at, numbers), target);
  }

  /** Gives the memory back. */
  free(): void {
    this.budget.bytes += this.memory?.length ?? 0;
    this.memory = undefined;
    this.loaded = emptyExtent;
  }
}

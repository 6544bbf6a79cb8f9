/** @file The JSON lines of a segment: id and metadata of each row, read from disk as they are needed. */
import { setImmediate as breathe } from 'node:timers/promises';
import { damaged } from '../manifest-file.ts';
import { Serial } from '../serial.ts';
import type { Metadata } from '../store.ts';
import type { AppendFile } from './append-file.ts';
import { type Extent, emptyExtent, type SegmentEntry } from './manifest.ts';
import type { Budget } from './vector-file.ts';

const NEWLINE = 10;
/** About how many bytes are read and parsed at once: a few milliseconds with what is then done with some hundred rows. */
const BATCH = 1 << 16;

/** A row without its vector. */
export interface Line {
  readonly id: string;
  readonly metadata: Metadata;
}

/** The text of one line. */
export function printLine({ id, metadata }: Line): string {
  return `${JSON.stringify({ id, metadata })}\n`;
}

export class LineFile {
  readonly file: AppendFile;
  private readonly indexing = new Serial();
  private indexed: Extent = emptyExtent;
  private rows = 0;
  /** Where each line starts; after them, where the last one ends. */
  private starts = new Float64Array(1024);
  private readonly budget: Budget;
  /** The text up to `indexed`, if there was room for it. */
  private memory: Uint8Array | undefined;

  /** @param budget memory that the lines of a store's segments share; what does not fit is read from disk */
  constructor(file: AppendFile, budget: Budget) {
    this.file = file;
    this.budget = budget;
  }

  /** Finds where the lines of a segment start; to be awaited before lines are read. @throws DIPTYCH_INDEX_DAMAGED */
  ensure(entry: SegmentEntry): Promise<void> {
    return this.indexing.run(async () => {
      if (entry.lines.bytes <= this.indexed.bytes) return;
      const memory = this.room(entry.lines.bytes);
      let rows = this.rows;
      let position = this.indexed.bytes;
      for await (const piece of this.file.pieces(entry.lines, this.indexed)) {
        for (let at = piece.indexOf(NEWLINE); at !== -1; at = piece.indexOf(NEWLINE, at + 1)) {
          rows++;
          if (rows === this.starts.length) this.starts = grown(this.starts);
          this.starts[rows] = position + at + 1;
        }
        memory?.set(piece, position);
        position += piece.length;
      }
      if (rows !== entry.rows) throw damaged(this.file.path, `${rows} lines instead of ${entry.rows}`);
      this.rows = rows;
      this.indexed = entry.lines;
    });
  }

  /** Memory for so many bytes with what is there already, some to spare for text that is still growing. */
  private room(bytes: number): Uint8Array | undefined {
    const had = this.memory?.length ?? 0;
    // Text that was not kept so far would have to be read again.
    if (bytes <= had || (had === 0 && this.indexed.bytes > 0)) return this.memory;
    const wanted = had === 0 ? bytes : 2 * bytes;
    if (wanted - had > this.budget.bytes) {
      this.free();
      return undefined;
    }
    this.budget.bytes -= wanted - had;
    const memory = new Uint8Array(wanted);
    if (this.memory !== undefined) memory.set(this.memory);
    this.memory = memory;
    return memory;
  }

  /** Gives the memory back. */
  free(): void {
    this.budget.bytes += this.memory?.length ?? 0;
    this.memory = undefined;
  }

  /** One line. */
  async line(row: number): Promise<Line> {
    return (await this.parse(row, row + 1))[0];
  }

  /** The lines `from` to `to`, some at a time, without keeping the process busy for long. */
  async *lines(from: number, to: number): AsyncGenerator<{ readonly first: number; readonly lines: readonly Line[] }> {
    for (let first = from; first < to; ) {
      let end = first + 1;
      while (end < to && this.starts[end + 1] - this.starts[first] <= BATCH) end++;
      yield { first, lines: await this.parse(first, end) };
      first = end;
      // Text in memory is there at once: other work of the process gets its turn between.
      if (first < to) await breathe();
    }
  }

  private async parse(from: number, to: number): Promise<Line[]> {
    const buffer = await this.bytes(this.starts[from], this.starts[to]);
    const list = buffer.toString('utf8', 0, buffer.length - 1).replaceAll('\n', ',');
    try {
      return JSON.parse(`[${list}]`) as Line[];
    } catch (cause) {
      throw damaged(this.file.path, `lines ${from + 1} to ${to} are not JSON`, cause);
    }
  }

  private async bytes(from: number, to: number): Promise<Buffer> {
    if (this.memory !== undefined) return Buffer.from(this.memory.buffer, from, to - from);
    const buffer = Buffer.allocUnsafe(to - from);
    await this.file.read(buffer, from);
    return buffer;
  }
}

function grown(array: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(array.length * 2);
  larger.set(array);
  return larger;
}

/** @file Metadata turned on its side for filters: each field a column of codes, tested once for each distinct value. */
import { type Condition, type Filter, fieldsOf, groupHolds, holds, isGroup, type Scalar, valueIn } from '../filter.ts';
import { Serial } from '../serial.ts';
import type { MetadataValue } from '../store.ts';
import type { LineFile } from './line-file.ts';
import type { SegmentEntry } from './manifest.ts';

/** A field: `values[codes[row]]` is its value in a row. */
class Column {
  rows = 0;
  codes = new Int32Array(256);
  readonly values: MetadataValue[] = [];
  private readonly known = new Map<unknown, number>();

  push(value: MetadataValue): void {
    // Lists are equal by content: their JSON text stands for them, in front of it a mark that no other key has.
    const key = Array.isArray(value)
      ? `list ${JSON.stringify(value)}`
      : typeof value === 'string'
        ? `text ${value}`
        : value;
    let code = this.known.get(key);
    if (code === undefined) {
      code = this.values.push(value) - 1;
      this.known.set(key, code);
    }
    if (this.rows === this.codes.length) {
      const larger = new Int32Array(2 * this.rows);
      larger.set(this.codes);
      this.codes = larger;
    }
    this.codes[this.rows++] = code;
  }
}

/** The columns of a segment, made when a filter first asks for them. */
export class Columns {
  private readonly lines: LineFile;
  private readonly columns = new Map<string, Column>();
  private readonly filling = new Serial();

  constructor(lines: LineFile) {
    this.lines = lines;
  }

  /** For each of the segment's rows 1 if it matches, else 0. @throws DIPTYCH_INDEX_DAMAGED */
  async mask(filter: Filter, entry: SegmentEntry): Promise<Uint8Array> {
    const fields = [...fieldsOf(filter)];
    await this.filling.run(() => this.fill(fields, entry));
    return this.evaluate(filter, entry.rows);
  }

  private async fill(fields: readonly string[], entry: SegmentEntry): Promise<void> {
    const columns = fields.map((field) => {
      const column = this.columns.get(field) ?? new Column();
      this.columns.set(field, column);
      return { field, column };
    });
    const from = Math.min(...columns.map(({ column }) => column.rows));
    if (from >= entry.rows) return;
    await this.lines.ensure(entry);
    for await (const { first, lines } of this.lines.lines(from, entry.rows)) {
      lines.forEach(({ metadata }, i) => {
        for (const { field, column } of columns) if (column.rows === first + i) column.push(valueIn(metadata, field));
      });
    }
  }

  private evaluate(filter: Filter, rows: number): Uint8Array {
    const [mask, ...others] = Object.entries(filter).map(([name, part]) =>
      isGroup(part) ? this.group(name, part, rows) : this.test(name, part, rows),
    );
    if (mask === undefined) return new Uint8Array(rows).fill(1);
    for (const other of others) for (let row = 0; row < rows; row++) mask[row] &= other[row];
    return mask;
  }

  private group(name: string, filters: readonly Filter[], rows: number): Uint8Array {
    const passed = new Int32Array(rows);
    for (const filter of filters) {
      const inner = this.evaluate(filter, rows);
      for (let row = 0; row < rows; row++) passed[row] += inner[row];
    }
    return Uint8Array.from(passed, (count) => Number(groupHolds(name, count, filters.length)));
  }

  private test(field: string, test: Scalar | Condition, rows: number): Uint8Array {
    const { codes, values } = this.columns.get(field)!;
    const passes = Uint8Array.from(values, (value) => Number(holds(test, value)));
    const mask = new Uint8Array(rows);
    for (let row = 0; row < rows; row++) mask[row] = passes[codes[row]];
    return mask;
  }
}

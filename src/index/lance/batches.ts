/** @file Rows as Arrow record batches, and back. */
import type { Data, Field, RecordBatch, Table } from 'apache-arrow';
import { fromFloat16, toFloat16 } from '../../files/float16.ts';
import type { Metadata, Row, StoreManifest } from '../store.ts';
import type { Lance } from './binding.ts';
import { allColumns, type Column, type Layout } from './columns.ts';
import { kept, unkept } from './text.ts';

type Value = string | number | null;
type Shape = Pick<StoreManifest, 'dimension' | 'dtype'>;

/** The columns that every table has: id, metadata as JSON text, the version that wrote the row, the unit vector. */
function ownFields({ arrow }: Lance, { dimension, dtype }: Shape): Field[] {
  const number = dtype === 'float32' ? new arrow.Float32() : new arrow.Float16();
  return [
    new arrow.Field('id', new arrow.Utf8(), false),
    new arrow.Field('metadata', new arrow.Utf8(), false),
    new arrow.Field('revision', new arrow.Float64(), false),
    new arrow.Field('vector', new arrow.FixedSizeList(dimension, new arrow.Field('item', number, true)), false),
  ];
}

/** The schema of an empty table. */
export function emptySchema(lance: Lance, shape: Shape) {
  return new lance.arrow.Schema(ownFields(lance, shape));
}

/** The Arrow field of a column. */
export function fieldOf({ arrow }: Lance, { name, type }: Column): Field {
  return new arrow.Field(name, type === 'string' ? new arrow.Utf8() : new arrow.Float64(), true);
}

/** Rows as a table that LanceDB takes. */
export function tableOf(lance: Lance, rows: readonly Row[], manifest: Shape & Layout, revision: number): Table {
  const { arrow } = lance;
  const fields = ownFields(lance, manifest);
  const children = [
    columnData(
      lance,
      rows.map(({ id }) => kept(id)),
      'string',
    ),
    columnData(
      lance,
      rows.map(({ metadata }) => JSON.stringify(metadata)),
      'string',
    ),
    arrow.makeData({ type: new arrow.Float64(), data: new Float64Array(rows.length).fill(revision) }),
    vectorData(lance, rows, manifest, fields[3]),
  ];
  for (const { field, column } of allColumns(manifest)) {
    fields.push(fieldOf(lance, column));
    const values = rows.map(({ metadata }) =>
      Object.hasOwn(metadata, field) ? column.valueOf(metadata[field]) : null,
    );
    children.push(columnData(lance, values, column.type));
  }
  const schema = new arrow.Schema(fields);
  const data = arrow.makeData({ type: new arrow.Struct(fields), length: rows.length, nullCount: 0, children });
  return new arrow.Table(schema, [new arrow.RecordBatch(schema, data)]);
}

function columnData({ arrow }: Lance, values: readonly Value[], type: Column['type']): Data {
  if (type === 'string') return arrow.vectorFromArray(values, new arrow.Utf8()).data[0];
  const bits = new Uint8Array(Math.ceil(values.length / 8));
  values.forEach((value, i) => {
    if (value !== null) bits[i >> 3] |= 1 << (i & 7);
  });
  return arrow.makeData({
    type: new arrow.Float64(),
    length: values.length,
    nullCount: values.filter((value) => value === null).length,
    nullBitmap: bits,
    data: Float64Array.from(values, (value) => (value === null ? 0 : Number(value))),
  });
}

function vectorData({ arrow }: Lance, rows: readonly Row[], { dimension, dtype }: Shape, field: Field) {
  const numbers = new Float32Array(rows.length * dimension);
  rows.forEach(({ vector }, i) => {
    numbers.set(vector, i * dimension);
  });
  const child =
    dtype === 'float32'
      ? arrow.makeData({ type: new arrow.Float32(), data: numbers })
      : arrow.makeData({ type: new arrow.Float16(), data: toFloat16(numbers) });
  return arrow.makeData({ type: field.type, length: rows.length, nullCount: 0, child } as Parameters<
    typeof arrow.makeData
  >[0]);
}

/** All vectors of a batch, row-major. */
export function vectorsOf(batch: RecordBatch, dimension: number): Float32Array {
  const numbers = batch.getChild('vector')!.data[0].children[0].values as Float32Array | Uint16Array;
  const own = numbers.subarray(0, batch.numRows * dimension);
  return own instanceof Float32Array ? own : fromFloat16(own);
}

/** The texts of a column of a batch. */
export function textsOf(batch: RecordBatch, column: 'id' | 'metadata'): string[] {
  const vector = batch.getChild(column)!;
  return Array.from({ length: batch.numRows }, (_, i) => (column === 'id' ? unkept(vector.get(i)) : vector.get(i)));
}

/** Metadata as it was stored. */
export function metadataOf(text: string): Metadata {
  return JSON.parse(text) as Metadata;
}

/**
 * @file Metadata as typed columns, which filters are tested on before the search. The rows themselves come from the JSON
 * text beside them.
 *
 * A field has a column for each kind of value seen in it: `s3` holds the strings of field 3, `n3` its numbers, `b3` its
 * booleans as 0 and 1 (Arrow for JavaScript writes columns of booleans without any value wrongly). Lists have three: `l3`
 * all items one after the other, a separator before, between and behind them, `lo3` the
 * least item, `hi3` the greatest.
 */
import type { FieldType, MetadataValue } from '../store.ts';
import { kept, SEPARATOR } from './text.ts';

/** Fields that get columns; what else there is stands in the JSON text alone. */
export const MOST_FIELDS = 256;

/** What is in the table, by field. */
export interface Layout {
  /** Fields that have columns; their place is the number of their columns. */
  readonly columns: readonly string[];
  /** Kinds of values seen in each field. */
  readonly fields: Readonly<Record<string, readonly FieldType[]>>;
}

export type ColumnType = 'string' | 'number';

/** A column: its name, what it holds, and its value for a row. */
export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  /** Null for no value. */
  valueOf(value: MetadataValue): string | number | null;
}

/** The columns of one kind of value in the field of a number. */
export function columnsOf(number: number, type: FieldType): Column[] {
  if (type === 'list') {
    const ofList = (name: string, inner: (list: readonly string[]) => string | null): Column => ({
      name: `${name}${number}`,
      type: 'string',
      valueOf: (value) => (Array.isArray(value) ? inner(value) : null),
    });
    return [
      ofList('l', joined),
      ofList('lo', (list) => extreme(list, (a, b) => (b < a ? b : a))),
      ofList('hi', (list) => extreme(list, (a, b) => (b > a ? b : a))),
    ];
  }
  if (type === 'string') {
    return [{ name: `s${number}`, type, valueOf: (value) => (typeof value === 'string' ? kept(value) : null) }];
  }
  if (type === 'number') {
    // SQL tells -0 from 0; JavaScript does not.
    return [{ name: `n${number}`, type, valueOf: (value) => (typeof value === 'number' ? value + 0 : null) }];
  }
  return [
    { name: `b${number}`, type: 'number', valueOf: (value) => (typeof value === 'boolean' ? Number(value) : null) },
  ];
}

/** `|a|b|` for a and b, where | is the separator; the empty list is one separator, a list of an empty item two. */
function joined(list: readonly string[]): string {
  return list.map((item) => SEPARATOR + kept(item)).join('') + SEPARATOR;
}

function extreme(list: readonly string[], choose: (a: string, b: string) => string): string | null {
  return list.length === 0 ? null : kept(list.reduce(choose));
}

/** All columns of a layout, of each field in its order, with the field that fills them. */
export function allColumns({ columns, fields }: Layout): { field: string; column: Column }[] {
  return columns.flatMap((field, number) =>
    fields[field].flatMap((type) => columnsOf(number, type).map((column) => ({ field, column }))),
  );
}

/** The fields that have columns once rows with these fields are there: those that had, then new ones while there is room. */
export function withColumns(columns: readonly string[], fields: Layout['fields']): string[] {
  const all = new Set(columns);
  for (const field of Object.keys(fields)) if (all.size < MOST_FIELDS && fields[field].length > 0) all.add(field);
  return [...all];
}

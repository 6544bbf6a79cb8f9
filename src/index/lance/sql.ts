/**
 * @file Filters as SQL, with the meaning that `matches` gives them.
 *
 * SQL knows true, false and unknown; a filter only the first two. Every test of a column therefore begins with
 * `IS NOT NULL`, so that it is false where there is no value and `NOT` turns it to true.
 */
import { type Condition, type Filter, isGroup, type Scalar } from '../filter.ts';
import type { FieldType } from '../store.ts';
import type { Layout } from './columns.ts';
import { kept, SEPARATOR } from './text.ts';

/** Deeper or larger filters are tested row by row in JavaScript: the SQL parser is recursive, and its stack finite. */
const MOST_DEPTH = 8;
const MOST_LENGTH = 200_000;

/** SQL that holds of the rows that match; undefined if SQL cannot say it. */
export function sqlOf(filter: Filter, layout: Layout): string | undefined {
  const sql = ofFilter(filter, layout, 0);
  return sql === undefined || sql.length > MOST_LENGTH ? undefined : sql;
}

type Sql = string | undefined;

function ofFilter(filter: Filter, layout: Layout, depth: number): Sql {
  if (depth > MOST_DEPTH) return undefined;
  return every(
    Object.entries(filter).map(([name, part]) => {
      if (!isGroup(part)) return ofTest(name, part, layout);
      const inner = part.map((one) => ofFilter(one, layout, depth + 1));
      if (name === 'all') return every(inner);
      return name === 'any' ? some(inner) : not(some(inner));
    }),
  );
}

function every(parts: readonly Sql[]): Sql {
  return joined(parts, 'AND', 'TRUE');
}

function some(parts: readonly Sql[]): Sql {
  return joined(parts, 'OR', 'FALSE');
}

/** Halves within halves: a chain of a thousand would be a thousand deep. */
function joined(parts: readonly Sql[], operator: string, ofNone: string): Sql {
  if (parts.includes(undefined)) return undefined;
  if (parts.length === 0) return ofNone;
  if (parts.length === 1) return parts[0];
  const half = parts.length >> 1;
  return `(${joined(parts.slice(0, half), operator, ofNone)} ${operator} ${joined(parts.slice(half), operator, ofNone)})`;
}

function not(part: Sql): Sql {
  return part === undefined ? undefined : `(NOT ${part})`;
}

/** The columns that a field has. */
interface FieldColumns {
  readonly number: number;
  readonly types: readonly FieldType[];
}

function ofTest(field: string, test: Scalar | Condition, layout: Layout): Sql {
  const types = Object.hasOwn(layout.fields, field) ? layout.fields[field] : [];
  const number = layout.columns.indexOf(field);
  if (types.length > 0 && number < 0) return undefined;
  const columns = { number, types };
  if (test === null || typeof test !== 'object') return equals(columns, test);
  const { eq, ne, lt, lte, gt, gte, exists, contains } = test;
  const parts: Sql[] = [];
  if (eq !== undefined) parts.push(equals(columns, eq));
  if (ne !== undefined) parts.push(not(equals(columns, ne)));
  if (test.in !== undefined) parts.push(isIn(columns, test.in));
  if (test.notIn !== undefined) parts.push(not(isIn(columns, test.notIn)));
  if (lt !== undefined) parts.push(compares(columns, '<', 'lo', lt));
  if (lte !== undefined) parts.push(compares(columns, '<=', 'lo', lte));
  if (gt !== undefined) parts.push(compares(columns, '>', 'hi', gt));
  if (gte !== undefined) parts.push(compares(columns, '>=', 'hi', gte));
  if (exists !== undefined) parts.push(exists ? hasValue(columns) : not(hasValue(columns)));
  if (contains !== undefined) parts.push(holdsText(columns, contains));
  return every(parts);
}

/** A test of one of a field's columns, false for rows without a value there and for fields without that column. */
function on({ number, types }: FieldColumns, type: FieldType, prefix: string, test: (column: string) => string): Sql {
  const column = `${prefix}${number}`;
  return types.includes(type) ? `(${column} IS NOT NULL AND ${test(column)})` : 'FALSE';
}

function equals(columns: FieldColumns, scalar: Scalar): Sql {
  if (scalar === null) return not(hasValue(columns));
  if (typeof scalar === 'number') return on(columns, 'number', 'n', (column) => `${column} = ${number(scalar)}`);
  if (typeof scalar === 'boolean')
    return on(columns, 'boolean', 'b', (column) => `${column} = ${number(Number(scalar))}`);
  return some([
    on(columns, 'string', 's', (column) => `${column} = ${text(kept(scalar))}`),
    on(columns, 'list', 'l', (column) => `contains(${column}, ${text(SEPARATOR + kept(scalar) + SEPARATOR)})`),
  ]);
}

/** As `equals` to any of them; many of one kind are one list to SQL. */
function isIn(columns: FieldColumns, scalars: readonly Scalar[]): Sql {
  const strings = [...new Set(scalars.filter((scalar) => typeof scalar === 'string'))];
  const numbers = [...new Set(scalars.filter((scalar) => typeof scalar === 'number'))];
  const others = [...new Set(scalars.filter((scalar) => scalar === null || typeof scalar === 'boolean'))];
  const parts = others.map((scalar) => equals(columns, scalar));
  if (numbers.length > 0) parts.push(on(columns, 'number', 'n', (column) => inList(column, numbers.map(number))));
  if (strings.length > 0) {
    const all = strings.map((string) => text(kept(string)));
    parts.push(on(columns, 'string', 's', (column) => inList(column, all)));
    if (columns.types.includes('list')) {
      for (const string of strings) parts.push(equals({ ...columns, types: ['list'] }, string));
    }
  }
  return some(parts);
}

function inList(column: string, literals: readonly string[]): string {
  return `${column} IN (${literals.join(', ')})`;
}

/** @param end the column of a list's least (`lo`) or greatest (`hi`) item: if any item passes, that one does */
function compares(columns: FieldColumns, operator: string, end: 'lo' | 'hi', than: number | string): Sql {
  if (typeof than === 'number') return on(columns, 'number', 'n', (column) => `${column} ${operator} ${number(than)}`);
  const compare = (column: string) => `${column} ${operator} ${text(kept(than))}`;
  return some([on(columns, 'string', 's', compare), on(columns, 'list', end, compare)]);
}

function hasValue({ number, types }: FieldColumns): Sql {
  return some(types.map((type) => `${type[0]}${number} IS NOT NULL`));
}

function holdsText(columns: FieldColumns, part: string): Sql {
  if (part === '') return some([on(columns, 'string', 's', () => 'TRUE'), on(columns, 'list', 'lo', () => 'TRUE')]);
  const test = (column: string) => `contains(${column}, ${text(kept(part))})`;
  return some([on(columns, 'string', 's', test), on(columns, 'list', 'l', test)]);
}

/** A number as SQL reads it: always with an exponent, so that it is a double however large it is. */
function number(value: number): string {
  return (value + 0).toExponential();
}

/** A text as SQL reads it. */
export function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

/** @file What the reader filters by, field by field: in the address, on the page, and as the server's filter. */
import type { FieldDescription } from '../../../src/server/schema/indexes.ts';

/** One field's filter: some of its values, a range, a text within, or yes and no. */
export type FieldFilter =
  | { readonly kind: 'values'; readonly values: readonly string[] }
  | { readonly kind: 'range'; readonly from: number | null; readonly to: number | null }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'is'; readonly is: boolean };

export type FieldFilters = Readonly<Record<string, FieldFilter>>;

/** Fields that an index keeps for itself. */
const hidden = ['kind', 'path', 'source', 'sha256', 'text', 'image', 'thumbnail'];

/** How a field is filtered: what its values are decides. */
export type Control = 'values' | 'range' | 'text' | 'is';

export function controlOf({ types, values }: FieldDescription): Control {
  if (values !== undefined && values.length > 0 && values.every(({ value }) => typeof value === 'string'))
    return 'values';
  if (types.includes('number')) return 'range';
  if (types.length === 1 && types[0] === 'boolean') return 'is';
  return 'text';
}

/** Fields that a reader can filter by, those with names of one's own first, sizes of pictures last. */
export function fieldsShown(fields: Readonly<Record<string, FieldDescription>>): string[] {
  const late = ['captions', 'width', 'height'];
  const order = (name: string): number => late.indexOf(name);
  return Object.keys(fields)
    .filter((name) => !hidden.includes(name))
    .sort((a, b) => order(a) - order(b) || a.localeCompare(b));
}

type Condition = Record<string, unknown>;

/** The filter that the server is given; undefined where nothing is filtered. */
export function serverFilter(filters: FieldFilters): Record<string, Condition> | undefined {
  const entries = Object.entries(filters).flatMap(([name, filter]) => {
    const condition = conditionOf(filter);
    return condition === undefined ? [] : [[name, condition] as const];
  });
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

function conditionOf(filter: FieldFilter): Condition | undefined {
  switch (filter.kind) {
    case 'values':
      return filter.values.length === 0 ? undefined : { in: [...filter.values] };
    case 'range': {
      const bounds = {
        ...(filter.from !== null && { gte: filter.from }),
        ...(filter.to !== null && { lte: filter.to }),
      };
      return Object.keys(bounds).length === 0 ? undefined : bounds;
    }
    case 'text':
      return filter.text.trim() === '' ? undefined : { contains: filter.text.trim() };
    case 'is':
      return { eq: filter.is };
  }
}

/** Whether a filter lets everything through. */
export function isOpen(filter: FieldFilter): boolean {
  return conditionOf(filter) === undefined;
}

/**
 * A filter as parameters of an address: `=Rome` for each value, `2019..2022` with either end left out, `~sea` for a text
 * within, `!yes` and `!no`.
 */
export function printFilter(filter: FieldFilter): string[] {
  switch (filter.kind) {
    case 'values':
      return filter.values.map((value) => `=${value}`);
    case 'range':
      return [`${filter.from ?? ''}..${filter.to ?? ''}`];
    case 'text':
      return [`~${filter.text}`];
    case 'is':
      return [filter.is ? '!yes' : '!no'];
  }
}

/** The filter that parameters stand for; undefined where they make no sense. */
export function parseFilter(printed: readonly string[]): FieldFilter | undefined {
  const [first] = printed;
  if (first === undefined) return undefined;
  if (first.startsWith('='))
    return { kind: 'values', values: printed.filter((one) => one.startsWith('=')).map((one) => one.slice(1)) };
  if (first.startsWith('~')) return { kind: 'text', text: first.slice(1) };
  if (first === '!yes' || first === '!no') return { kind: 'is', is: first === '!yes' };
  const range = /^(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)?\.\.(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)?$/.exec(first);
  if (range === null) return undefined;
  const bound = (text: string | undefined): number | null => (text === undefined ? null : Number(text));
  return { kind: 'range', from: bound(range[1]), to: bound(range[2]) };
}

/** A filter in words, for the chip that takes it away. */
export function filterText(name: string, filter: FieldFilter): string {
  switch (filter.kind) {
    case 'values':
      return `${name}: ${filter.values.join(', ')}`;
    case 'range':
      if (filter.from === null) return `${name} up to ${filter.to}`;
      return filter.to === null ? `${name} from ${filter.from}` : `${name} ${filter.from} to ${filter.to}`;
    case 'text':
      return `${name} with “${filter.text.trim()}”`;
    case 'is':
      return `${name}: ${filter.is ? 'yes' : 'no'}`;
  }
}

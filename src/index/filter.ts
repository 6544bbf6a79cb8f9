/** @file Filters on metadata as data: their schema, and whether a row's metadata matches. */
import { z } from 'zod';
import type { Metadata, MetadataValue } from './store.ts';

/** What a condition compares with. */
export type Scalar = string | number | boolean | null;

/**
 * Operators on one field; all that are given must hold. Values compare with values of their own kind, strings by
 * code unit. A list satisfies an operator if any of its items does; `ne` and `notIn` say that none does. `null`
 * stands for no value, as does a missing field: `eq: null` is `exists: false`.
 */
export interface Condition {
  readonly eq?: Scalar | undefined;
  readonly ne?: Scalar | undefined;
  readonly in?: readonly Scalar[] | undefined;
  readonly notIn?: readonly Scalar[] | undefined;
  readonly lt?: number | string | undefined;
  readonly lte?: number | string | undefined;
  readonly gt?: number | string | undefined;
  readonly gte?: number | string | undefined;
  readonly exists?: boolean | undefined;
  /** Text within a string, or within any item of a list. */
  readonly contains?: string | undefined;
}

/**
 * A filter: every entry must hold. A field stands with a value (the same as `eq`) or with operators; `all`, `any`
 * and `none` stand with lists of filters, of which every one, at least one, or not one must hold.
 * A field named `all`, `any` or `none` is reached too: groups are told apart by their list.
 */
export interface Filter {
  readonly [fieldOrGroup: string]: Scalar | Condition | readonly Filter[];
}

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const ordered = z.union([z.number(), z.string()]);

export const conditionSchema = z.strictObject({
  eq: scalar.optional().meta({ description: 'equals; of a list, some item does' }),
  ne: scalar.optional().meta({ description: 'does not equal; of a list, no item does' }),
  in: z.array(scalar).optional().meta({ description: 'equals one of these' }),
  notIn: z.array(scalar).optional().meta({ description: 'equals none of these' }),
  lt: ordered.optional().meta({ description: 'less than' }),
  lte: ordered.optional().meta({ description: 'at most' }),
  gt: ordered.optional().meta({ description: 'greater than' }),
  gte: ordered.optional().meta({ description: 'at least' }),
  exists: z.boolean().optional().meta({ description: 'has a value other than null' }),
  contains: z.string().optional().meta({ description: 'has this text within' }),
});

/** The names of all operators. */
export const operators = Object.keys(conditionSchema.shape) as (keyof Condition)[];

/** The names of all groups. */
export const groups = ['all', 'any', 'none'] as const;

const test = z.union([scalar, conditionSchema]);
const group = z.union([z.lazy(() => z.array(filterSchema)), test]).optional();

/** The schema of filters. `parseFilter` gives better errors than its own. */
export const filterSchema: z.ZodType<Filter> = z
  .object({ all: group, any: group, none: group })
  .catchall(test)
  .meta({ id: 'Filter' }) as unknown as z.ZodType<Filter>;

/** Whether metadata matches a filter. */
export function matches(filter: Filter, metadata: Metadata): boolean {
  return Object.entries(filter).every(([name, part]) => {
    if (!isGroup(part)) return holds(part, valueIn(metadata, name));
    const passed = part.filter((inner) => matches(inner, metadata)).length;
    return groupHolds(name, passed, part.length);
  });
}

/** Whether a filter names no condition, so that everything matches: `{}`, `{"all": []}`, `{"year": {}}`. */
export function asksNothing(filter: Filter): boolean {
  return Object.entries(filter).every(([name, part]) => {
    if (!isGroup(part)) return part !== null && typeof part === 'object' && isVacuous(part);
    if (name === 'any') return part.some(asksNothing);
    return name === 'all' ? part.every(asksNothing) : part.length === 0;
  });
}

function isVacuous({ notIn, ...others }: Condition): boolean {
  return Object.values(others).every((value) => value === undefined) && (notIn === undefined || notIn.length === 0);
}

/** The value of a field, null if it has none. */
export function valueIn(metadata: Metadata, field: string): MetadataValue {
  return Object.hasOwn(metadata, field) ? metadata[field] : null;
}

/** Whether an entry of a filter groups filters (its key says how) rather than testing a field. */
export function isGroup(part: Filter[string]): part is readonly Filter[] {
  return Array.isArray(part);
}

/** Whether a group holds of whose filters so many hold. */
export function groupHolds(name: string, passed: number, filters: number): boolean {
  if (name === 'all') return passed === filters;
  return passed > 0 === (name === 'any');
}

/** Whether one value passes one test. */
export function holds(test: Scalar | Condition, value: MetadataValue): boolean {
  if (test === null || typeof test !== 'object') return equals(value, test);
  const { eq, ne, lt, lte, gt, gte, exists, contains } = test;
  return (
    (eq === undefined || equals(value, eq)) &&
    (ne === undefined || !equals(value, ne)) &&
    (test.in === undefined || test.in.some((one) => equals(value, one))) &&
    (test.notIn === undefined || !test.notIn.some((one) => equals(value, one))) &&
    (lt === undefined || some(value, (x) => typeof x === typeof lt && x < lt)) &&
    (lte === undefined || some(value, (x) => typeof x === typeof lte && x <= lte)) &&
    (gt === undefined || some(value, (x) => typeof x === typeof gt && x > gt)) &&
    (gte === undefined || some(value, (x) => typeof x === typeof gte && x >= gte)) &&
    (exists === undefined || exists === (value !== null)) &&
    (contains === undefined || some(value, (x) => typeof x === 'string' && x.includes(contains)))
  );
}

function equals(value: MetadataValue, scalar: Scalar): boolean {
  return Array.isArray(value) ? scalar !== null && value.includes(scalar as string) : value === scalar;
}

function some(value: MetadataValue, inner: (item: string | number | boolean) => boolean): boolean {
  if (value === null) return false;
  return Array.isArray(value) ? value.some(inner) : inner(value);
}

/** The fields that a filter tests. */
export function fieldsOf(filter: Filter): Set<string> {
  const fields = new Set<string>();
  for (const [name, part] of Object.entries(filter)) {
    if (!isGroup(part)) fields.add(name);
    else for (const inner of part) for (const field of fieldsOf(inner)) fields.add(field);
  }
  return fields;
}

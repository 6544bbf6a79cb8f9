/** @file From JSON text to a filter, with errors that name the place and what was probably meant. */
import type { z } from 'zod';
import { suggest } from '../config/suggest.ts';
import { DiptychError } from '../errors/error.ts';
import { type Filter, filterSchema, groups, isGroup, operators } from './filter.ts';

/** Filters nested deeper than this are refused: nobody writes them, and evaluating them could exhaust the stack. */
const DEEPEST = 32;

type Path = readonly PropertyKey[];

/**
 * Reads a filter from JSON text.
 *
 * @param text such as `{"year": {"gte": 2020}, "any": [{"place": "Rome"}, {"captions": {"contains": "sea"}}]}`
 * @param fields the fields that rows have; a filter on another is refused. Not checked unless given
 * @throws DIPTYCH_FILTER_SYNTAX, DIPTYCH_FILTER_SHAPE, DIPTYCH_FILTER_FIELD
 */
export function parseFilter(text: string, fields?: Iterable<string>): Filter {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new DiptychError('DIPTYCH_FILTER_SYNTAX', { reason: (cause as Error).message }, { cause });
  }
  return checkFilter(value, fields);
}

/** Like `parseFilter`, for a value that was JSON already. */
export function checkFilter(value: unknown, fields?: Iterable<string>): Filter {
  checkNesting(value);
  const result = filterSchema.safeParse(value);
  if (!result.success) throw shapeError(value, result.error.issues[0]);
  const filter = value as Filter;
  if (fields !== undefined) checkFields(filter, new Set(fields), []);
  return filter;
}

/** Refuses what a schema cannot see well: too much depth, and the one key that JavaScript treats as its own. */
function checkNesting(value: unknown): void {
  const open: { value: unknown; path: Path }[] = [{ value, path: [] }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, path } = next;
    if (value === null || typeof value !== 'object') continue;
    if (path.length >= DEEPEST) throw refuse(path.slice(0, 3), `nested deeper than ${DEEPEST} levels`);
    for (const [key, inner] of Object.entries(value)) {
      if (key === '__proto__') throw refuse(path, 'no field can be named "__proto__"');
      open.push({ value: inner, path: [...path, Array.isArray(value) ? Number(key) : key] });
    }
  }
}

function refuse(path: Path, problem: string, suggestions: readonly string[] = []): DiptychError {
  return new DiptychError('DIPTYCH_FILTER_SHAPE', { path: printPath(path), problem, suggestions });
}

/** `any[0].year.gte` */
function printPath(path: Path): string {
  return path
    .map((part, i) => (typeof part === 'number' ? `[${part}]` : `${i > 0 ? '.' : ''}${String(part)}`))
    .join('');
}

/** The deepest problem of a filter in words: the schema only says that no alternative fits. */
function shapeError(root: unknown, issue: z.core.$ZodIssue): DiptychError {
  const { found, path } = deepest(issue, []);
  const value = valueAt(root, path);
  const last = path.at(-1);
  if (found.code === 'unrecognized_keys') {
    const key = found.keys[0];
    if ((groups as readonly string[]).includes(key))
      return refuse(path, `"${key}" groups filters, so it cannot stand inside a field`);
    return refuse(path, `unknown operator "${key}" (operators: ${operators.join(', ')})`, suggest(key, operators));
  }
  if (path.length === 0) return refuse(path, `a filter is an object, not ${kindOf(value)}`);
  const group = (groups as readonly PropertyKey[]).includes(path.at(-2) as string) && typeof last === 'number';
  if (group) return refuse(path, `a filter is an object, not ${kindOf(value)}`);
  const operator = operators.find((name) => name === last || (name === path.at(-2) && typeof last === 'number'));
  if (operator !== undefined && path.length > 1) return refuse(path, `${expected[operator]}, not ${kindOf(value)}`);
  if (Array.isArray(value)) {
    const near = suggest(String(last), groups);
    if (near.length > 0) return refuse(path, 'only groups (all, any, none) hold a list of filters', near);
    return refuse(path, 'a list stands only under all, any, none; to test for several values write {"in": [ … ]}');
  }
  return refuse(path, `a field is tested by a value or by operators, not by ${kindOf(value)}`);
}

const anyValue = 'compares with a string, number, true, false or null';
const orderedValue = 'compares with a number or a string';
const expected = {
  eq: anyValue,
  ne: anyValue,
  in: 'takes a list of strings, numbers, true, false or null',
  notIn: 'takes a list of strings, numbers, true, false or null',
  lt: orderedValue,
  lte: orderedValue,
  gt: orderedValue,
  gte: orderedValue,
  exists: 'is true or false',
  contains: 'takes a string',
};

/** Of alternatives that all failed, the one that got furthest is the one that was meant. */
function deepest(issue: z.core.$ZodIssue, base: Path): { found: z.core.$ZodIssue; path: Path } {
  const path = [...base, ...issue.path];
  let best = { found: issue, path: path as Path };
  if (issue.code !== 'invalid_union') return best;
  for (const [inner] of issue.errors) {
    if (inner === undefined) continue;
    const candidate = deepest(inner, path);
    const further = candidate.path.length > best.path.length;
    if (further || (candidate.path.length === best.path.length && candidate.found.code === 'unrecognized_keys'))
      best = candidate;
  }
  return best;
}

function valueAt(root: unknown, path: Path): unknown {
  let value = root;
  for (const key of path) value = (value as Record<PropertyKey, unknown>)[key];
  return value;
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  return JSON.stringify(value) ?? String(value);
}

function checkFields(filter: Filter, known: ReadonlySet<string>, path: Path): void {
  for (const [name, part] of Object.entries(filter)) {
    if (isGroup(part))
      part.forEach((inner, i) => {
        checkFields(inner, known, [...path, name, i]);
      });
    else if (!known.has(name)) {
      throw new DiptychError('DIPTYCH_FILTER_FIELD', {
        path: printPath([...path, name]),
        field: name,
        known: [...known].sort(),
        suggestions: suggest(name, known),
      });
    }
  }
}

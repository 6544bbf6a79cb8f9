/** @file One place of a JSON value changed: another value there, none, twice, a field more, or one level deeper. */
import fc from 'fast-check';
import { misfits } from './values.ts';

type Path = readonly (string | number)[];

/** All places of a value, itself among them. */
function places(value: unknown, path: Path = []): Path[] {
  if (value === null || typeof value !== 'object') return [path];
  // Of long lists, such as vectors, the ends are enough.
  const keys = Array.isArray(value)
    ? [...value.keys()].filter((i) => i < 3 || i === value.length - 1)
    : Object.keys(value);
  const of = value as Record<string | number, unknown>;
  return [path, ...keys.flatMap((key) => places(of[key], [...path, key]))];
}

/** The value with what is at a place replaced by what `change` makes of it; undefined takes it away. */
function changedAt(value: unknown, path: Path, change: (old: unknown) => unknown): unknown {
  if (path.length === 0) return change(value);
  const [key, ...rest] = path;
  if (Array.isArray(value)) {
    const copy: unknown[] = [...value];
    const next = changedAt(copy[key as number], rest, change);
    if (next === undefined) copy.splice(key as number, 1);
    else copy[key as number] = next;
    return copy;
  }
  const old = value as Record<string, unknown>;
  return { ...old, [key]: changedAt(old[key], rest, change) };
}

const changes: fc.Arbitrary<(old: unknown) => unknown> = fc.oneof(
  { weight: 4, arbitrary: misfits.map((misfit) => () => misfit) },
  { weight: 1, arbitrary: fc.constant(() => undefined) },
  { weight: 1, arbitrary: fc.constant((old: unknown) => [old, old]) },
  { weight: 1, arbitrary: fc.constant((old: unknown) => ({ value: old })) },
  {
    weight: 1,
    arbitrary: fc.constant((old: unknown) => (typeof old === 'number' ? -old : `${JSON.stringify(old)}\u0301`)),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.constantFrom('extra', 'constructor', 'hasOwnProperty', 'weight'), misfits).map(
      ([name, misfit]) =>
        (old: unknown) =>
          typeof old === 'object' && old !== null && !Array.isArray(old) ? { ...old, [name]: misfit } : misfit,
    ),
  },
);

/** A value as it is, or with one place of it changed. */
export function mutated(value: unknown, share: number): fc.Arbitrary<unknown> {
  const all = places(value);
  const once = fc
    .tuple(fc.nat(all.length - 1), changes)
    .map(([place, change]) => changedAt(value, all[place], change) ?? null);
  return fc.oneof({ weight: 100 - share, arbitrary: fc.constant(value) }, { weight: share, arbitrary: once });
}

/** @file What zod found wrong with a request, as one coded error whose problems name the fields. */
import type { z } from 'zod';
import { DiptychError } from '../errors/error.ts';

/** How many faulty fields one error names. */
const MOST_PROBLEMS = 8;

/** @param where what was checked, such as `query of the address`; left out for bodies */
export function refusal(error: z.ZodError | z.core.$ZodError, where?: string): DiptychError {
  const problems = error.issues.flatMap((issue) => describe(issue, []));
  const shown = problems
    .slice(0, MOST_PROBLEMS)
    .map((problem) => (where === undefined ? problem : `${where} ${problem}`));
  return new DiptychError('DIPTYCH_SERVER_REQUEST', { problems: shown });
}

/** Checks a value. @throws DIPTYCH_SERVER_REQUEST */
export function check<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw refusal(result.error);
}

function describe(issue: z.core.$ZodIssue, base: readonly PropertyKey[]): string[] {
  const path = [...base, ...issue.path];
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return [`${print(path)}: ${issue.message}`];
  return nearest(issue.errors).flatMap((inner) => describe(inner, path));
}

/** Of alternatives that all failed the one that was probably meant: it knows the keys, and has the least against the rest. */
function nearest(alternatives: readonly (readonly z.core.$ZodIssue[])[]): readonly z.core.$ZodIssue[] {
  const costs = alternatives.map((issues) => issues.reduce((sum, issue) => sum + cost(issue), 0));
  return alternatives[costs.indexOf(Math.min(...costs))];
}

function cost(issue: z.core.$ZodIssue): number {
  if (issue.code === 'unrecognized_keys') return 4 * issue.keys.length;
  if (issue.code === 'invalid_type' && issue.path.length === 0) return 8;
  return issue.path.length > 1 ? 0.5 : 1;
}

function print(path: readonly PropertyKey[]): string {
  if (path.length === 0) return 'body';
  const text = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key).slice(0, 64)}`)).join('');
  return text.replace(/^\./, '');
}

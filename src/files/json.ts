/** @file JSON files checked by a schema; faults name the line, or the path to the field. */
import type { z } from 'zod';
import { DiptychError } from '../errors/error.ts';
import { writeAtomically } from './atomic.ts';
import { faultOf } from './json-fault.ts';
import { readText } from './text.ts';

/** How many faulty fields one message lists. */
const MOST_PROBLEMS = 5;

/**
 * Reads a JSON file.
 *
 * @param schema what it must be; its output is returned
 * @throws DIPTYCH_FILE_MISSING, DIPTYCH_FILE_UNREADABLE, DIPTYCH_FILE_TOO_LARGE, DIPTYCH_FILE_ENCODING,
 *   DIPTYCH_JSON_SYNTAX (line and column), DIPTYCH_JSON_SHAPE (the fields)
 */
export async function readJson<S extends z.ZodType>(path: string, schema: S): Promise<z.output<S>> {
  const checked = schema.safeParse(parseJson(path, await readText(path)));
  if (checked.success) return checked.data;
  throw new DiptychError('DIPTYCH_JSON_SHAPE', { path, problems: describeProblems(checked.error) });
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new DiptychError('DIPTYCH_JSON_SYNTAX', { path, ...faultOf(text) }, { cause });
  }
}

/** Writes a value as JSON, atomically, indented by two spaces. */
export async function writeJson(path: string, value: unknown): Promise<void> {
  await writeAtomically(path, `${JSON.stringify(value, undefined, 2)}\n`);
}

/** What a schema found wrong, each with the path to the field: `images[3].split: Invalid input`. */
export function describeProblems(error: z.ZodError): string[] {
  const problems = error.issues.map(({ path, message }) => `${describePath(path)}: ${message}`);
  const more = problems.length - MOST_PROBLEMS;
  return more > 0 ? [...problems.slice(0, MOST_PROBLEMS), `and ${more} more`] : problems;
}

function describePath(path: readonly PropertyKey[]): string {
  const text = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
  return text === '' ? 'the whole file' : text.replace(/^\./, '');
}

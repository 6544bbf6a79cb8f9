/** @file Files of one JSON value a line, checked by a schema. */
import type { z } from 'zod';
import { readLines } from '../files/text.ts';

/** The text of such a file. */
export function linesOf(values: readonly unknown[]): string {
  return values.map((value) => `${JSON.stringify(value)}\n`).join('');
}

/** The values of such a file; undefined for a line that is not what the schema says. @throws DIPTYCH_FILE_MISSING, _UNREADABLE, _TOO_LARGE */
export async function* readJsonLines<S extends z.ZodType>(
  path: string,
  schema: S,
): AsyncGenerator<z.output<S> | undefined> {
  for await (const { text } of readLines(path)) yield checkedLine(text, schema);
}

function checkedLine<S extends z.ZodType>(text: string | undefined, schema: S): z.output<S> | undefined {
  try {
    return schema.safeParse(JSON.parse(text ?? '')).data;
  } catch {
    return undefined;
  }
}

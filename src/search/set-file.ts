/** @file A set of items from a file: ids line by line, or what an earlier search gave. */
import { z } from 'zod';
import { DiptychError } from '../errors/error.ts';
import { readText } from '../files/text.ts';

const identified = z.union([z.string(), z.looseObject({ id: z.string() })]);
const setSchema = z.union([z.array(identified), z.looseObject({ results: z.array(identified) })]);

/**
 * The ids that a file names: one a line, a JSON list of ids or of results, or `{"results": […]}` as
 * `diptych search --json` prints it.
 *
 * @throws DIPTYCH_FILE_MISSING, DIPTYCH_FILE_UNREADABLE, DIPTYCH_SEARCH_QUERY
 */
export async function readSet(path: string): Promise<string[]> {
  const text = (await readText(path)).trim();
  if (!/^[[{]/.test(text)) return text.split(/\r?\n/).filter((line) => line !== '');
  const parsed = setSchema.safeParse(jsonIn(path, text));
  if (!parsed.success) throw refuse(path, 'neither ids line by line, nor a JSON list of ids, nor results of a search');
  const items = Array.isArray(parsed.data) ? parsed.data : parsed.data.results;
  return items.map((item) => (typeof item === 'string' ? item : item.id));
}

function jsonIn(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw refuse(path, `not JSON (${(cause as Error).message})`);
  }
}

function refuse(path: string, problem: string): DiptychError {
  return new DiptychError('DIPTYCH_SEARCH_QUERY', { problem: `${path}: ${problem}` });
}

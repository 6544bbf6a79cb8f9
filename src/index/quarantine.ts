/** @file The list of what could not be indexed, beside the store: one JSON line each, by source. */
import { join } from 'node:path';
import { z } from 'zod';
import { isDiptychError } from '../errors/error.ts';
import { writeAtomically } from '../files/atomic.ts';
import { linesOf, readJsonLines } from './json-lines.ts';
import type { Quarantined } from './source.ts';

const entrySchema = z.object({
  source: z.string(),
  file: z.string(),
  line: z.number().optional(),
  id: z.string().optional(),
  reason: z.string(),
});
type Entry = z.infer<typeof entrySchema>;

/** Where the list of a version lies. */
export function quarantineFile(place: string): string {
  return join(place, 'quarantine.jsonl');
}

/** What is in quarantine. Lines that are not ours are passed over. */
export async function readQuarantine(place: string): Promise<Entry[]> {
  const entries: Entry[] = [];
  try {
    for await (const entry of readJsonLines(quarantineFile(place), entrySchema)) {
      if (entry !== undefined) entries.push(entry);
    }
  } catch (error) {
    if (!isDiptychError(error, 'DIPTYCH_FILE_MISSING')) throw error;
  }
  return entries;
}

/** Replaces what is listed of one source. */
export async function writeQuarantine(
  place: string,
  source: string,
  quarantined: readonly Quarantined[],
): Promise<void> {
  const before = await readQuarantine(place);
  const others = before.filter((entry) => entry.source !== source);
  const entries = [...others, ...quarantined.map(({ file, line, id, reason }) => ({ source, file, line, id, reason }))];
  if (linesOf(before) !== linesOf(entries)) await writeAtomically(quarantineFile(place), linesOf(entries));
}

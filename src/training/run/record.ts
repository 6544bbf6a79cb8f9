/** @file `run.json`: what a run is made of, so that it can be repeated and nothing else can pass for it. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { DiptychError, isDiptychError } from '../../errors/error.ts';
import { readJson, writeJson } from '../../files/json.ts';
import type { Configuration } from './configuration.ts';

const versionsSchema = z.strictObject({ diptych: z.string(), node: z.string(), onnxruntime: z.string() });

const sessionSchema = z.strictObject({
  started: z.string(),
  /** The command line, without the node binary. */
  command: z.array(z.string()),
  host: z.string(),
  pid: z.int(),
  versions: versionsSchema,
  /** What the configuration of this session changed, of what may change. */
  changes: z.array(z.string()),
});

const recordSchema = z.strictObject({
  format: z.literal(1),
  /** Name of the preset that the values began with; left out where there was none. */
  preset: z.string().exactOptional(),
  /** Every resolved value. */
  configuration: z.record(z.string(), z.json()),
  /** Length in steps, and from which step it has been known: one entry, and one more for each extension. */
  lengths: z.array(z.strictObject({ from: z.int().min(0), steps: z.int().min(0) })).min(1),
  /** Fingerprints of data sets and feature files, by name. */
  data: z.record(z.string(), z.string()),
  seeds: z.record(z.string(), z.number()),
  /** Each time the run was begun or resumed; the first one began it. */
  sessions: z.array(sessionSchema).min(1),
});

export type Session = z.infer<typeof sessionSchema>;
export type RunRecord = Omit<z.infer<typeof recordSchema>, 'configuration'> & { configuration: Configuration };

/** Path of the record of a run folder. */
export function recordPath(folder: string): string {
  return join(folder, 'run.json');
}

/**
 * What a run folder says of itself.
 *
 * @throws DIPTYCH_RUN_MISSING, DIPTYCH_RUN_DAMAGED
 */
export async function readRun(folder: string): Promise<RunRecord> {
  const path = recordPath(folder);
  if (!existsSync(path)) throw new DiptychError('DIPTYCH_RUN_MISSING', { folder });
  try {
    return await readJson(path, recordSchema);
  } catch (cause) {
    if (!isDiptychError(cause)) throw cause;
    throw new DiptychError('DIPTYCH_RUN_DAMAGED', { path, reason: cause.message }, { cause });
  }
}

/** Writes the record, atomically. */
export async function writeRun(folder: string, record: RunRecord): Promise<void> {
  await writeJson(recordPath(folder), record);
}

/** @file The logs of a run as they grow: whole records since a place, and a sign when they were cut back. */
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { logPaths } from '../../training/logs/logs.ts';
import { type RunLogRecord, recordSchema } from './schema.ts';

/** Bytes of both logs that were read. */
export interface Place {
  readonly metrics: number;
  readonly timings: number;
}

export const beginning: Place = { metrics: 0, timings: 0 };

/** `120-88`, as it stands in the id of an event. */
export function printPlace({ metrics, timings }: Place): string {
  return `${metrics}-${timings}`;
}

/** The place that an event named last; the beginning where it makes no sense. */
export function parsePlace(text: string | undefined): Place {
  const [, metrics, timings] = /^(\d{1,15})-(\d{1,15})$/.exec(text ?? '') ?? [];
  return metrics === undefined ? beginning : { metrics: Number(metrics), timings: Number(timings) };
}

export interface Grown {
  readonly place: Place;
  readonly records: readonly RunLogRecord[];
  /** A log is shorter than it was: the run was taken up at an earlier step, and what was read before no longer holds. */
  readonly reset: boolean;
}

/** What was logged since a place. After a reset all there is. */
export async function readSince(run: string, place: Place): Promise<Grown> {
  const [metrics, timings] = await Promise.all([
    readLines(join(run, logPaths.metrics), place.metrics),
    readLines(join(run, logPaths.timings), place.timings),
  ]);
  if (metrics === undefined || timings === undefined) {
    return { ...(await readSince(run, beginning)), reset: true };
  }
  const records = [...metrics.lines, ...timings.lines].flatMap(recordIn).sort((a, b) => a.step - b.step);
  return { place: { metrics: metrics.end, timings: timings.end }, records, reset: false };
}

/** Longest piece read at once. */
const MOST = 4 << 20;

/** Whole lines from a place on; undefined if the file is shorter than that. A file that is not there is empty. */
async function readLines(path: string, from: number): Promise<{ lines: string[]; end: number } | undefined> {
  const file = await open(path).catch(() => undefined);
  if (file === undefined) return from === 0 ? { lines: [], end: 0 } : undefined;
  try {
    const { size } = await file.stat();
    if (size < from) return undefined;
    const bytes = Buffer.alloc(Math.min(MOST, size - from));
    const { bytesRead } = await file.read(bytes, 0, bytes.length, from);
    const whole = bytes.subarray(0, bytesRead).lastIndexOf(10) + 1;
    const lines = bytes.subarray(0, whole).toString('utf8').split('\n').slice(0, -1);
    return { lines, end: from + whole };
  } finally {
    await file.close();
  }
}

/** A line holds the numbers beside kind, step and epoch. */
function recordIn(line: string): RunLogRecord[] {
  try {
    const { kind, step, epoch, ...values } = JSON.parse(line);
    const parsed = recordSchema.safeParse({ kind, step, epoch, values });
    return parsed.success ? [parsed.data] : [];
  } catch {
    return [];
  }
}

/** @file Opening a run folder: begun once, resumed only as what it was, written by one process at a time. */
import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { DiptychError } from '../../errors/error.ts';
import { lockFolder } from '../../system/lock.ts';
import { listCheckpoints } from '../checkpoint/folder.ts';
import type { Stretch } from '../schedule.ts';
import { type Configuration, differencesOf, fingerprintOf, leavesOf } from './configuration.ts';
import { type RunRecord, readRun, recordPath, type Session, writeRun } from './record.ts';
import { versions } from './versions.ts';

/** What a run is begun or resumed with. */
export interface RunOptions {
  readonly folder: string;
  /** Name of the preset that the values began with. */
  readonly preset?: string;
  /** Every resolved value, as plain JSON. */
  readonly configuration: Configuration;
  /** Dotted paths, with all below them, that may differ on resume: device, threads, where the run lies. */
  readonly mayChange: readonly string[];
  /** Dotted paths that say how long the run is; they change only with `extend`. */
  readonly lengthKeys: readonly string[];
  /** Length of the whole run in steps. */
  readonly steps: number;
  /** Fingerprints of data sets and feature files, by name. */
  readonly data: Readonly<Record<string, string>>;
  readonly seeds: Readonly<Record<string, number>>;
  /** The command line, without the node binary. */
  readonly command: readonly string[];
  /** Continue the run of this folder rather than begin one. */
  readonly resume: boolean;
  /** `--extend-to` was given: the run may become longer. */
  readonly extend: boolean;
}

/** An open run: the folder is locked until `close`. */
export interface Run {
  readonly folder: string;
  readonly record: RunRecord;
  /** SHA-256 of the configuration without what may change. */
  readonly fingerprint: string;
  /** Length of the whole run in steps. */
  readonly steps: number;
  /** For `scheduleOf`. */
  readonly lengths: readonly Stretch[];
  readonly resumed: boolean;
  /** What people should know of this session, such as another version of the runtime. */
  readonly notes: readonly string[];
  close(): Promise<void>;
}

/**
 * Begins a run in a folder without one, or takes up the run of a folder.
 *
 * @throws DIPTYCH_RUN_LOCKED, DIPTYCH_RUN_EXISTS, DIPTYCH_RUN_MISSING, DIPTYCH_RUN_DAMAGED, DIPTYCH_RUN_CHANGED,
 *   DIPTYCH_RUN_DATA_CHANGED, DIPTYCH_RUN_LENGTH, DIPTYCH_FILE_UNWRITABLE
 */
export async function openRun(options: RunOptions): Promise<Run> {
  const { folder, resume } = options;
  if (resume && !existsSync(recordPath(folder))) throw new DiptychError('DIPTYCH_RUN_MISSING', { folder });
  const lock = await lockFolder(folder);
  try {
    const { record, notes } = resume ? await resumeRecord(options) : beginRecord(options);
    await writeRun(folder, record);
    return {
      folder,
      record,
      fingerprint: runFingerprint(options),
      steps: lengthOf(record),
      lengths: record.lengths,
      resumed: resume,
      notes,
      close: () => lock.release(),
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

interface Opened {
  readonly record: RunRecord;
  readonly notes: readonly string[];
}

function beginRecord(options: RunOptions): Opened {
  const { folder, preset, configuration, steps, data, seeds } = options;
  if (existsSync(recordPath(folder))) throw new DiptychError('DIPTYCH_RUN_EXISTS', { folder });
  const lengths = [{ from: 0, steps }];
  const record: RunRecord = {
    format: 1,
    ...(preset !== undefined && { preset }),
    configuration,
    lengths,
    data: { ...data },
    seeds: { ...seeds },
    sessions: [sessionOf(options, [])],
  };
  return { record, notes: [] };
}

async function resumeRecord(options: RunOptions): Promise<Opened> {
  const { folder, configuration, mayChange, lengthKeys, data, seeds } = options;
  const record = await readRun(folder);
  const changed = [
    ...differencesOf(record.configuration, configuration, [...mayChange, ...lengthKeys]),
    ...differencesOf({ seeds: record.seeds }, { seeds }),
  ];
  if (changed.length > 0) throw new DiptychError('DIPTYCH_RUN_CHANGED', { folder, differences: changed });
  const otherData = differencesOf(record.data, data);
  if (otherData.length > 0) throw new DiptychError('DIPTYCH_RUN_DATA_CHANGED', { folder, differences: otherData });

  const lengths = await extended(record, options);
  const changes = differencesOf(record.configuration, configuration);
  const session = sessionOf(options, changes);
  const before = record.sessions[record.sessions.length - 1].versions;
  const notes = differencesOf(before, session.versions).map(
    (difference) => `${difference}: numbers may differ in their last bits from an uninterrupted run`,
  );
  return { record: { ...record, configuration, lengths, sessions: [...record.sessions, session] }, notes };
}

/** The lengths of the run, with one more from the last checkpoint on if it was extended. */
async function extended(record: RunRecord, { folder, steps, extend }: RunOptions): Promise<RunRecord['lengths']> {
  const was = lengthOf(record);
  if (steps === was) return record.lengths;
  if (!extend || steps < was) throw new DiptychError('DIPTYCH_RUN_LENGTH', { folder, was, now: steps });
  const from = (await listCheckpoints(folder)).at(-1) ?? 0;
  return [...record.lengths, { from, steps }];
}

function lengthOf(record: RunRecord): number {
  return record.lengths[record.lengths.length - 1].steps;
}

function sessionOf({ command }: RunOptions, changes: string[]): Session {
  return {
    started: new Date().toISOString(),
    command: [...command],
    host: hostname(),
    pid: process.pid,
    versions: versions(),
    changes,
  };
}

function runFingerprint({ configuration, mayChange, lengthKeys }: RunOptions): string {
  return fingerprintOf(Object.fromEntries(leavesOf(configuration, [...mayChange, ...lengthKeys])));
}

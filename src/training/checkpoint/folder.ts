/** @file Where the checkpoints of a run lie: one folder for each, named by its step. */
import { readdir, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isSystemError, unreadable, unwritable } from '../../files/failures.ts';

const NAME = /^step-(\d{8,})$/;
/** Checkpoints being written, or being deleted: of no use to anybody. */
const PASSING = /^(new|old)-/;
/** Whole checkpoints that make way for another of the same step. */
const REPLACED = /^replaced-step-(\d{8,})$/;

/** Folder of the checkpoints of a run. */
export function checkpointsFolder(run: string): string {
  return join(run, 'checkpoints');
}

/** Folder of the checkpoint of a step. */
export function checkpointFolder(run: string, step: number): string {
  return join(checkpointsFolder(run), `step-${String(step).padStart(8, '0')}`);
}

/** Steps of the checkpoints of a run, ascending; empty if there is no folder. */
export async function listCheckpoints(run: string): Promise<number[]> {
  const names = await namesIn(checkpointsFolder(run));
  return names.flatMap((name) => NAME.exec(name)?.slice(1).map(Number) ?? []).sort((a, b) => a - b);
}

/** Where a checkpoint waits while another of the same step takes its name. */
export function replacedFolder(run: string, step: number): string {
  return join(checkpointsFolder(run), `replaced-${basename(checkpointFolder(run, step))}`);
}

/** Removes a checkpoint: first its name, in one move, so that a half-deleted one is never taken for a damaged one. */
export async function removeCheckpoint(run: string, step: number): Promise<void> {
  const folder = checkpointFolder(run, step);
  const leaving = join(checkpointsFolder(run), `old-${basename(folder)}`);
  await renameOver(folder, leaving);
  await removeFolder(leaving);
}

/** Tidies up after a process that was killed while saving. The caller holds the lock of the run. */
export async function tidyCheckpoints(run: string): Promise<void> {
  const names = await namesIn(checkpointsFolder(run));
  for (const name of names) {
    if (PASSING.test(name)) await removeFolder(join(checkpointsFolder(run), name));
    const step = Number(REPLACED.exec(name)?.[1] ?? Number.NaN);
    if (Number.isNaN(step)) continue;
    if (names.includes(basename(checkpointFolder(run, step)))) await removeFolder(replacedFolder(run, step));
    else await renameOver(replacedFolder(run, step), checkpointFolder(run, step));
  }
}

/** Renames a folder; one that has the name already goes. */
export async function renameOver(folder: string, name: string): Promise<void> {
  await removeFolder(name);
  await rename(folder, name).catch((cause) => {
    throw unwritable(folder, cause);
  });
}

/** Removes a folder with all in it. */
export async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true }).catch((cause) => {
    throw unwritable(folder, cause);
  });
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch((cause) => {
    if (isSystemError(cause) && cause.code === 'ENOENT') return [];
    throw unreadable(folder, cause);
  });
}

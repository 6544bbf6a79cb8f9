/** @file Saving a checkpoint: written whole into a folder of its own, synced, then renamed to its name. */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { DiptychError, isDiptychError } from '../../errors/error.ts';
import { renameDurably } from '../../files/atomic.ts';
import { checksumOf } from '../../files/checksum.ts';
import { unwritable } from '../../files/failures.ts';
import { writeJson } from '../../files/json.ts';
import type { NamedTensors } from '../engine.ts';
import { fingerprintOf } from '../run/configuration.ts';
import { checkpointFolder, checkpointsFolder, removeFolder, renameOver, replacedFolder } from './folder.ts';
import type { Checkpoint } from './manifest.ts';
import { writeTensors } from './tensors.ts';

export const STATE_FILE = 'state.safetensors';
export const MANIFEST_FILE = 'checkpoint.json';

/**
 * Saves a checkpoint. After a crash at any moment it is there as a whole or not at all, and the others are as they were.
 * One of the same step is replaced.
 *
 * @param run folder of the run, whose lock the caller holds
 * @returns folder of the checkpoint
 * @throws DIPTYCH_FILE_UNWRITABLE (full disk, read-only folder)
 */
export async function writeCheckpoint(run: string, checkpoint: Checkpoint, state: NamedTensors): Promise<string> {
  const folder = checkpointFolder(run, checkpoint.step);
  let fresh: string | undefined;
  try {
    await mkdir(checkpointsFolder(run), { recursive: true });
    fresh = await mkdtemp(join(checkpointsFolder(run), 'new-'));
    await writeTensors(join(fresh, STATE_FILE), state);
    const body = { checkpoint, state: await checksumOf(join(fresh, STATE_FILE)) };
    await writeJson(join(fresh, MANIFEST_FILE), { ...body, sha256: fingerprintOf(body) });
    await place(fresh, run, checkpoint.step);
    return folder;
  } catch (cause) {
    if (fresh !== undefined) await removeFolder(fresh).catch(() => {});
    if (!isDiptychError(cause, 'DIPTYCH_FILE_UNWRITABLE')) throw unwritable(folder, cause);
    throw new DiptychError('DIPTYCH_FILE_UNWRITABLE', { path: folder, reason: cause.fields.reason }, { cause });
  }
}

/** Gives a finished checkpoint its name. One that has it keeps its content under another until the new one is in place. */
async function place(fresh: string, run: string, step: number): Promise<void> {
  const folder = checkpointFolder(run, step);
  const replaced = replacedFolder(run, step);
  if (existsSync(folder)) await renameOver(folder, replaced);
  await renameDurably(fresh, folder);
  await removeFolder(replaced);
}

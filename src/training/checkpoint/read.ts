/** @file Loading a checkpoint, which is refused unless every byte is what was written. */
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { DiptychError, isDiptychError } from '../../errors/error.ts';
import { checksumOf } from '../../files/checksum.ts';
import { unwritable } from '../../files/failures.ts';
import { readJson } from '../../files/json.ts';
import type { NamedTensors } from '../engine.ts';
import { fingerprintOf } from '../run/configuration.ts';
import { checkpointFolder, checkpointsFolder, listCheckpoints } from './folder.ts';
import { type Checkpoint, manifestSchema } from './manifest.ts';
import { readTensors } from './tensors.ts';
import { MANIFEST_FILE, STATE_FILE } from './write.ts';

/** Which checkpoint: the newest, the one with the best validation rSum, or that of a step. */
export type Wanted = 'last' | 'best' | number;

/** A checkpoint with its tensors. */
export interface LoadedCheckpoint {
  readonly folder: string;
  readonly checkpoint: Checkpoint;
  readonly state: NamedTensors;
}

/**
 * Loads a checkpoint of a run. A damaged one is never replaced by another: the error names the step of the one before.
 *
 * @throws DIPTYCH_CHECKPOINT_MISSING, DIPTYCH_CHECKPOINT_DAMAGED
 */
export async function loadCheckpoint(run: string, wanted: Wanted): Promise<LoadedCheckpoint> {
  const step = await stepOf(run, wanted);
  const folder = checkpointFolder(run, step);
  return orDamaged(run, step, async () => {
    const checkpoint = await verified(folder);
    return { folder, checkpoint, state: await readTensors(join(folder, STATE_FILE)) };
  });
}

/**
 * Sets the checkpoints after a step aside, so that the run goes on from there; they are renamed, not deleted.
 *
 * @returns their folders now
 */
export async function setAsideAfter(run: string, step: number): Promise<string[]> {
  const aside: string[] = [];
  for (const later of (await listCheckpoints(run)).filter((other) => other > step)) {
    const folder = checkpointFolder(run, later);
    const name = `${folder}.aside-${Date.now()}`;
    await rename(folder, name).catch((cause) => {
      throw unwritable(folder, cause);
    });
    aside.push(name);
  }
  return aside;
}

async function stepOf(run: string, wanted: Wanted): Promise<number> {
  const steps = await listCheckpoints(run);
  const last = steps.at(-1);
  const step = wanted === 'last' ? last : wanted === 'best' && last !== undefined ? await bestStep(run, last) : wanted;
  if (typeof step === 'number' && steps.includes(step)) return step;
  throw new DiptychError('DIPTYCH_CHECKPOINT_MISSING', {
    folder: checkpointsFolder(run),
    wanted: typeof wanted === 'number' ? `of step ${wanted}` : `(${wanted})`,
  });
}

/** The best step is what the newest checkpoint says it is. */
async function bestStep(run: string, last: number): Promise<number | undefined> {
  const { best } = await orDamaged(run, last, () =>
    readManifest(checkpointFolder(run, last)).then((m) => m.checkpoint),
  );
  return best?.step;
}

async function verified(folder: string): Promise<Checkpoint> {
  const { checkpoint, state } = await readManifest(folder);
  const found = await checksumOf(join(folder, STATE_FILE));
  if (found.bytes !== state.bytes) {
    throw damage(folder, `${STATE_FILE} has ${found.bytes} bytes instead of ${state.bytes}`);
  }
  if (found.sha256 !== state.sha256) throw damage(folder, `${STATE_FILE} does not match its checksum`);
  return checkpoint;
}

async function readManifest(folder: string) {
  const { sha256, ...body } = await readJson(join(folder, MANIFEST_FILE), manifestSchema);
  if (fingerprintOf(body) !== sha256) throw damage(folder, `${MANIFEST_FILE} does not match its checksum`);
  return body;
}

function damage(path: string, reason: string): DiptychError<'DIPTYCH_CHECKPOINT_DAMAGED'> {
  return new DiptychError('DIPTYCH_CHECKPOINT_DAMAGED', { path, reason });
}

/** Reports any coded failure of reading as damage, with the step of the checkpoint before. */
async function orDamaged<T>(run: string, step: number, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    if (!isDiptychError(cause)) throw cause;
    const path = checkpointFolder(run, step);
    const reason = isDiptychError(cause, 'DIPTYCH_CHECKPOINT_DAMAGED') ? cause.fields.reason : cause.message;
    const earlier = (await listCheckpoints(run)).filter((other) => other < step).at(-1);
    throw new DiptychError('DIPTYCH_CHECKPOINT_DAMAGED', { path, reason, earlier }, { cause });
  }
}

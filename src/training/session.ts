/** @file From a run folder to a place in its training, and back: restoring and saving. */
import { DiptychError } from '../errors/error.ts';
import { listCheckpoints, tidyCheckpoints } from './checkpoint/folder.ts';
import { pruneCheckpoints } from './checkpoint/keep.ts';
import type { Checkpoint, Position } from './checkpoint/manifest.ts';
import { type LoadedCheckpoint, loadCheckpoint, setAsideAfter } from './checkpoint/read.ts';
import { writeCheckpoint } from './checkpoint/write.ts';
import { Logs } from './logs/logs.ts';
import { beginning } from './position.ts';
import { versions } from './run/versions.ts';
import type { TrainingTask } from './task.ts';

/** A place in training with its open logs. */
export interface Session {
  readonly position: Position;
  readonly logs: Logs;
}

/**
 * Puts engine and logs where the run stands: at the checkpoint, or at the beginning if it has none yet.
 *
 * @throws DIPTYCH_CHECKPOINT_DAMAGED, DIPTYCH_CHECKPOINT_MISSING, DIPTYCH_CHECKPOINT_FOREIGN, DIPTYCH_FILE_UNWRITABLE
 */
export async function openSession(task: TrainingTask): Promise<Session> {
  const { run, engine, progress } = task;
  for (const note of run.notes) progress.note(note);
  await tidyCheckpoints(run.folder);
  const loaded = run.resumed ? await chosenCheckpoint(task) : undefined;
  if (!loaded) {
    if (run.resumed) progress.note('no checkpoint was saved yet: beginning with the first step');
    return { position: beginning, logs: await Logs.open(run.folder, {}) };
  }

  const { checkpoint, folder, state } = loaded;
  requireOwn(task, loaded);
  await engine.restore(state);
  const logs = await Logs.open(run.folder, checkpoint.logs);
  progress.note(`resumed from ${folder}: step ${checkpoint.step} of ${run.steps}, epoch ${checkpoint.epoch + 1}`);
  for (const gap of logs.gaps) progress.note(gap);
  await pruneCheckpoints(run.folder, task.options.keepLast, checkpoint.best?.step);
  const { step, epoch, index, best, evaluations, pending, reached } = checkpoint;
  return { position: { step, epoch, index, best, evaluations, pending, ...(reached && { reached }) }, logs };
}

async function chosenCheckpoint({ run, options, progress }: TrainingTask): Promise<LoadedCheckpoint | undefined> {
  const { fromStep } = options;
  if (fromStep === undefined) {
    return (await listCheckpoints(run.folder)).length === 0 ? undefined : loadCheckpoint(run.folder, 'last');
  }
  const loaded = await loadCheckpoint(run.folder, fromStep);
  for (const folder of await setAsideAfter(run.folder, fromStep)) progress.note(`set aside: ${folder}`);
  return loaded;
}

/** A checkpoint that was copied from another run would be resumed without complaint and without sense. */
function requireOwn({ run, sampler }: TrainingTask, { folder: path, checkpoint }: LoadedCheckpoint): void {
  const facts = [
    ['configuration', run.fingerprint, checkpoint.fingerprint],
    ['batches in an epoch', sampler.length, checkpoint.epochLength],
  ] as const;
  for (const [what, expected, found] of facts) {
    if (expected === found) continue;
    throw new DiptychError('DIPTYCH_CHECKPOINT_FOREIGN', { path, what, expected: `${expected}`, found: `${found}` });
  }
}

/**
 * Saves where training stands, then removes the checkpoints that need not stay.
 *
 * @throws DIPTYCH_FILE_UNWRITABLE
 */
export async function saveSession({ run, engine, sampler, options }: TrainingTask, session: Session): Promise<void> {
  const { position, logs } = session;
  const checkpoint: Checkpoint = {
    format: 1,
    ...position,
    epochLength: sampler.length,
    // Durable before the checkpoint that counts on it.
    logs: await logs.sync(),
    fingerprint: run.fingerprint,
    versions: versions(),
  };
  await writeCheckpoint(run.folder, checkpoint, await engine.snapshot());
  await pruneCheckpoints(run.folder, options.keepLast, position.best?.step);
}

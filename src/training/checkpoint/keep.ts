/** @file Which checkpoints stay: the newest few and the best. */
import { listCheckpoints, removeCheckpoint } from './folder.ts';

/** The steps that stay, of ascending ones: the last `keepLast`, and the best wherever it is. */
export function kept(steps: readonly number[], keepLast: number, best: number | undefined): number[] {
  return steps.filter((step, i) => i >= steps.length - keepLast || step === best);
}

/**
 * Removes the other checkpoints of a run.
 *
 * @param keepLast at least 1
 * @param best step of the best evaluation
 */
export async function pruneCheckpoints(run: string, keepLast: number, best: number | undefined): Promise<void> {
  const steps = await listCheckpoints(run);
  const stay = new Set(kept(steps, keepLast, best));
  for (const step of steps) if (!stay.has(step)) await removeCheckpoint(run, step);
}

/** @file A comparison that is still to be trained: which runs, their commands, and what became of them so far. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { DiptychError } from '../../errors/error.ts';
import { readJson, writeJson } from '../../files/json.ts';
import { recordPath } from '../../training/run/record.ts';

/** One run that is to be trained. */
export interface PlannedRun {
  readonly preset: string;
  readonly seed: number;
  /** Where it is written. */
  readonly folder: string;
  /** The words of its command after `diptych`. */
  readonly command: readonly string[];
}

const stateSchema = z.strictObject({
  format: z.literal(1),
  runs: z.array(
    z.strictObject({
      folder: z.string(),
      command: z.array(z.string()),
      /** How it ended; null while it is under way or not begun. */
      ended: z.enum(['finished', 'early', 'time']).nullable(),
      /** What it failed with when it was last tried; null if it did not. */
      failure: z.string().nullable(),
    }),
  ),
});

/** What became of each run. */
export type PlanState = z.infer<typeof stateSchema>;
export type RunState = PlanState['runs'][number];

/**
 * All presets with the first seed, then with the next: a table that is cut short compares everything, with fewer seeds.
 *
 * @param shared words that every command has
 */
export function plannedRuns(
  report: string,
  presets: readonly string[],
  seeds: number,
  shared: readonly string[],
): PlannedRun[] {
  const all = Array.from({ length: seeds }, (_, seed) => presets.map((preset) => ({ preset, seed }))).flat();
  return all.map(({ preset, seed }) => {
    const folder = join(report, 'runs', `${preset}-seed${seed}`);
    const own = ['train', '--preset', preset, '--seed', String(seed), '--run', folder];
    return { preset, seed, folder, command: [...own, ...shared] };
  });
}

/**
 * What became of planned runs in earlier calls; runs that are new are taken in.
 *
 * @throws DIPTYCH_COMPARE_CHANGED if a run was begun with another command
 */
export async function openPlan(report: string, planned: readonly PlannedRun[]): Promise<PlanState> {
  const path = statePath(report);
  const kept = existsSync(path) ? await readJson(path, stateSchema) : { format: 1 as const, runs: [] };
  const known = new Map(kept.runs.map((run) => [run.folder, run]));
  const runs = planned.map(({ folder, command }): RunState => {
    const before = known.get(folder);
    if (before === undefined) return { folder, command: [...command], ended: null, failure: null };
    if (before.command.join('\n') === command.join('\n')) return before;
    if (before.ended === null && !existsSync(recordPath(folder))) return { ...before, command: [...command] };
    const fields = { folder, was: before.command.join(' '), now: command.join(' ') };
    throw new DiptychError('DIPTYCH_COMPARE_CHANGED', fields);
  });
  const others = kept.runs.filter(({ folder }) => !planned.some((run) => run.folder === folder));
  return { format: 1, runs: [...runs, ...others] };
}

/** Writes down what became of one run. @returns the plan with that */
export async function settleRun(report: string, state: PlanState, run: RunState): Promise<PlanState> {
  const runs = state.runs.map((other) => (other.folder === run.folder ? run : other));
  const next = { ...state, runs };
  await writeJson(statePath(report), next);
  return next;
}

function statePath(report: string): string {
  return join(report, 'plan.json');
}

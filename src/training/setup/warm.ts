/** @file Parameters that begin as those of another run: by name and shape, and what found no partner is said. */
import { basename } from 'node:path';
import { DiptychError } from '../../errors/error.ts';
import { shapeText } from '../../graph/dims.ts';
import type { Spec } from '../../graph/tensor.ts';
import { leavesOf, type Tree } from '../../graph/tree.ts';
import type { Progress } from '../../system/progress.ts';
import { loadCheckpoint } from '../checkpoint/read.ts';
import type { NamedTensors } from '../engine.ts';
import { stateOf, type TrainingPlan } from '../program/step.ts';
import { fingerprintOf } from '../run/configuration.ts';
import { readRun } from '../run/record.ts';

/** The best checkpoint of a run, as first values for another. */
export interface WarmStart {
  readonly folder: string;
  readonly step: number;
  /** Parameters, the averaged ones where the run averaged them, and buffers; by path in a state. */
  readonly values: NamedTensors;
  /** SHA-256 of what the run was made of, and the step. */
  readonly fingerprint: string;
}

/** @throws DIPTYCH_RUN_MISSING, DIPTYCH_RUN_DAMAGED, DIPTYCH_CHECKPOINT_MISSING, DIPTYCH_CHECKPOINT_DAMAGED */
export async function readWarmStart(folder: string): Promise<WarmStart> {
  const { configuration, data } = await readRun(folder);
  const { checkpoint, state } = await loadCheckpoint(folder, 'best');
  const averaged = [...state.keys()].some((path) => path.startsWith('average.'));
  const source = averaged ? 'average.' : 'params.';
  const values = [...state].flatMap(([path, tensor]) => {
    if (path.startsWith('buffers.')) return [[path, tensor] as const];
    return path.startsWith(source) ? [[`params.${path.slice(source.length)}`, tensor] as const] : [];
  });
  const fingerprint = fingerprintOf({ configuration, data, step: checkpoint.step });
  return { folder, step: checkpoint.step, values: new Map(values), fingerprint };
}

/**
 * What of a warm start fits a plan; the rest is named.
 *
 * @throws DIPTYCH_WARM_START if nothing fits
 */
export function fitting({ folder, step, values }: WarmStart, plan: TrainingPlan, progress: Progress): NamedTensors {
  const { params, buffers } = stateOf(plan) as unknown as Record<'params' | 'buffers', Tree<Spec>>;
  const wanted = new Map(leavesOf<Spec>({ params, buffers }));
  const taken = new Map(
    [...values].filter(([path, { shape }]) => {
      const own = wanted.get(path);
      return own !== undefined && shapeText(own.shape) === shapeText(shape);
    }),
  );
  // A temperature alone is no start.
  const ofTower = (path: string) => path.startsWith('params.image.') || path.startsWith('params.text.');
  if (![...taken.keys()].some(ofTower)) throw new DiptychError('DIPTYCH_WARM_START', { folder, step });
  const from = `warm start from ${basename(folder)}, step ${step}`;
  progress.note(`${from}: ${taken.size} tensors taken`);
  tell(
    `${from}: these begin otherwise`,
    [...wanted.keys()].filter((path) => !taken.has(path)),
  );
  tell(
    `${from}: these are not used`,
    [...values.keys()].filter((path) => !taken.has(path)),
  );
  return taken;

  function tell(what: string, paths: readonly string[]): void {
    if (paths.length > 0) progress.note(`${what}: ${grouped(paths).join(', ')}`);
  }
}

/** Paths by their first three parts, with how many there are: `params.text.encoder (99)`. */
function grouped(paths: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const path of paths) {
    const start = path.split('.').slice(0, 3).join('.');
    counts.set(start, (counts.get(start) ?? 0) + 1);
  }
  return [...counts].map(([start, count]) => (count === 1 ? start : `${start} (${count})`));
}

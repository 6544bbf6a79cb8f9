/** @file What is written when a number stops being finite: the batch, the state after it, and where it happened. */
import { join } from 'node:path';
import { DiptychError } from '../errors/error.ts';
import { writeJson } from '../files/json.ts';
import { writeTensors } from './checkpoint/tensors.ts';
import type { NamedTensors } from './engine.ts';
import type { Run } from './run/run.ts';

/** The step that went wrong. */
export interface Incident {
  /** The step, from 0, as the engine was fed it. */
  readonly step: number;
  readonly epoch: number;
  readonly metrics: Readonly<Record<string, number>>;
  /** Captions of the batch. */
  readonly indices: readonly number[];
  readonly ids: readonly string[];
}

/** The first metric that is NaN or infinite. */
export function notFinite(metrics: Readonly<Record<string, number>>): [name: string, value: number] | undefined {
  return Object.entries(metrics).find(([, value]) => !Number.isFinite(value));
}

/**
 * Writes `dumps/step-N` with `feeds.safetensors`, `state.safetensors` and `dump.json`.
 *
 * @returns the error to throw; it names the folder, or says why there is none
 */
export async function dumpIncident(
  run: Run,
  incident: Incident,
  feeds: NamedTensors,
  snapshot: () => Promise<NamedTensors>,
): Promise<DiptychError<'DIPTYCH_TRAINING_NOT_FINITE'>> {
  const { step, metrics, ids } = incident;
  const [metric, value] = notFinite(metrics) ?? ['', 0];
  const folder = join(run.folder, 'dumps', `step-${String(step).padStart(8, '0')}`);
  const dump = await writeDump(run, folder, incident, feeds, snapshot).then(
    () => folder,
    (cause: Error) => `none (${cause.message})`,
  );
  return new DiptychError('DIPTYCH_TRAINING_NOT_FINITE', { step, metric, value, ids, dump });
}

async function writeDump(
  run: Run,
  folder: string,
  { metrics, ...incident }: Incident,
  feeds: NamedTensors,
  snapshot: () => Promise<NamedTensors>,
): Promise<void> {
  // JSON has no NaN: numbers are written as text.
  const texts = Object.fromEntries(Object.entries(metrics).map(([name, value]) => [name, String(value)]));
  await writeJson(join(folder, 'dump.json'), { ...incident, metrics: texts, configuration: run.record.configuration });
  await writeTensors(join(folder, 'feeds.safetensors'), feeds);
  await writeTensors(join(folder, 'state.safetensors'), await snapshot());
}

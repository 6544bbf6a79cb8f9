/** @file What computes in a run: ONNX Runtime's thread with the first state, the background thread, and the engine over both. */
import { availableParallelism } from 'node:os';
import { Runtime } from '../../graph/runtime/runtime.ts';
import type { TrainingValues } from '../../methods/schema.ts';
import type { Engine } from '../engine.ts';
import { GraphEngine } from '../program/graph-engine.ts';
import type { TrainingTask } from '../task.ts';
import { Background } from './background.ts';
import type { Blueprint, Plan } from './blueprint.ts';
import { type EncodePart, partEncoder } from './encode-part.ts';
import type { Labelled } from './labels.ts';
import type { Materials } from './materials.ts';
import { validator } from './validation.ts';

export interface Machinery {
  readonly engine: Engine;
  readonly validate: TrainingTask['evaluate'];
  readonly encode: EncodePart;
  readonly background: Pick<Background, 'cluster' | 'storedProgram'>;
  readonly runtime: Runtime;
  close(): Promise<void>;
}

/** Threads that are used: as many as asked for, or one a core. */
export function threadsOf({ threads }: TrainingValues['machine']): number {
  return threads > 0 ? threads : availableParallelism();
}

/**
 * Starts both threads and sets the first state.
 *
 * @throws DIPTYCH_DEVICE_MISSING, DIPTYCH_OPTIMISER_PATTERN
 */
export async function startMachinery(
  blueprint: Blueprint,
  { stages, embedding }: Plan,
  { val, given, relevance }: Pick<Materials, 'val' | 'given'> & Pick<Labelled, 'relevance'>,
): Promise<Machinery> {
  const { data, machine } = blueprint.values;
  const background = new Background(blueprint);
  let runtime: Runtime | undefined;
  const close = async (): Promise<void> => {
    await background.close();
    await runtime?.close();
  };
  try {
    runtime = await Runtime.start({ device: machine.device, threads: threadsOf(machine) });
    const engine = new GraphEngine(runtime, {
      nameOf: (stage) => stages[stage].name,
      compile: (stage) => background.stepProgram(stages[stage].name),
    });
    await engine.restore(await background.initialState(given));
    const encode = partEncoder({ runtime, background }, embedding.dimension);
    const { anchors } = blueprint.values.relevance;
    const options = { split: data.valSplit, relevance, anchors };
    return { engine, validate: validator({ encode, background }, val, options), encode, background, runtime, close };
  } catch (error) {
    await close();
    throw error;
  }
}

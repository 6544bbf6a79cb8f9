/** @file A trained model as its run folder keeps it: configuration, facts about the data, tokenizer, a checkpoint. */
import { resolve } from '../config/resolve.ts';
import type { DualEncoder } from '../encoders/tower.ts';
import { DiptychError } from '../errors/error.ts';
import { shapeText } from '../graph/dims.ts';
import type { NamedTensors } from '../graph/runtime/protocol.ts';
import type { Spec } from '../graph/tensor.ts';
import { leavesOf, type Tree } from '../graph/tree.ts';
import type { Embedding } from '../methods/embedding.ts';
import { type TrainingValues, trainingSchema } from '../methods/schema.ts';
import type { Checkpoint } from '../training/checkpoint/manifest.ts';
import { loadCheckpoint, type Wanted } from '../training/checkpoint/read.ts';
import type { Model } from '../training/program/encode.ts';
import { type RunRecord, readRun, recordPath } from '../training/run/record.ts';
import { modelOf } from '../training/setup/model.ts';
import { type ModelFiles, readModelFiles } from '../training/setup/model-files.ts';

export interface Trained extends ModelFiles {
  /** Folder of the run. */
  readonly run: string;
  readonly record: RunRecord;
  readonly values: TrainingValues;
  readonly encoder: DualEncoder;
  /** What becomes of the vectors that the towers pool. */
  readonly embedding: Embedding;
  readonly checkpoint: Checkpoint;
  /** Tensors of the checkpoint by path, and those of a frozen encoder under `frozen`. */
  readonly state: NamedTensors;
  /** Which of them are the model: the average of the weights where the run kept one. */
  readonly weights: 'params' | 'average';
}

/**
 * Loads a trained model.
 *
 * @param wanted checkpoint: the best on the validation split, the last, or that of a step
 * @throws DIPTYCH_RUN_MISSING, DIPTYCH_RUN_DAMAGED, DIPTYCH_CHECKPOINT_MISSING, DIPTYCH_CHECKPOINT_DAMAGED,
 *   DIPTYCH_CHECKPOINT_FOREIGN, DIPTYCH_RUN_FROZEN, DIPTYCH_CONFIG_…, DIPTYCH_TOKENS_…, DIPTYCH_FILE_…, DIPTYCH_JSON_…
 */
export async function loadTrained(run: string, wanted: Wanted): Promise<Trained> {
  const record = await readRun(run);
  const values = valuesOfRun(run, record);
  const { folder, checkpoint, state } = await loadCheckpoint(run, wanted);
  const { tokenizer, facts, sentences } = await readModelFiles(run);
  const { encoder, embedding } = modelOf(values, facts);
  const weights = values.optimiser.averageDecay > 0 ? 'average' : 'params';
  requireTensors(folder, { encoder, embedding }, state, weights);
  const frozen = [...(sentences?.weights ?? [])].map(([path, tensor]) => [`frozen.text.${path}`, tensor] as const);
  const whole = new Map([...state, ...frozen]);
  return { run, record, values, facts, tokenizer, sentences, encoder, embedding, checkpoint, state: whole, weights };
}

/**
 * The options that a run was made with.
 *
 * @throws DIPTYCH_CONFIG_… if they are not options of this version
 */
export function valuesOfRun(run: string, { configuration }: RunRecord): TrainingValues {
  const known = Object.entries(configuration).filter(([name]) => Object.hasOwn(trainingSchema.members, name));
  return resolve(trainingSchema, { file: { path: recordPath(run), content: Object.fromEntries(known) } });
}

/** A configuration that was edited, or facts of another run, would build another model than the checkpoint's. */
function requireTensors(
  path: string,
  { encoder: { image, text }, embedding: { reads } }: Model,
  state: NamedTensors,
  weights: string,
): void {
  const wanted = leavesOf<Spec>({
    [weights]: { ...reads.parameters, image: image.parameters, text: text.parameters },
    buffers: { image: image.buffers, text: text.buffers },
    memory: reads.memory,
  } as Tree<Spec>);
  for (const [name, { shape, dtype }] of wanted) {
    const tensor = state.get(name);
    const [expected, found] = [`${dtype} ${shapeText(shape)}`, tensor && `${tensor.dtype} ${shapeText(tensor.shape)}`];
    if (expected === found) continue;
    throw new DiptychError('DIPTYCH_CHECKPOINT_FOREIGN', { path, what: name, expected, found: found ?? 'missing' });
  }
}

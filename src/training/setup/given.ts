/** @file First values that are not drawn: statistics of the data, and weights that others trained. By path in the state. */

import type { PretrainedDescription } from '../../encoders/pretrained/read.ts';
import { readPretrained, requireImage, requireText } from '../../encoders/pretrained/read.ts';
import type { SentenceModel } from '../../encoders/pretrained/sentence-model.ts';
import type { Tree } from '../../graph/tree.ts';
import type { TrainingValues } from '../../methods/schema.ts';
import { initialise, type ParameterSpec } from '../../nn/parameters.ts';
import type { Progress } from '../../system/progress.ts';
import type { VectorTable } from '../batches/vectors.ts';
import type { NamedTensors } from '../engine.ts';
import { statisticsOf } from './vectors/statistics.ts';

/** Buffers of a head: mean and deviation of the vectors that it is trained on. */
export async function givenStatistics(
  side: 'image' | 'text',
  { table, rows }: { readonly table: VectorTable; readonly rows: Int32Array },
): Promise<NamedTensors> {
  return new Map(
    Object.entries(await statisticsOf(table, rows)).map(([name, tensor]) => [`buffers.${side}.${name}`, tensor]),
  );
}

/** Pretrained models of a run: their descriptions, and their weights as first values. */
export interface GivenModels {
  readonly descriptions: { readonly image?: PretrainedDescription; readonly text?: PretrainedDescription };
  readonly weights: NamedTensors;
}

/**
 * Reads the models that towers of kind `pretrained` begin as.
 *
 * @throws DIPTYCH_PRETRAINED_…, and what reading the folders throws
 */
export async function givenModels(
  values: Pick<TrainingValues, 'image' | 'text' | 'fineTuning'>,
  progress: Progress,
): Promise<GivenModels> {
  const descriptions: { image?: PretrainedDescription; text?: PretrainedDescription } = {};
  const weights = new Map<string, NamedTensors extends ReadonlyMap<string, infer T> ? T : never>();
  for (const side of ['image', 'text'] as const) {
    const { kind, model: folder } = values[side];
    if (kind !== 'pretrained' || (side === 'text' && values.fineTuning.head === 'vector')) continue;
    const model = await readPretrained(folder!);
    const { parameters } = side === 'image' ? requireImage(model) : requireText(model);
    descriptions[side] = model.description;
    noteLeftOut(folder!, model.leftOut, progress);
    for (const [path, tensor] of initialise({ encoder: parameters } as Tree<ParameterSpec>, 0)) {
      weights.set(`params.${side}.${path}`, tensor);
    }
  }
  return { descriptions, weights };
}

/** Weights of a sentence encoder that is trained below a head, and the statistics of its vectors before that. */
export async function givenTuned(
  model: SentenceModel,
  vectors: { readonly table: VectorTable; readonly rows: Int32Array },
): Promise<NamedTensors> {
  const weights = [...model.weights].map(([path, tensor]) => [`params.text.${path}`, tensor] as const);
  return new Map([...weights, ...(await givenStatistics('text', vectors))]);
}

/** Says which tensors of a folder no encoder uses: heads of other tasks, tables that can be counted. */
export function noteLeftOut(folder: string, leftOut: readonly string[], progress: Progress): void {
  if (leftOut.length > 0) progress.note(`${folder}: left out ${leftOut.join(', ')}, which no encoder uses`);
}

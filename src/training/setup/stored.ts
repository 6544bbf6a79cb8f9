/** @file Stages over stored vectors: what stands still is run once where the stage begins, its batches are rows of what came out. */
import { storedFormOf } from '../../encoders/stored.ts';
import type { Runtime } from '../../graph/runtime/runtime.ts';
import type { Stage } from '../../methods/stages.ts';
import type { Progress } from '../../system/progress.ts';
import type { PairSource } from '../batches/pairs.ts';
import { VectorSide } from '../batches/vectors.ts';
import { encodeAll, type SideName } from '../program/encode.ts';
import type { TrainingPlan } from '../program/step.ts';
import type { Background } from './background.ts';
import type { Plan } from './blueprint.ts';
import type { Part } from './materials.ts';

export interface StoredVectors {
  /**
   * Computes the vectors of a stage from the weights of the moment, and forgets those of an earlier one. What stands still is the same
   * throughout the stage, so that a run which is resumed inside it computes the same ones.
   */
  prepare(stage: number, signal: AbortSignal): Promise<void>;
  /** The pairs of a stage, without further views where vectors are stored. @param others those of stages that encode */
  pairsOf(stage: number, others: PairSource): PairSource;
}

export interface StoredContext {
  readonly stages: readonly Pick<Stage, 'name' | 'stored'>[];
  readonly encoder: TrainingPlan['encoder'];
  readonly runtime: Runtime;
  readonly background: Pick<Background, 'storedProgram'>;
  /** What is trained on, without further views. */
  readonly train: Pick<Part, 'pairs' | 'relation'>;
  readonly progress: Progress;
}

/** @returns undefined where no stage reads stored vectors */
export function storedVectors(context: StoredContext): StoredVectors | undefined {
  const { stages, train } = context;
  if (stages.every(({ stored }) => !stored)) return undefined;
  let current: { readonly stage: number; readonly sides: Partial<Record<SideName, VectorSide>> } | undefined;

  return {
    async prepare(stage, signal) {
      const { name, stored } = stages[stage];
      current = undefined;
      if (!stored) return;
      const sides: Partial<Record<SideName, VectorSide>> = {};
      for (const side of stored) {
        context.progress.note(`stage ${name}: vectors of what stands still in the ${side} tower are computed once`);
        sides[side] = await vectorsOf(context, side, signal);
      }
      current = { stage, sides };
    },

    pairsOf(stage, others) {
      if (!stages[stage].stored) return others;
      if (current?.stage !== stage) throw new RangeError(`the vectors of stage ${stages[stage].name} are not there`);
      const { image, text } = others;
      return { ...train.pairs, image, text, ...current.sides };
    },
  };
}

/** Bytes of the vectors of the stage that stores most; 0 where none does. */
export function storedBytes({ stages, training: { encoder } }: Plan, { relation }: Pick<Part, 'relation'>): number {
  const bytesOf = (side: SideName) => 4 * itemsOf(relation, side).length * storedFormOf(encoder[side])!.width;
  return Math.max(...stages.map(({ stored = [] }) => stored.reduce((bytes, side) => bytes + bytesOf(side), 0)));
}

function itemsOf({ imageIds, captionIds }: Part['relation'], side: SideName): readonly string[] {
  return side === 'image' ? imageIds : captionIds;
}

async function vectorsOf(
  { encoder, runtime, background, train, progress }: StoredContext,
  side: SideName,
  signal: AbortSignal,
): Promise<VectorSide> {
  const { width } = storedFormOf(encoder[side])!;
  const { length } = itemsOf(train.relation, side);
  const rows = Int32Array.from({ length }, (_, item) => item);
  const program = await background.storedProgram(side);
  const data = await encodeAll(runtime, program, side, train.pairs[side], rows, { dimension: width, signal, progress });
  await runtime.unload(program.name);
  return new VectorSide({ data, views: 1, width }, rows);
}

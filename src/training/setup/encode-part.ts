/** @file Vectors of a whole part of the data, by whatever weights the runtime holds at the moment. */
import type { Embeddings } from '../../evaluation/scores.ts';
import type { Program } from '../../graph/compile.ts';
import type { Runtime } from '../../graph/runtime/runtime.ts';
import { type Progress, silent } from '../../system/progress.ts';
import { encodeAll, type SideName } from '../program/encode.ts';
import type { Background } from './background.ts';
import type { Part } from './materials.ts';

/** Encodes images and captions of a part, without anything random. Rejects when the signal is aborted. */
export type EncodePart = (
  part: Pick<Part, 'relation' | 'pairs'>,
  signal: AbortSignal,
  progress?: Progress,
) => Promise<Embeddings>;

/** @param dimension of the vectors */
export function partEncoder(
  { runtime, background }: { readonly runtime: Runtime; readonly background: Background },
  dimension: number,
): EncodePart {
  const programs = new Map<SideName, Promise<Program>>();
  const programOf = (side: SideName): Promise<Program> => {
    const program = programs.get(side) ?? background.encoderProgram(side);
    programs.set(side, program);
    return program;
  };
  return async function encodePart({ relation, pairs }, signal, progress = silent) {
    const encode = async (side: SideName, { length }: readonly string[]) => {
      const items = Int32Array.from({ length }, (_, item) => item);
      return encodeAll(runtime, await programOf(side), side, pairs[side], items, { dimension, signal, progress });
    };
    const images = await encode('image', relation.imageIds);
    const captions = await encode('text', relation.captionIds);
    return { images, captions, dimension };
  };
}

/** @file What a bundle must equal: vectors by the graph that was trained, or by all of an ensemble. */
import type { Runtime } from '../graph/runtime/runtime.ts';
import type { Progress } from '../system/progress.ts';
import type { Side } from '../training/batches/side.ts';
import { compileEncoder, encodeAll, encodingState, type SideName } from '../training/program/encode.ts';
import type { Trained } from './trained.ts';
import { captionSide, type Inputs } from './verify-inputs.ts';

/**
 * Unit vectors of both sides: rows of all members behind one another, divided by the root of their number.
 *
 * @param inputs of each member as it learnt from them; the texts are those of the first
 * @returns [images, dimensions together] and [texts, dimensions together]
 */
export async function referenceVectors(
  runtime: Runtime,
  members: readonly Trained[],
  inputs: readonly Inputs[],
  progress: Progress,
): Promise<Record<SideName, Float32Array>> {
  const [{ count, texts }] = inputs;
  const images: Part[] = [];
  const captions: Part[] = [];
  for (const [k, trained] of members.entries()) {
    await runtime.setState(encodingState(trained.state, trained, trained.weights));
    images.push(await partOf(runtime, trained, 'image', inputs[k].images, count));
    captions.push(await partOf(runtime, trained, 'text', await captionSide(texts, trained, progress), texts.length));
  }
  return { image: sideBySide(images), text: sideBySide(captions) };
}

/** One member's vectors. */
interface Part {
  readonly vectors: Float32Array;
  readonly dimension: number;
}

/** By the graph that was trained, whose state the runtime holds. */
async function partOf(runtime: Runtime, trained: Trained, side: SideName, source: Side, count: number): Promise<Part> {
  const program = compileEncoder(trained, side, trained.weights);
  const { dimension } = trained.embedding;
  const items = Int32Array.from({ length: count }, (_, i) => i);
  const vectors = await encodeAll(runtime, program, side, source, items, { dimension });
  // The next member's program has the same name.
  await runtime.unload(program.name);
  return { vectors, dimension };
}

function sideBySide(parts: readonly Part[]): Float32Array {
  const width = parts.reduce((sum, { dimension }) => sum + dimension, 0);
  const root = Math.sqrt(parts.length);
  const rows = new Float32Array(parts.reduce((sum, { vectors }) => sum + vectors.length, 0));
  let start = 0;
  for (const { vectors, dimension } of parts) {
    for (const [i, value] of vectors.entries()) {
      rows[Math.floor(i / dimension) * width + start + (i % dimension)] = value / root;
    }
    start += dimension;
  }
  return rows;
}

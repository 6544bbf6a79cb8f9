/** @file A frozen encoder of sentences, and the way all of them take texts: in batches of about one length. */
import { longestFirst } from '../../nn/layout.ts';
import { type Progress, silent } from '../../system/progress.ts';

/** A frozen encoder of sentences. */
export interface SentenceEncoder {
  /** Length of the vectors. */
  readonly dimension: number;
  /** SHA-256 (hex) of all that the vectors depend on but the texts: a key for caches. */
  readonly fingerprint: string;
  /**
   * Vectors of unit length [texts, dimension], row by row, in the order of the texts. Longer texts than the model takes are cut.
   *
   * @throws the reason of the signal if it is aborted
   */
  encode(texts: readonly string[], options?: EncodeOptions): Promise<Float32Array>;
  close(): Promise<void>;
}

export interface EncodeOptions {
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

/** One run of an encoder over a batch. */
export interface BatchRun {
  readonly dimension: number;
  /** Tokens of a batch, about: enough that products fill the cores, few enough for little memory. */
  readonly tokensAtOnce: number;
  /** Vectors [sequences, dimension]. @param sequences longest first */
  run(sequences: readonly Int32Array[]): Promise<Float32Array>;
}

/**
 * Encodes sequences of tokens batch by batch. They are sorted by length first, so that those of one batch need little padding.
 *
 * @returns vectors [sequences, dimension] in the order given
 * @throws the reason of the signal if it is aborted
 */
export async function encodeByLength(
  sequences: readonly Int32Array[],
  { dimension, tokensAtOnce, run }: BatchRun,
  { progress = silent, signal }: EncodeOptions = {},
): Promise<Float32Array> {
  const out = new Float32Array(sequences.length * dimension);
  let done = 0;
  for (const batch of batchesOf(sequences, tokensAtOnce)) {
    signal?.throwIfAborted();
    const vectors = await run(batch.map((i) => sequences[i]));
    batch.forEach((i, row) => {
      out.set(vectors.subarray(row * dimension, (row + 1) * dimension), i * dimension);
    });
    done += batch.length;
    progress.update({ done, total: sequences.length, unit: 'texts' });
  }
  return out;
}

/** Numbers of the sequences of each batch, longest first. */
function batchesOf(sequences: readonly Int32Array[], tokensAtOnce: number): number[][] {
  const batches: number[][] = [];
  let tokens = tokensAtOnce;
  for (const i of longestFirst(sequences.map(({ length }) => length))) {
    if (tokens >= tokensAtOnce) {
      batches.push([]);
      tokens = 0;
    }
    batches[batches.length - 1].push(i);
    tokens += sequences[i].length;
  }
  return batches;
}

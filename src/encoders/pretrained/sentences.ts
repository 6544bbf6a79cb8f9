/** @file Sentence vectors by a frozen text encoder: for relevance labels, and for heads trained on cached vectors. */
import { compileFunction, type Program } from '../../graph/compile.ts';
import { l2Normalize } from '../../graph/ops/reduce.ts';
import type { NamedTensors, RuntimeOptions } from '../../graph/runtime/protocol.ts';
import { Runtime } from '../../graph/runtime/runtime.ts';
import type { Spec, Tensor } from '../../graph/tensor.ts';
import type { Tree } from '../../graph/tree.ts';
import type { TensorData } from '../../graph/values.ts';
import { layoutFeeds, layoutOf, longestFirst, packRows } from '../../nn/layout.ts';
import { type Progress, silent } from '../../system/progress.ts';
import type { Tower } from '../tower.ts';
import { readSentenceModel, type SentenceModel, sentenceFingerprint } from './sentence-model.ts';

/** A frozen encoder of sentences in a thread of its own. */
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

/** Rows that one run of the graph takes, about: enough that products fill the cores, few enough for little memory. */
const rowsAtOnce = 4096;

/**
 * Opens the text encoder of a model folder: BERT or CLIP with its tokenizer.json. Pooling and length are those that the
 * sentence-transformers files in the folder name; without them, the encoder's own pooling and the tokenizer's length.
 *
 * @throws what `readSentenceModel` throws, DIPTYCH_DEVICE_MISSING
 */
export async function sentenceEncoder(
  folder: string,
  runtimeOptions: RuntimeOptions = { device: 'cpu' },
): Promise<SentenceEncoder> {
  return encodeSentences(await readSentenceModel(folder), runtimeOptions);
}

/** Opens a sentence encoder that was read. @throws DIPTYCH_DEVICE_MISSING */
export async function encodeSentences(
  model: SentenceModel,
  runtimeOptions: RuntimeOptions = { device: 'cpu' },
): Promise<SentenceEncoder> {
  const { tower, tokenizer, dimension, widths, weights } = model;
  const { longest } = model.description;
  const runtime = await start(tower, weights, runtimeOptions);

  async function run(sequences: readonly Int32Array[]): Promise<Float32Array> {
    const outputs = await runtime.run(programName, feedsOf(sequences, widths));
    return outputs.get('vectors')!.data as Float32Array;
  }

  return {
    dimension,
    fingerprint: sentenceFingerprint(model),
    close: () => runtime.close(),
    encode: async (texts, { progress = silent, signal } = {}) => {
      const sequences = texts.map((text) => tokenizer.encode(text, { maxLength: longest }));
      const out = new Float32Array(texts.length * dimension);
      let done = 0;
      for (const batch of batchesOf(sequences)) {
        signal?.throwIfAborted();
        const vectors = await run(batch.map((i) => sequences[i]));
        batch.forEach((i, row) => {
          out.set(vectors.subarray(row * dimension, (row + 1) * dimension), i * dimension);
        });
        done += batch.length;
        progress.update({ done, total: texts.length, unit: 'texts' });
      }
      return out;
    },
  };
}

const programName = 'sentences';

async function start(tower: Tower, weights: NamedTensors, options: RuntimeOptions): Promise<Runtime> {
  const runtime = await Runtime.start(options);
  try {
    await runtime.setState(weights);
    await runtime.load(programOf(tower));
    return runtime;
  } catch (error) {
    await runtime.close();
    throw error;
  }
}

function programOf(tower: Tower): Program {
  const signature = { state: tower.parameters as Tree<Spec>, batch: tower.inputs(programName) as Tree<Spec> };
  return compileFunction(programName, signature, (params, batch) => {
    const { pooled } = tower.encode(params as Tree<Tensor>, {}, batch as Tree<Tensor>, undefined, { training: false });
    return { vectors: l2Normalize(pooled) };
  });
}

/** Numbers of the texts of each run, longest first. */
function batchesOf(sequences: readonly Int32Array[]): number[][] {
  const batches: number[][] = [];
  let rows = rowsAtOnce;
  for (const i of longestFirst(sequences.map(({ length }) => length))) {
    if (rows >= rowsAtOnce) {
      batches.push([]);
      rows = 0;
    }
    batches[batches.length - 1].push(i);
    rows += sequences[i].length;
  }
  return batches;
}

/** @param sequences longest first */
function feedsOf(sequences: readonly Int32Array[], widths: readonly number[]): NamedTensors {
  const layout = layoutOf(
    sequences.map(({ length }) => length),
    widths,
    'sequence',
  );
  const ids = packRows(sequences, layout);
  return new Map<string, TensorData>([
    ['ids', { dtype: 'int32', shape: [ids.length], data: ids }],
    ...[...layoutFeeds(layout)].map(([path, tensor]) => [`layout.${path}`, tensor] as const),
  ]);
}

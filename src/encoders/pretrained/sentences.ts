/** @file Sentence vectors by a frozen text encoder: for relevance labels, and for heads trained on cached vectors. */
import { compileFunction, type Program } from '../../graph/compile.ts';
import { l2Normalize } from '../../graph/ops/reduce.ts';
import type { NamedTensors, RuntimeOptions } from '../../graph/runtime/protocol.ts';
import { Runtime } from '../../graph/runtime/runtime.ts';
import type { Spec, Tensor } from '../../graph/tensor.ts';
import type { Tree } from '../../graph/tree.ts';
import type { TensorData } from '../../graph/values.ts';
import { layoutFeeds, layoutOf, packRows } from '../../nn/layout.ts';
import type { Tower } from '../tower.ts';
import { encodeByLength, type SentenceEncoder } from './sentence-encoder.ts';
import { readSentenceModel, type SentenceModel, sentenceFingerprint } from './sentence-model.ts';

/** Rows are packed: a batch may be large. */
const tokensAtOnce = 4096;

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
    encode: async (texts, options) => {
      const sequences = texts.map((text) => tokenizer.encode(text, { maxLength: longest }));
      return encodeByLength(sequences, { dimension, tokensAtOnce, run }, options);
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

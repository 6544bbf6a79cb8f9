/** @file Sentence vectors by a text encoder in an ONNX file, of any architecture: as exported for sentence-transformers. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import * as ort from 'onnxruntime-node';
import { readTokenizer } from '../../data/tokens/load.ts';
import type { Tokenizer } from '../../data/tokens/tokenizer.ts';
import { normaliseRows } from '../../data/vectors.ts';
import { DiptychError } from '../../errors/error.ts';
import { checksumOf } from '../../files/checksum.ts';
import { encodeByLength, type SentenceEncoder } from './sentence-encoder.ts';
import { readSentenceSettings, type SentenceSettings } from './sentence-folder.ts';

/** Texts are padded, and a run blocks this thread: batches are small. */
const tokensAtOnce = 1024;

/** What a graph may ask for, from the ids of a text of some length padded to the longest. */
const inputs: Readonly<Record<string, (id: number, isText: boolean) => number>> = {
  input_ids: (id) => id,
  attention_mask: (_, isText) => Number(isText),
  token_type_ids: () => 0,
};

/**
 * Opens an encoder with the inputs `input_ids`, `attention_mask` and `token_type_ids` (those of them that it has) and either an
 * output `sentence_embedding` [texts, width] or a first output [texts, tokens, width], of which the mean over tokens is taken.
 * tokenizer.json, and the sentence-transformers files where there are any, lie beside the file or in the folder above.
 *
 * @throws DIPTYCH_PRETRAINED_SENTENCE where the graph or its pooling is another, and what `readTokenizer` throws
 */
export async function onnxSentenceEncoder(path: string): Promise<SentenceEncoder> {
  const beside = dirname(path);
  const folder = existsSync(join(beside, 'tokenizer.json')) ? beside : dirname(beside);
  const tokenizer = await readTokenizer(folder);
  const settings = await readSentenceSettings(folder);
  const session = await opened(path);
  try {
    return await encoderOn(session, path, tokenizer, settings);
  } catch (cause) {
    await session.release();
    throw cause;
  }
}

async function encoderOn(
  session: ort.InferenceSession,
  path: string,
  tokenizer: Tokenizer,
  { pooling, maxLength = tokenizer.maxLength }: SentenceSettings,
): Promise<SentenceEncoder> {
  const other = session.inputNames.find((name) => !Object.hasOwn(inputs, name));
  if (other !== undefined) throw refusal(path, `it has an input ${other}`);
  const output = session.outputNames.includes('sentence_embedding') ? 'sentence_embedding' : session.outputNames[0];
  if (output !== 'sentence_embedding' && pooling !== undefined && pooling.kind !== 'mean')
    throw refusal(path, `it pools by ${pooling.kind}, and only means are taken of an ONNX file`);

  async function run(sequences: readonly Int32Array[]): Promise<Float32Array> {
    await setImmediate(); // signals and progress get through in between
    const width = Math.max(...sequences.map(({ length }) => length));
    const feed = (of: (id: number, isText: boolean) => number) => {
      const data = new BigInt64Array(sequences.length * width);
      sequences.forEach((ids, row) => {
        for (let i = 0; i < width; i++)
          data[row * width + i] = BigInt(of(i < ids.length ? ids[i] : tokenizer.padId, i < ids.length));
      });
      return new ort.Tensor('int64', data, [sequences.length, width]);
    };
    const feeds = Object.fromEntries(session.inputNames.map((name) => [name, feed(inputs[name])]));
    const { data, dims, type } = (await session.run(feeds, [output]))[output];
    if (type !== 'float32' || dims.length < 2 || dims.length > 3)
      throw refusal(path, `its output ${output} is [${dims}] of ${type}`);
    return dims.length === 2 ? (data as Float32Array) : meanOfTokens(data as Float32Array, dims, sequences);
  }

  const { length: dimension } = await run([tokenizer.encode('a', { maxLength })]);
  return {
    dimension,
    fingerprint: await fingerprintOf(path, tokenizer.toJSON(), maxLength),
    close: () => session.release(),
    encode: async (texts, options) => {
      const sequences = texts.map((text) => tokenizer.encode(text, { maxLength }));
      const vectors = await encodeByLength(sequences, { dimension, tokensAtOnce, run }, options);
      normaliseRows(vectors, dimension);
      return vectors;
    },
  };
}

async function opened(path: string): Promise<ort.InferenceSession> {
  try {
    return await ort.InferenceSession.create(path, { logSeverityLevel: 3 });
  } catch (cause) {
    throw refusal(path, (cause as Error).message);
  }
}

function refusal(path: string, problem: string): DiptychError {
  return new DiptychError('DIPTYCH_PRETRAINED_SENTENCE', { folder: path, problem });
}

/** [texts, width] from [texts, tokens, width]: padding is left out. */
function meanOfTokens(data: Float32Array, [, tokens, width]: readonly number[], sequences: readonly Int32Array[]) {
  const out = new Float32Array(sequences.length * width);
  sequences.forEach(({ length }, row) => {
    for (let token = 0; token < length; token++)
      for (let k = 0; k < width; k++) out[row * width + k] += data[(row * tokens + token) * width + k] / length;
  });
  return out;
}

async function fingerprintOf(path: string, tokenizer: unknown, maxLength: number): Promise<string> {
  const { sha256 } = await checksumOf(path);
  return createHash('sha256')
    .update(JSON.stringify([sha256, tokenizer, maxLength]))
    .digest('hex');
}

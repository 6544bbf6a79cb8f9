/** @file The process that encodes texts: tokenizer and text model of one bundle. */
import { Models } from '../bundle/models.ts';
import { readTokenizer, verifyFiles } from '../bundle/open.ts';
import { serveChild } from '../system/child.ts';
import { type Bundled, requireManifest } from './bundled.ts';

/** The first message. */
export interface TextsSetup extends Bundled {
  readonly threads: number;
}

/** Texts to encode; the answer is a Float32Array [texts, dimension]. */
export type TextsJob = readonly string[];

serveChild<TextsSetup, TextsJob>(async ({ folder, fingerprint, threads }) => {
  const manifest = await requireManifest({ folder, fingerprint });
  await verifyFiles(folder, manifest, ['text.onnx', 'tokenizer.json']);
  const tokenizer = await readTokenizer(folder);
  const models = new Models(folder, manifest, { device: 'cpu', threads, spinning: false });
  const encode = async (texts: TextsJob): Promise<Float32Array> => {
    const ids = texts.map((text) => tokenizer.encode(text));
    const vectors = await models.texts(ids, tokenizer.padId);
    const all = new Float32Array(texts.length * manifest.dimension);
    vectors.forEach((vector, i) => {
      all.set(vector, i * manifest.dimension);
    });
    return all;
  };
  // The first run is slower than those after it: ready means that it is over.
  await encode(['']);
  return { greeting: undefined, handle: encode };
});

/** @file Sentence vectors: those of MiniLM, order and batches, and folders that say something else. */

import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { hasShared, sharedPath } from '../../testing/shared.ts';
import { fixture } from '../../testing/tokenizers.ts';
import { sentenceEncoder } from './sentences.ts';
import { type TinyModel, tinyModel, written } from './testing/models.ts';

const miniLm = 'models/all-MiniLM-L6-v2';

test.skipIf(!hasShared(miniLm))('all-MiniLM-L6-v2 gives the vectors of transformers', async () => {
  const golden: { captions: string[]; embeddings: number[][] } = JSON.parse(
    readFileSync(sharedPath('golden/minilm.json'), 'utf8'),
  );
  const encoder = await sentenceEncoder(sharedPath(miniLm));
  onTestFinished(() => encoder.close());
  const vectors = await encoder.encode(golden.captions);
  expect(encoder.dimension).toBe(384);
  golden.embeddings.forEach((expected, i) => {
    const errors = expected.map((x, d) => Math.abs(vectors[i * 384 + d] - x));
    expect(Math.max(...errors), golden.captions[i]).toBeLessThan(1e-5);
  });
});

/** A tiny BERT with a tokenizer of 27 ids and whatever else its folder says. */
async function folderWith(files: Record<string, unknown> = {}, model?: TinyModel): Promise<string> {
  const folder = await written(model ?? (await tinyModel('bert')));
  const all = { 'tokenizer.json': fixture('wordpiece'), ...files };
  for (const [name, content] of Object.entries(all)) {
    await mkdir(join(folder, name, '..'), { recursive: true });
    await writeFile(join(folder, name), JSON.stringify(content));
  }
  return folder;
}

async function opened(folder: string) {
  const encoder = await sentenceEncoder(folder);
  onTestFinished(() => encoder.close());
  return encoder;
}

const pooling = (...modes: string[]) => ({
  '1_Pooling/config.json': {
    word_embedding_dimension: 32,
    ...Object.fromEntries(
      ['mean_tokens', 'cls_token', 'max_tokens', 'mean_sqrt_len_tokens'].map((mode) => [
        `pooling_mode_${mode}`,
        modes.includes(mode),
      ]),
    ),
  },
});

describe('any folder', () => {
  const words = ['the', 'dog', 'dogs', 'runs', 'red', 'a', 'cafe'];
  const textOf = (i: number) => Array.from({ length: i % 13 }, (_, at) => words[(i * 5 + at * at) % 7]).join(' ');

  test('vectors of unit length in the order of the texts, alone as in many runs', async () => {
    const encoder = await opened(await folderWith());
    const texts = Array.from({ length: 1200 }, (_, i) => textOf(i));
    const seen: number[] = [];
    const progress = { update: ({ done }: { done: number }) => seen.push(done), note() {}, finish() {} };
    const vectors = await encoder.encode(texts, { progress });
    expect(vectors).toHaveLength(1200 * 32);
    expect(seen.length).toBeGreaterThan(1);
    expect(seen.at(-1)).toBe(1200);
    for (const i of [0, 1, 12, 700, 1199]) {
      const alone = await encoder.encode([texts[i]]);
      expect(Math.hypot(...alone)).toBeCloseTo(1, 5);
      alone.forEach((x, d) => {
        expect(vectors[i * 32 + d]).toBeCloseTo(x, 5);
      });
    }
  });

  test('no texts; an aborted signal', async () => {
    const encoder = await opened(await folderWith());
    expect(await encoder.encode([])).toEqual(new Float32Array(0));
    await expect(encoder.encode(['dog'], { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough');
  });

  test('pooling, length and weights are part of the fingerprint', async () => {
    const changed = await tinyModel('bert');
    changed.tensors.get('embeddings.word_embeddings.weight')!.data[5] = 1;
    const folders = [
      await folderWith(),
      await folderWith(pooling('mean_tokens')),
      await folderWith(pooling('max_tokens')),
      await folderWith({ 'sentence_bert_config.json': { max_seq_length: 9 } }),
      await folderWith({}, changed),
    ];
    const encoders = await Promise.all(folders.map(opened));
    const [plain, ...others] = encoders.map(({ fingerprint }) => fingerprint);
    expect(others[0]).toBe(plain);
    expect(new Set([plain, ...others.slice(1)]).size).toBe(4);
    const [text] = ['the dog runs the red dogs a cafe dog'];
    const [first, , max, short] = await Promise.all(encoders.map((encoder) => encoder.encode([text])));
    expect(max).not.toEqual(first);
    expect(short).not.toEqual(first);
  });

  test('CLIP’s texts', async () => {
    const encoder = await opened(await folderWith({}, await tinyModel('clip')));
    expect(encoder.dimension).toBe(24);
    expect(Math.hypot(...(await encoder.encode(['a dog'])))).toBeCloseTo(1, 5);
  });
});

describe('what is refused', () => {
  const refused = async (files: Record<string, unknown>, model?: TinyModel) =>
    sentenceEncoder(await folderWith(files, model));
  test('a module that cannot be followed', async () => {
    const modules = ['Transformer', 'Pooling', 'Dense'].map((kind, i) => ({
      idx: i,
      path: `${i}`,
      type: `st.models.${kind}`,
    }));
    await expect(refused({ 'modules.json': modules })).rejects.toMatchObject({
      code: 'DIPTYCH_PRETRAINED_SENTENCE',
      fields: { problem: 'it has a module of type st.models.Dense' },
    });
  });
  test.each([
    [['mean_sqrt_len_tokens'], 'it pools by mean_sqrt_len_tokens'],
    [['mean_tokens', 'max_tokens'], 'it pools by mean_tokens and max_tokens'],
    [[], 'it pools by nothing that is known'],
  ])('pooling %o', async (modes, problem) => {
    await expect(refused(pooling(...modes))).rejects.toMatchObject({ fields: { problem } });
  });
  test('a tokenizer of another model, and a model of pictures', async () => {
    await expect(refused({ 'tokenizer.json': fixture('bytelevel') })).rejects.toMatchObject({
      code: 'DIPTYCH_PRETRAINED_VOCABULARY',
    });
    await expect(refused({}, await tinyModel('vit'))).rejects.toMatchObject({ code: 'DIPTYCH_PRETRAINED_SIDE' });
  });
});

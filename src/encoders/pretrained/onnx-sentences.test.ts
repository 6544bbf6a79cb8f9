import { writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import * as ort from 'onnxruntime-node';
import { expect, onTestFinished, test, vi } from 'vitest';
import { readTokenizer } from '../../data/tokens/load.ts';
import { onnxSentenceEncoder } from './onnx-sentences.ts';
import { tableModel, tableValue } from './testing/table.ts';

const texts = ['a dog runs', 'the red dog runs a dog', 'red cafe', 'the dogs and the red cafe', 'a'];

async function opened(file: string) {
  const encoder = await onnxSentenceEncoder(file);
  onTestFinished(() => encoder.close());
  return encoder;
}

test('vectors are means over the tokens of each text, padding left out, whatever stands beside them', async () => {
  const file = tableModel();
  const encoder = await opened(file);
  const together = await encoder.encode(texts);
  for (const [i, text] of texts.entries()) {
    const alone = await encoder.encode([text]);
    expect(Math.hypot(...alone)).toBeCloseTo(1, 5);
    alone.forEach((x, k) => {
      expect(together[i * 3 + k]).toBeCloseTo(x, 6);
    });
  }
  const read = await readTokenizer(dirname(dirname(file)));
  const ids = [...read.encode(texts[0])];
  const mean = [0, 1, 2].map((k) => ids.reduce((sum, id) => sum + tableValue(id, k), 0));
  mean.forEach((x, k) => {
    expect(together[k]).toBeCloseTo(x / Math.hypot(...mean), 4);
  });
});

test('the tokenizer may lie beside the file as well as above it', async () => {
  const [above, beside] = [await opened(tableModel()), await opened(tableModel({ place: '.' }))];
  expect(await beside.encode(texts)).toEqual(await above.encode(texts));
  expect(beside.fingerprint).toBe(above.fingerprint);
});

test('many texts in their order, with progress; an aborted signal', async () => {
  const encoder = await opened(tableModel());
  const many = Array.from({ length: 500 }, (_, i) => texts[(i * 7) % texts.length]);
  const seen: number[] = [];
  const progress = { update: ({ done }: { done: number }) => seen.push(done), note() {}, finish() {} };
  const vectors = await encoder.encode(many, { progress });
  expect(seen.length).toBeGreaterThan(1);
  expect(seen.at(-1)).toBe(500);
  const once = await encoder.encode(texts);
  many.forEach((text, i) => {
    const at = 3 * texts.indexOf(text);
    for (let k = 0; k < 3; k++) expect(vectors[3 * i + k]).toBeCloseTo(once[at + k], 6);
  });
  await expect(encoder.encode(['a'], { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough');
});

test.each([
  ['another input', { input: 'pixels' }],
  ['another pooling', { pooling: 'cls_token' }],
])('%s is refused, and nothing of the file stays open', async (_, changed) => {
  const create = vi.spyOn(ort.InferenceSession, 'create');
  onTestFinished(() => create.mockRestore());
  await expect(onnxSentenceEncoder(tableModel(changed))).rejects.toMatchObject({ code: 'DIPTYCH_PRETRAINED_SENTENCE' });
  const session: ort.InferenceSession = await create.mock.results[0].value;
  await expect(session.release()).rejects.toThrow('disposed');
});

test('a file that is none is refused', async () => {
  const file = tableModel();
  writeFileSync(file, 'no model');
  await expect(onnxSentenceEncoder(file)).rejects.toMatchObject({ code: 'DIPTYCH_PRETRAINED_SENTENCE' });
});

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { hasShared, sharedPath } from '../../testing/shared.ts';
import { fixture, samples } from '../../testing/tokenizers.ts';
import { readTokenizer, tokenizerFromJSON } from './load.ts';

describe('WordPiece, as BERT', () => {
  const { wordpiece } = samples;

  test('encodes pieces between CLS and SEP, with the word of each piece', () => {
    const { ids, words } = wordpiece.tokenize('The DOG running, unknown Café.');
    expect([...ids]).toEqual([2, 6, 7, 10, 12, 19, 13, 14, 17, 18, 3]);
    expect([...words]).toEqual([-1, 0, 1, 2, 2, 3, 4, 4, 5, 6, -1]);
    expect(wordpiece.decode(ids)).toBe('the dog running, unknown cafe.');
  });

  test('knows its special ids', () => {
    expect(wordpiece).toMatchObject({ size: 27, padId: 0, unknownId: 1, startId: 2, endId: 3, maskId: 4 });
    expect(wordpiece.specialIds).toEqual([0, 1, 2, 3, 4]);
  });

  test('cuts the text, not the marks', () => {
    expect([...wordpiece.encode('dog dogs red', { maxLength: 3 })]).toEqual([2, 7, 3]);
    expect([...wordpiece.encode('')]).toEqual([2, 3]);
    const encode = () => wordpiece.encode('dog', { maxLength: 2 });
    expect(encode).toThrow(expect.objectContaining({ code: 'DIPTYCH_TOKENS_LENGTH' }));
  });

  test('shows unknown words', () => {
    expect(wordpiece.decode(wordpiece.encode('a zebra'))).toBe('a [UNK]');
    expect(wordpiece.decode([])).toBe('');
  });
});

describe('byte-level BPE, as CLIP', () => {
  const { bytelevel } = samples;

  test('spells everything; a word ends with its suffix', () => {
    const { words } = bytelevel.tokenize('The dog, é');
    expect([...words]).toEqual([-1, 0, 1, 2, 3, 3, -1]);
    expect(bytelevel.decode(bytelevel.encode('the dog 北京'))).toBe('the dog 北京');
  });

  test('has no mask and no pad of its own, so 0 pads and is still a word', () => {
    expect(bytelevel).toMatchObject({ size: 520, padId: 0, startId: 518, endId: 519, unknownId: 519 });
    expect(bytelevel.maskId).toBeUndefined();
    expect(bytelevel.specialIds).toEqual([518, 519]);
    expect(bytelevel.decode(bytelevel.encode('dog!?'))).toBe('dog!?');
  });
});

test('a tokenizer without marks still gives one id for an empty text', () => {
  const plain = tokenizerFromJSON({ ...(fixture('wordpiece') as object), post_processor: null });
  expect([...plain.encode('')]).toEqual([plain.unknownId]);
  expect([...plain.encode('a dog')]).toEqual([5, 7]);
  expect(plain.startId).toBeUndefined();
});

test.skipIf(!hasShared('models/all-MiniLM-L6-v2'))('all-MiniLM-L6-v2 gives the ids of transformers', async () => {
  const tokenizer = await readTokenizer(sharedPath('models/all-MiniLM-L6-v2'));
  const golden = JSON.parse(readFileSync(sharedPath('golden/minilm.json'), 'utf8')) as {
    captions: string[];
    inputIds: number[][];
  };
  expect(golden.captions.map((caption) => [...tokenizer.encode(caption)])).toEqual(golden.inputIds);
  expect(tokenizer).toMatchObject({ size: 30522, padId: 0, unknownId: 100, startId: 101, endId: 102, maskId: 103 });
  expect(tokenizer.maxLength).toBe(128);
  expect(tokenizer.decode(golden.inputIds[6])).toBe('an aeroplane flies over the city at night');
});

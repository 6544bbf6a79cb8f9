import { expect, test } from 'vitest';
import { fixture, samples } from '../../testing/tokenizers.ts';
import { scanVocabulary } from './scan.ts';

interface ScanFile {
  word2idx: Record<string, unknown>;
  idx2word: Record<string, unknown>;
  idx?: number;
}

const file = () => fixture('scan') as ScanFile;

test('splits text as the vocabulary was counted', () => {
  const { scan } = samples;
  expect([...scan.encode('The dog\'s "red" ca n\'t.')]).toEqual([1, 8, 5, 7, 12, 9, 13, 10, 11, 14, 2]);
  expect(scan.decode(scan.encode("A dog can't fly"))).toBe("a dog ca n't <unk>");
  expect(scan).toMatchObject({ size: 17, padId: 0, maskId: 16, specialIds: [0, 1, 2, 3, 16] });
});

test('a word may have any name', () => {
  const text = JSON.stringify({ word2idx: {}, idx2word: {} });
  const words = ['<pad>', '<start>', '<end>', '<unk>', '__proto__', 'constructor'];
  const word2idx = JSON.parse(`{${words.map((word, i) => `${JSON.stringify(word)}:${i}`)}}`);
  const read = scanVocabulary({ ...JSON.parse(text), word2idx, idx2word: { ...words } }, 'test');
  expect([...read.encode('constructor __proto__')]).toEqual([1, 5, 4, 2]);
});

test.each<[string, (file: ScanFile) => void, string]>([
  ['count', (f) => Object.assign(f, { idx: 3 }), 'idx says 3 words, word2idx has 17'],
  ['contradiction', (f) => Object.assign(f.idx2word, { 5: 'cow' }), 'idx2word and word2idx disagree on number 5'],
  ['same number twice', (f) => Object.assign(f.word2idx, { dog: 4 }), 'idx2word and word2idx disagree on number 4'],
  ['number out of range', (f) => Object.assign(f.word2idx, { dog: 99 }), '"dog" has number 99 of 17'],
  ['not a number', (f) => Object.assign(f.word2idx, { dog: '5' }), '"dog" has number "5" of 17'],
])('refuses a damaged file: %s', (_, damage, reason) => {
  const damaged = file();
  damage(damaged);
  const fields = { source: 'vocab.json', reason };
  const read = () => scanVocabulary(damaged, 'vocab.json');
  expect(read).toThrow(expect.objectContaining({ code: 'DIPTYCH_TOKENS_DAMAGED', fields }));
});

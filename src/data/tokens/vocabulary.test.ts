import { expect, test } from 'vitest';
import { samples } from '../../testing/tokenizers.ts';
import { countVocabulary } from './vocabulary.ts';

const captions = ['a dog runs', 'A dog sleeps', 'a cat', 'the dog'];

test('lists special words, then words by falling count, equal counts in order', () => {
  const { words } = countVocabulary(captions, { minimumCount: 1 }).toJSON();
  expect(words).toEqual(['<pad>', '<start>', '<end>', '<unk>', 'a', 'dog', 'cat', 'runs', 'sleeps', 'the']);
});

test('does not depend on the order of the captions', () => {
  const reversed = countVocabulary(captions.toReversed(), { minimumCount: 1 });
  expect(reversed.toJSON()).toEqual(countVocabulary(captions, { minimumCount: 1 }).toJSON());
});

test('leaves out what is seen fewer than four times', () => {
  const { words } = countVocabulary([...captions, 'Dog', 'cat cat']).toJSON();
  expect(words.slice(4)).toEqual(['dog']);
});

test('encodes between marks; unseen words are unknown', () => {
  const vocabulary = countVocabulary(captions, { minimumCount: 1 });
  expect([...vocabulary.encode('A dog barks.')]).toEqual([1, 4, 5, 3, 2]);
  expect([...vocabulary.tokenize('A dog barks.').words]).toEqual([-1, 0, 1, 2, -1]);
  expect([...vocabulary.encode('')]).toEqual([1, 2]);
  expect(vocabulary.decode([1, 4, 5, 3, 2, 0, 0])).toBe('a dog <unk>');
  expect(vocabulary.decode([999])).toBe('<unk>');
});

test('reads <unk> in a text as unknown, even where unk is a word', () => {
  const vocabulary = countVocabulary(['unk dog'], { minimumCount: 1 });
  expect(vocabulary.decode(vocabulary.encode('unk <unk> cow'))).toBe('unk <unk> <unk>');
});

test('cuts to the maximum length and keeps the end mark', () => {
  const vocabulary = countVocabulary(captions, { minimumCount: 1, maxLength: 4 });
  expect([...vocabulary.encode('the dog runs')]).toEqual([1, 9, 5, 2]);
  expect([...vocabulary.encode('the dog runs', { maxLength: 3 })]).toEqual([1, 9, 2]);
  expect(vocabulary.encode('the dog runs', { maxLength: 64 })).toHaveLength(5);
  for (const maxLength of [2, 0, -1, Number.NaN]) {
    const encode = () => vocabulary.encode('dog', { maxLength });
    expect(encode).toThrow(expect.objectContaining({ code: 'DIPTYCH_TOKENS_LENGTH' }));
  }
});

test('refuses captions without frequent words', () => {
  const code = 'DIPTYCH_TOKENS_EMPTY';
  expect(() => countVocabulary([])).toThrow(expect.objectContaining({ code }));
  expect(() => countVocabulary(['a dog', 'a cat'], { minimumCount: 3 })).toThrow(expect.objectContaining({ code }));
});

test('knows its special ids', () => {
  expect(samples.vocabulary).toMatchObject({ padId: 0, startId: 1, endId: 2, unknownId: 3, specialIds: [0, 1, 2, 3] });
  expect(samples.vocabulary.maskId).toBeUndefined();
});

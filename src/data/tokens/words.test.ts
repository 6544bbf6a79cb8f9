import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hasShared, sharedPath } from '../../testing/shared.ts';
import { anyText } from '../../testing/text.ts';
import { treebankWords } from './treebank.ts';
import { words } from './words.ts';

describe('words', () => {
  test.each([
    ['Two dogs, one ball!', ['two', 'dogs', 'one', 'ball']],
    ["The dog's ball and the dogs' bed", ['the', 'dog', "'s", 'ball', 'and', 'the', 'dogs', 'bed']],
    ['A horse ’s mane', ['a', 'horse', "'s", 'mane']],
    ['a red T-shirt', ['a', 'red', 't', 'shirt']],
    ['ＦＵＬＬ ﬁsh', ['full', 'fish']],
    ['CAFE\u0301', ['café']],
    ['ΟΔΟΣ İstanbul', ['οδος', 'i̇stanbul']],
    ['北京大学', ['北京', '大学']],
    ['😀 — …', []],
  ])('%s', (text, expected) => {
    expect(words(text)).toEqual(expected);
  });

  test.each(['graphemes', 'codePoints'] as const)('splitting what was split changes nothing (%s)', (kind) => {
    const property = fc.property(anyText[kind], (text) => {
      const once = words(text);
      expect(words(once.join(' '))).toEqual(once);
    });
    fc.assert(property, { numRuns: 500 });
  });

  test('time grows with the length of the text only', () => {
    const long = 'two dogs '.repeat(50_000);
    expect(words(long)).toHaveLength(100_000);
    expect(words(`b${"'s".repeat(100_000)}`)[0]).toBe('b');
    expect(words('北京'.repeat(50_000)).length).toBeGreaterThanOrEqual(50_000);
  }, 30_000);

  test.skipIf(!hasShared('data/flickr8k'))('splits Flickr8k as the Karpathy file does', () => {
    interface Sentence {
      raw: string;
      tokens: string[];
    }
    const file = readFileSync(sharedPath('data/flickr8k/dataset_flickr8k.json'), 'utf8');
    const { images } = JSON.parse(file) as { images: { sentences: Sentence[] }[] };
    const sentences = images.flatMap((image) => image.sentences);
    const differ = sentences.filter(({ raw, tokens }) => words(raw).join(' ') !== tokens.join(' '));
    // 25 of 35,000 captions: single quotation marks, which the file keeps as tokens, and one web address.
    expect(sentences.length).toBe(35_000);
    expect(differ.length).toBeLessThanOrEqual(25);
  });
});

describe('treebankWords', () => {
  test.each([
    ['A dog runs.', ['a', 'dog', 'runs', '.']],
    ['A man in Mr. Smith\'s "red" shirt , smiling', "a man in mr. smith 's `` red '' shirt , smiling".split(' ')],
    ["They can't, won't (really) go...", ['they', 'ca', "n't", ',', 'wo', "n't", '(', 'really', ')', 'go', '...']],
    ['at 3:45 for 1,000 dogs: yes', ['at', '3:45', 'for', '1,000', 'dogs', ':', 'yes']],
    ["a sign that says 'stop' .", ['a', 'sign', 'that', 'says', "'", 'stop', "'", '.']],
    ['I cannot; gonna try', ['i', 'can', 'not', ';', 'gon', 'na', 'try']],
    ['the U.S. flag', ['the', 'u.s.', 'flag']],
    ['   ', []],
  ])('%s', (text, expected) => {
    expect(treebankWords(text)).toEqual(expected);
  });
});

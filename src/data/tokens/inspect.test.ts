import { expect, test } from 'vitest';
import { hasShared, sharedPath } from '../../testing/shared.ts';
import { samples } from '../../testing/tokenizers.ts';
import { inspectText, textWarning } from './inspect.ts';
import { readTokenizer } from './load.ts';
import { scriptsOf } from './scripts.ts';

test.each([
  ['a dog', ['Latin']],
  ['собака и 犬', ['Cyrillic', 'Han']],
  ['いぬ イヌ', ['Hiragana', 'Katakana']],
  ['كلب', ['Arabic']],
  ['123, 😀!', []],
  ['𓃡', ['Other']],
])('scripts of %s', (text, scripts) => {
  expect(scriptsOf(text)).toEqual(scripts);
});

test('counts unknown words', () => {
  const inspection = inspectText(samples.vocabulary, 'The dog chased a purple dog');
  expect(inspection).toEqual({ words: 6, unknownWords: 2, unknownShare: 2 / 6, unseenScripts: [] });
  expect(inspectText(samples.vocabulary, '').unknownShare).toBe(0);
});

test('looks at the whole text, however short the encoding is cut', () => {
  const long = `${'dog '.repeat(100)}zebra`;
  expect(inspectText(samples.vocabulary, long)).toMatchObject({ words: 101, unknownWords: 1 });
});

test('a word of several pieces counts once', () => {
  expect(inspectText(samples.wordpiece, 'running zebra')).toMatchObject({ words: 2, unknownWords: 1 });
});

test('tells a script that was never seen from words that were not', () => {
  expect(inspectText(samples.vocabulary, 'дог').unseenScripts).toEqual(['Cyrillic']);
  expect(inspectText(samples.vocabulary, '上海').unseenScripts).toEqual([]);
  expect(inspectText(samples.bytelevel, 'собака')).toMatchObject({ unknownWords: 0 });
});

test('warns in a sentence, or not at all', () => {
  const warn = (text: string) => textWarning(samples.vocabulary, text);
  expect(warn('two dogs run')).toBeUndefined();
  expect(warn('two dogs run and zebra')).toBeUndefined();
  expect(warn('purple zebra')).toBe('2 of 2 words are unknown to the model; results for this text may be poor');
  expect(warn('δύο σκύλοι')).toMatch(/^the model has never seen Greek script;/);
  expect(warn('?!')).toMatch(/no words/);
});

test.skipIf(!hasShared('models/all-MiniLM-L6-v2'))(
  'a model trained on English that has seen Han but not Ethiopic',
  async () => {
    const tokenizer = await readTokenizer(sharedPath('models/all-MiniLM-L6-v2'));
    expect(inspectText(tokenizer, '北京').unseenScripts).toEqual([]);
    expect(inspectText(tokenizer, 'ውሻ').unseenScripts).toEqual(['Ethiopic']);
  },
);

/** @file Small tokenizers of every kind, for tests. */
import { readFileSync } from 'node:fs';
import { tokenizerFromJSON } from '../data/tokens/load.ts';
import type { Tokenizer } from '../data/tokens/tokenizer.ts';
import { countVocabulary } from '../data/tokens/vocabulary.ts';

/** A fixture as parsed JSON: `wordpiece` is laid out as BERT's tokenizer.json, `bytelevel` as CLIP's. */
export function fixture(name: 'wordpiece' | 'bytelevel' | 'scan'): unknown {
  return JSON.parse(readFileSync(new URL(`../data/tokens/fixtures/${name}.json`, import.meta.url), 'utf8'));
}

const captions = [
  "The dog's red ball",
  'Two dogs run, and a dog plays.',
  '北京 café 2024 สวัสดี',
  'dogs run in the red sand',
];

export const samples: Readonly<Record<string, Tokenizer>> = {
  vocabulary: countVocabulary(captions, { minimumCount: 1 }),
  scan: tokenizerFromJSON(fixture('scan')),
  wordpiece: tokenizerFromJSON(fixture('wordpiece')),
  bytelevel: tokenizerFromJSON(fixture('bytelevel')),
};

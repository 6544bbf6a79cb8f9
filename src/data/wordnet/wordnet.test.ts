/** @file WordNet's files: lookups in the package, base forms, parts of speech, missing packages, and synonyms as ids. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../testing/temporary.ts';
import { synonymsFrom } from '../tokens/synonyms.ts';
import { countVocabulary } from '../tokens/vocabulary.ts';
import { linesWith } from './files.ts';
import { irregular } from './irregular.ts';
import { baseForms } from './lemmas.ts';
import { openSenses } from './senses.ts';
import { openWordNet } from './wordnet.ts';

/** A package of six words; nouns and verbs alone. */
function smallPackage(): string {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'dict'));
  const write = (name: string, text: string) => writeFileSync(join(folder, 'dict', name), text);
  const licence = '  1 This stands where the licence does.  \n';
  const meanings = [
    `${'00000000'} 05 n 02 dog 0 Domestic_Dog 0 001 @ 00000099 n 0000 | a pet  \n`,
    '00000000 05 n 02 run(p) 0 dog 1 000 | a thing  \n',
  ];
  write('data.noun', meanings.join(''));
  const second = String(meanings[0].length).padStart(8, '0');
  write(
    'index.noun',
    `${licence}dog n 2 1 @ 2 1 00000000 ${second}  \ndomestic_dog n 1 0 1 0 00000000  \nrun n 1 0 1 0 ${second}  \n`,
  );
  write('data.verb', '00000000 38 v 02 run 0 speed 0 000 | move  \n');
  write('index.verb', `${licence}run v 1 0 1 0 00000000  \nspeed v 1 0 1 0 00000000  \n`);
  for (const empty of ['adj', 'adv']) for (const file of ['index', 'data']) write(`${file}.${empty}`, licence);
  const main = join(folder, 'index.cjs');
  writeFileSync(main, `exports.path = ${JSON.stringify(join(folder, 'dict'))};`);
  return main;
}

describe('synonyms', () => {
  test('are all other words of all meanings, of any part of speech and of base forms', () => {
    const { synonyms } = openWordNet(smallPackage());
    expect(synonyms('dog')).toEqual(['domestic dog', 'run']);
    expect(synonyms('Dogs')).toEqual(['dog', 'domestic dog', 'run']);
    expect(synonyms('running')).toEqual(['run', 'speed']);
    expect(synonyms('run')).toEqual(['dog', 'speed']);
    expect(synonyms('domestic dog')).toEqual(['dog']);
    for (const none of ['', 'cat', 'aa', 'zz', '  1']) expect(synonyms(none)).toEqual([]);
  });

  test('in the package itself', () => {
    const { synonyms } = openWordNet();
    expect(synonyms('sofa')).toEqual(['couch', 'lounge']);
    expect(synonyms('bicycles')).toEqual(expect.arrayContaining(['bicycle', 'bike', 'cycle']));
    expect(synonyms('sitting')).toContain('sit');
    expect(synonyms('qwertz')).toEqual([]);
  });

  test('as ids that the tokenizer can spell, none of function words and unknown ones', () => {
    const tokenizer = countVocabulary(['a domestic dog has run at the speed of a cat'], { minimumCount: 1 });
    const wordNet = openWordNet();
    const idsOf = (text: string) => [...tokenizer.encode(text)].slice(1, -1);
    const synonyms = synonymsFrom(wordNet, tokenizer);
    expect(synonyms(idsOf('dog'))).toEqual([idsOf('domestic dog')]);
    expect(wordNet.synonyms('at').length).toBeGreaterThan(0);
    expect(wordNet.synonyms('has').length).toBeGreaterThan(0);
    for (const word of ['a', 'at', 'has', 'sofa']) expect(synonyms(idsOf(word)), word).toEqual([]);
    expect(synonyms(idsOf('dog'))).toBe(synonyms(idsOf('dog')));
  });
});

test('base forms follow the endings of a class', () => {
  expect(baseForms('boxes', 'noun')).toEqual(['boxes', 'boxe', 'box']);
  expect(baseForms('firemen', 'noun')).toEqual(['firemen', 'fireman']);
  expect(baseForms('running', 'verb')).toEqual(['running', 'runne', 'runn', 'run']);
  expect(baseForms('biggest', 'adj')).toEqual(['biggest', 'bigg', 'big', 'bigge']);
  expect(baseForms('quickly', 'adv')).toEqual(['quickly']);
});

test('irregular forms are listed, and endings are left alone then', () => {
  expect(baseForms('men', 'noun')).toEqual(['men', 'man']);
  expect(baseForms('is', 'verb')).toEqual(['is', 'be']);
  expect(baseForms('leaves', 'noun')).toEqual(['leaves', 'leaf']);
  expect(baseForms('thrown', 'verb')).toEqual(['thrown', 'throw']);
  expect(baseForms('written', 'verb')).toEqual(['written', 'write']);
  expect(openWordNet().synonyms('children')).toContain('kid');
  // The list names no word that WordNet does not have.
  const senses = openSenses();
  for (const [of, forms] of Object.entries(irregular)) {
    expect(forms.size).toBeGreaterThan(15);
    for (const base of [...forms.values()].flat()) expect(senses.commonest(base), `${base}, ${of}`).toBeDefined();
  }
});

describe('parts of speech', () => {
  test('by the most frequent sense, of the word or of what it is a form of', () => {
    const { commonest } = openSenses();
    const of = (words: string) => Object.fromEntries(words.split(' ').map((word) => [word, commonest(word)]));
    expect(of('dog Dogs dress children shirt bicycles')).toEqual({
      dog: 'noun',
      Dogs: 'noun',
      dress: 'noun',
      children: 'noun',
      shirt: 'noun',
      bicycles: 'noun',
    });
    expect(of('is are runs sitting thrown watches')).toEqual({
      is: 'verb',
      are: 'verb',
      runs: 'verb',
      sitting: 'verb',
      thrown: 'verb',
      watches: 'verb',
    });
    expect(of('brown small wet biggest')).toEqual({ brown: 'adj', small: 'adj', wet: 'adj', biggest: 'adj' });
    expect(of('quickly together')).toEqual({ quickly: 'adv', together: 'adv' });
    expect(commonest('ice cream')).toBe('noun');
    for (const unknown of ['', 'qwertz', '%', 'dog%1', ' ', 'straße'])
      expect(commonest(unknown), unknown).toBeUndefined();
  });

  test('by the counts in the list of senses: the highest, not their sum, and nouns first where they are equal', () => {
    const folder = temporaryFolder();
    const lines = ['ski%1:06:00:: 00000001 1 0', 'ski%2:38:00:: 00000002 1 0', 'train%1:06:00:: 00000003 1 24'];
    const verbs = ['train%2:31:00:: 00000004 2 13', 'train%2:31:01:: 00000005 1 14', 'trains%2:31:01:: 00000006 1 14'];
    writeFileSync(join(folder, 'index.sense'), [...lines, ...verbs].join('\n'));
    writeFileSync(join(folder, 'index.cjs'), `exports.path = ${JSON.stringify(folder)};`);
    const { commonest } = openSenses(join(folder, 'index.cjs'));
    expect(['ski', 'train', 'trains', 'trai', 'training'].map(commonest)).toEqual([
      'noun',
      'noun',
      'noun',
      undefined,
      'verb',
    ]);
  });
});

test('lines of a sorted file that begin so are all found, wherever they stand', () => {
  const line = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '%', '_'), maxLength: 4 });
  fc.assert(
    fc.property(fc.array(line), line, fc.boolean(), (lines, prefix, ended) => {
      const sorted = [...lines].sort();
      const file = Buffer.from(sorted.join('\n') + (ended ? '\n' : ''));
      const expected = sorted.filter((each) => each.startsWith(prefix)).map((each) => each.trimEnd());
      if (prefix !== '') expect(linesWith(file, prefix)).toEqual(expected);
    }),
  );
});

test('a package that is missing, or without its files, is named with what to do', () => {
  expect(() => openWordNet('no-such-wordnet')).toThrow(
    expect.objectContaining({ code: 'DIPTYCH_WORDNET_MISSING', message: expect.stringContaining('no-such-wordnet') }),
  );
  const empty = join(temporaryFolder(), 'index.cjs');
  writeFileSync(empty, "exports.path = '/no/such/folder';");
  for (const open of [openWordNet, openSenses])
    expect(() => open(empty)).toThrow(expect.objectContaining({ code: 'DIPTYCH_WORDNET_MISSING' }));
});

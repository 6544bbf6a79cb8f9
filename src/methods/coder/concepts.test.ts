import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { countVocabulary } from '../../data/tokens/vocabulary.ts';
import { DiptychError } from '../../errors/error.ts';
import { temporaryFolder } from '../../testing/temporary.ts';
import { readNodeFeatures, textTowerFeatures } from './features.ts';
import { conceptGraph, confidence, cvseGraph } from './graph.ts';
import { conceptLabels, conceptsSchema, countConcepts, type VocabularyOptions, type WordClass } from './vocabulary.ts';

const options: VocabularyOptions = { size: 10, minimumCount: 1, keepBe: true };

describe('vocabulary', () => {
  const captions = [
    'A dog is running on the beach, and the dog barks',
    'Two dogs are running',
    'a brown dog in a t-shirt',
    'a man with a dog’s brown leash',
  ];

  test('captions that hold a word are counted, not occurrences; stop words and single letters are left out', () => {
    const { words, counts, classes } = countConcepts(captions, options);
    expect(words.map((word, i) => [word, counts[i]])).toEqual([
      ['brown', 2],
      ['dog', 2],
      ['running', 2],
      ['are', 1],
      ['barks', 1],
      ['beach', 1],
      ["dog's", 1],
      ['dogs', 1],
      ['is', 1],
      ['leash', 1],
    ]);
    expect(classes).toBeNull();
  });

  test('the order of captions does not matter, nor letters of another width or case', () => {
    const reordered = [...captions].reverse().map((caption) => caption.toUpperCase());
    expect(countConcepts(reordered, options)).toEqual(countConcepts(captions, options));
  });

  test('size, minimum count, and is and are', () => {
    expect(countConcepts(captions, { ...options, size: 2 }).words).toEqual(['brown', 'dog']);
    expect(countConcepts(captions, { ...options, minimumCount: 2 }).words).toEqual(['brown', 'dog', 'running']);
    const without = countConcepts(captions, { ...options, size: 99, keepBe: false }).words;
    expect(without).toContain('t-shirt');
    expect(without).not.toContain('is');
  });

  test('classes: 7 : 2 : 1, one class after the other, a class without enough words smaller', () => {
    const classOf = new Map<string, WordClass>([
      ['dog', 'object'],
      ['dogs', 'object'],
      ['beach', 'object'],
      ['brown', 'property'],
      ['running', 'motion'],
      ['barks', 'motion'],
    ]);
    const { words, classes } = countConcepts(captions, { ...options, classOf: (word) => classOf.get(word) });
    expect(words).toEqual(['dog', 'beach', 'dogs', 'brown', 'running']);
    expect(classes).toEqual({ object: 3, property: 1, motion: 1 });
  });

  test('captions that hold two concepts are counted together', () => {
    const { words, together } = countConcepts(captions, options);
    const count = (a: string, b: string) => {
      const [i, j] = [words.indexOf(a), words.indexOf(b)].sort((x, y) => y - x);
      return together[i][j];
    };
    expect([count('dog', 'running'), count('dog', 'brown'), count('brown', 'running')]).toEqual([1, 1, 0]);
    expect(together.map((row) => row.length)).toEqual(words.map((_, i) => i));
  });

  test('goes through JSON unchanged', () => {
    const concepts = countConcepts(captions, options);
    expect(conceptsSchema.parse(JSON.parse(JSON.stringify(concepts)))).toEqual(concepts);
  });

  test('no concept is an error with the numbers to change', () => {
    const attempt = () => countConcepts(['the a on', 'dog'], { ...options, minimumCount: 2 });
    expect(attempt).toThrow(DiptychError);
    expect(attempt).toThrow(expect.objectContaining({ code: 'DIPTYCH_CODER_CONCEPTS' }));
    expect(attempt).toThrow('1 words');
  });

  test('labels of a text are its concepts', () => {
    const concepts = { words: ['dog', 'is', 'brown'] };
    expect([...conceptLabels(concepts, 'A Brown dog!')]).toEqual([1, 0, 1]);
    expect([...conceptLabels(concepts, 'is')]).toEqual([0, 1, 0]);
    expect([...conceptLabels(concepts, '')]).toEqual([0, 0, 0]);
  });
});

describe('graph', () => {
  test('F ≥ 0.3 is P ≥ 0.168, to three digits', () => {
    expect(confidence(0.1675, cvseGraph)).toBeLessThan(0.3);
    expect(confidence(0.168, cvseGraph)).toBeGreaterThan(0.3);
    expect(confidence(0, cvseGraph)).toBe(0);
  });

  /** Â by the formulas, as matrices. */
  function byTheBook(counts: number[], together: number[][], form: 'binary' | 'scaled' | 'rows'): number[][] {
    const q = counts.length;
    const of = (f: (i: number, j: number) => number) =>
      Array.from({ length: q }, (_, i) => Array.from({ length: q }, (_, j) => f(i, j)));
    const n = of((i, j) => (i === j ? 0 : together[Math.max(i, j)][Math.min(i, j)]));
    const F = of((i, j) => 5 ** (n[i][j] / counts[i] - 0.02) - 5 ** -0.02);
    const G = form === 'scaled' ? F : of((i, j) => (F[i][j] >= 0.3 ? 1 : 0));
    const columns = of((_, j) => G.reduce((total, row) => total + row[j], 0));
    const rows = of((i) => G[i].reduce((total, g) => total + g, 0));
    const sums = form === 'rows' ? rows : columns;
    const A = of((i, j) => (0.25 * G[i][j]) / (sums[i][j] + 1e-6) + (i === j ? 1 : 0));
    const D = A.map((row) => row.reduce((total, a) => total + a, 0));
    return of((i, j) => A[j][i] / Math.sqrt(D[i] * D[j]));
  }

  test.each(['binary', 'scaled', 'rows'] as const)('%s by the formulas', (form) => {
    const graphs = fc.integer({ min: 1, max: 7 }).chain((q) => {
      const row = (i: number) => fc.array(fc.nat(20), { minLength: i, maxLength: i });
      return fc.record({
        counts: fc.array(fc.integer({ min: 20, max: 60 }), { minLength: q, maxLength: q }),
        together: fc.tuple(...Array.from({ length: q }, (_, i) => row(i))),
      });
    });
    fc.assert(
      fc.property(graphs, ({ counts, together }) => {
        const expected = byTheBook(counts, together, form).flat();
        const found = conceptGraph({ counts, together }, { ...cvseGraph, form });
        expected.forEach((x, i) => {
          expect(found[i]).toBeCloseTo(x, 6);
        });
      }),
      { numRuns: 50 },
    );
  });

  test('a concept gathers from those that imply it', () => {
    // leash implies dog (10 of 10), dog does not imply leash (10 of 100).
    const found = conceptGraph({ counts: [100, 10], together: [[], [10]] });
    expect(found[0 * 2 + 1]).toBeGreaterThan(0.1);
    expect(found[1 * 2 + 0]).toBe(0);
  });
});

describe('node features', () => {
  const words = ['dog', 'leash', 'beach'];

  test('vectors of a file, in the order of the concepts; what it lacks gets the mean', async () => {
    const path = join(temporaryFolder(), 'glove.txt');
    writeFileSync(path, '400000 2\nthe 9 9\nbeach 1 -2\ndog 0.5 1e1\ncafé 3 3\n');
    expect(await readNodeFeatures(path, words)).toEqual({ kind: 'given', width: 2, data: [0.5, 10, 0.75, 4, 1, -2] });
  });

  test('a file without them is refused', async () => {
    const path = join(temporaryFolder(), 'vectors.txt');
    writeFileSync(path, 'cat 1 2\n');
    await expect(readNodeFeatures(path, words)).rejects.toMatchObject({ code: 'DIPTYCH_WORD_VECTORS' });
  });

  test('rows of the text tower: the word’s, or those of its pieces, without marks', () => {
    const tokenizer = countVocabulary(['a dog on a beach', 'dog t shirt beach'], { minimumCount: 1 });
    const features = textTowerFeatures(tokenizer, ['dog', 't-shirt'], 'encoder.words.weight');
    const id = (word: string) => tokenizer.encode(word)[1];
    expect(features).toEqual({
      kind: 'text',
      table: 'encoder.words.weight',
      ids: [[id('dog')], [id('t'), id('shirt')]],
    });
  });
});

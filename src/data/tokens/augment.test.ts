import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { samples } from '../../testing/tokenizers.ts';
import { type WordCorruption, wordCorrupter } from './augment.ts';

/** As the published methods set it. */
const published: WordCorruption = { probability: 0.2, mask: 0.5, random: 0.1, remove: 0.4 };

const { wordpiece, vocabulary } = samples;
const caption = wordpiece.tokenize('the dog running, a red unknown dog playing');

/** Shares of one word of two pieces that were hidden, replaced and deleted. */
function fatesOf(corruption: WordCorruption, runs: number) {
  const corrupt = wordCorrupter(wordpiece, corruption, 7);
  const text = wordpiece.tokenize('dog running');
  const counts = { masked: 0, replaced: 0, removed: 0 };
  for (let position = 0; position < runs; position++) {
    // Of 'dog' (7) and 'running' (10, 12), the last two pieces tell the fate of 'running'.
    const [first, second] = corrupt(text, 0, position).slice(1, -1).slice(-2);
    if (first === 10 && second === 12) continue;
    if (first === wordpiece.maskId && second === wordpiece.maskId) counts.masked++;
    else if (second === undefined) counts.removed++;
    else counts.replaced++;
  }
  return { masked: counts.masked / runs, replaced: counts.replaced / runs, removed: counts.removed / runs };
}

describe('wordCorrupter', () => {
  test('hides, replaces and deletes at the stated rates', () => {
    // 20,000 captions: three standard deviations are 0.0064, 0.0030 and 0.0058.
    const shares = fatesOf(published, 20_000);
    expect(Math.abs(shares.masked - 0.1)).toBeLessThan(0.007);
    expect(Math.abs(shares.replaced - 0.02)).toBeLessThan(0.004);
    expect(Math.abs(shares.removed - 0.08)).toBeLessThan(0.007);
  });

  test('without the random part, words are hidden or deleted only', () => {
    const corrupt = wordCorrupter(wordpiece, { probability: 0.6, mask: 0.5, random: 0, remove: 0.5 }, 3);
    const allowed = new Set([...caption.ids, wordpiece.maskId]);
    for (let step = 0; step < 200; step++) {
      expect([...corrupt(caption, step, 0)].every((id) => allowed.has(id))).toBe(true);
    }
  });

  test('pieces of a word share its fate, marks stay, a word stays', () => {
    const corruption = { probability: fc.double({ min: 0, max: 1, noNaN: true }), mask: fc.nat(4), remove: fc.nat(4) };
    const property = fc.property(fc.record(corruption), fc.nat(), fc.nat(), (rates, step, position) => {
      const ids = [...wordCorrupter(wordpiece, { ...rates, random: 0 }, 1)(caption, step, position)];
      expect([ids[0], ids.at(-1)]).toEqual([wordpiece.startId, wordpiece.endId]);
      expect(ids.length).toBeGreaterThan(2);
      // run ##ning, un ##known and play ##ing never part.
      for (const [first, second] of [
        [10, 12],
        [13, 14],
        [15, 16],
      ]) {
        expect(ids.filter((id) => id === first)).toHaveLength(ids.filter((id) => id === second).length);
      }
    });
    fc.assert(property, { numRuns: 500 });
  });

  test('where all would be deleted one word is kept, each as often', () => {
    const corrupt = wordCorrupter(vocabulary, { probability: 1, mask: 0, random: 0, remove: 1 }, 5);
    const text = vocabulary.tokenize('dog dogs run red');
    const kept = new Map<number, number>();
    for (let position = 0; position < 4000; position++) {
      const ids = corrupt(text, 0, position);
      expect(ids).toHaveLength(3);
      kept.set(ids[1], (kept.get(ids[1]) ?? 0) + 1);
    }
    expect(kept.size).toBe(4);
    for (const count of kept.values()) expect(Math.abs(count - 1000)).toBeLessThan(110);
  });

  test('an empty caption stays as it is', () => {
    const corrupt = wordCorrupter(wordpiece, { ...published, probability: 1 }, 5);
    expect([...corrupt(wordpiece.tokenize(''), 0, 0)]).toEqual([2, 3]);
  });

  test('replaces by every ordinary id and by no special one', () => {
    const corrupt = wordCorrupter(wordpiece, { probability: 1, mask: 0, random: 1, remove: 0 }, 5);
    const drawn = new Set<number>();
    for (let position = 0; position < 500; position++) {
      for (const id of corrupt(wordpiece.tokenize('dog'), 0, position).slice(1, -1)) drawn.add(id);
    }
    expect([...drawn].sort((a, b) => a - b)).toEqual(Array.from({ length: 22 }, (_, i) => i + 5));
  });

  test('hides behind <unk> where there is no mask', () => {
    const corrupt = wordCorrupter(vocabulary, { probability: 1, mask: 1, random: 0, remove: 0 }, 5);
    expect([...corrupt(vocabulary.tokenize('red dog'), 0, 0)]).toEqual([1, 3, 3, 2]);
  });

  test('is a function of seed, step and position', () => {
    const [one, again, other] = [1, 1, 2].map((seed) => wordCorrupter(wordpiece, published, seed));
    const many = (corrupt: typeof one, step: number) =>
      Array.from({ length: 50 }, (_, position) => corrupt(caption, step, position).join());
    expect(many(one, 3)).toEqual(many(again, 3));
    expect(many(one, 3)).not.toEqual(many(one, 4));
    expect(many(one, 3)).not.toEqual(many(other, 3));
    expect(new Set(many(one, 3)).size).toBeGreaterThan(20);
  });

  test('leaves the caption itself alone, and changes nothing at probability 0', () => {
    const before = [...caption.ids];
    const corrupt = wordCorrupter(wordpiece, { ...published, probability: 0 }, 5);
    expect([...corrupt(caption, 1, 1)]).toEqual(before);
    wordCorrupter(wordpiece, { ...published, probability: 1 }, 5)(caption, 1, 1);
    expect([...caption.ids]).toEqual(before);
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type WordEdits, wordEditor } from './edits.ts';
import type { Synonyms } from './synonyms.ts';
import type { TokenizedText } from './tokenizer.ts';

const kinds = ['swap', 'delete'] as const;

/** Words of one to three pieces between two marks. */
function captionOf(sizes: readonly number[]): TokenizedText {
  const words = sizes.flatMap((size, word) => Array.from({ length: size }, () => word));
  return { ids: Int32Array.from([1, ...words.map((_, i) => 10 + i), 2]), words: Int32Array.from([-1, ...words, -1]) };
}

test('marks stay, words keep their pieces, and at least one word is left', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 12 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.nat(100),
      (sizes, share, position) => {
        const caption = captionOf(sizes);
        const edited = wordEditor({ probability: 1, share, kinds }, 3)(caption, 7, position);
        expect([edited[0], edited.at(-1)]).toEqual([1, 2]);
        expect(edited.length).toBeGreaterThan(2);
        const inner = [...edited.subarray(1, -1)];
        expect(new Set(inner).size).toBe(inner.length);
        inner.forEach((id, at) => {
          const [own, next] = [caption.words[id - 9], caption.words[id - 8]];
          if (own === next) expect(inner[at + 1]).toBe(id + 1);
        });
      },
    ),
  );
});

test('about a share is edited, half by swapping and half by leaving out', () => {
  const caption = captionOf(Array.from({ length: 10 }, () => 1));
  const edit = wordEditor({ probability: 0.5, share: 0.1, kinds }, 1);
  const drawn = Array.from({ length: 400 }, (_, position) => edit(caption, 0, position));
  const shorter = drawn.filter((ids) => ids.length < caption.ids.length).length;
  const turned = drawn.filter((ids) => ids.length === caption.ids.length && ids.some((id, i) => id !== caption.ids[i]));
  expect(turned.length / 400).toBeGreaterThan(0.2);
  expect(turned.length / 400).toBeLessThan(0.3);
  // One in three deletions of a tenth leaves ten words as they are.
  expect(shorter / 400).toBeGreaterThan(0.11);
  expect(shorter / 400).toBeLessThan(0.22);
  expect(edit(caption, 0, 5)).toEqual(wordEditor({ probability: 0.5, share: 0.1, kinds }, 1)(caption, 0, 5));
  expect(wordEditor({ probability: 0, share: 0.5, kinds }, 1)(caption, 0, 5)).toBe(caption.ids);
});

describe('synonyms', () => {
  /** Even words have one synonym of two pieces, word 4 has two. */
  const synonyms: Synonyms = ([id]) => (id % 2 === 1 ? [] : id === 14 ? [[140, 141], [142]] : [[10 * id, 10 * id + 1]]);
  const caption = captionOf(Array.from({ length: 10 }, () => 1));
  const edit = (kind: 'synonym' | 'insert', more: Partial<WordEdits> = {}) => {
    const editor = wordEditor({ probability: 1, share: 0.2, kinds: [kind], synonyms, ...more }, 2);
    return Array.from({ length: 60 }, (_, position) => [...editor(caption, 0, position)]);
  };
  const own = [...caption.ids];

  test('take the place of as many words as the share says', () => {
    for (const ids of edit('synonym')) {
      const lost = own.filter((id) => !ids.includes(id));
      expect(lost).toHaveLength(2);
      for (const id of lost) expect(id % 2).toBe(0);
      // Each stands where its word stood.
      const back = ids.flatMap((id) =>
        id < 100 ? [id] : id % 10 === 0 ? [Math.floor(id / 10)] : id === 142 ? [14] : [],
      );
      expect(back).toEqual(own);
    }
    expect(new Set(edit('synonym').flat()).has(142)).toBe(true);
  });

  test('are added anywhere between the marks, and every word stays', () => {
    const places = new Set<number>();
    for (const ids of edit('insert')) {
      expect(ids.filter((id) => id < 100)).toEqual(own);
      expect(ids.length).toBeGreaterThan(own.length + 1);
      ids.forEach((id, at) => {
        if (id >= 100) places.add(at);
      });
      expect([ids[0], ids.at(-1)]).toEqual([1, 2]);
    }
    expect(places.size).toBeGreaterThan(8);
  });

  test('never make a caption longer than the tower takes, and change nothing where there are none', () => {
    for (const kind of ['synonym', 'insert'] as const) {
      for (const ids of edit(kind, { share: 1, longest: 14 })) expect(ids.length).toBeLessThanOrEqual(14);
      for (const ids of edit(kind, { synonyms: undefined })) expect(ids).toEqual(own);
    }
  });

  test('every kind is drawn as often as the others', () => {
    const all = wordEditor({ probability: 1, share: 0.1, kinds: ['swap', 'delete', 'synonym', 'insert'], synonyms }, 9);
    const drawn = Array.from({ length: 800 }, (_, position) => [...all(caption, 0, position)]);
    const added = drawn.filter((ids) => ids.some((id) => id >= 100));
    const inserted = added.filter((ids) => own.every((id) => ids.includes(id)));
    expect(inserted.length / 800).toBeCloseTo(0.25, 1);
    expect((added.length - inserted.length) / 800).toBeCloseTo(0.25, 1);
  });
});

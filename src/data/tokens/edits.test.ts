import fc from 'fast-check';
import { expect, test } from 'vitest';
import { wordEditor } from './edits.ts';
import type { TokenizedText } from './tokenizer.ts';

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
        const edited = wordEditor({ probability: 1, share }, 3)(caption, 7, position);
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
  const edit = wordEditor({ probability: 0.5, share: 0.1 }, 1);
  const drawn = Array.from({ length: 400 }, (_, position) => edit(caption, 0, position));
  const shorter = drawn.filter((ids) => ids.length < caption.ids.length).length;
  const turned = drawn.filter((ids) => ids.length === caption.ids.length && ids.some((id, i) => id !== caption.ids[i]));
  expect(turned.length / 400).toBeGreaterThan(0.2);
  expect(turned.length / 400).toBeLessThan(0.3);
  // One in three deletions of a tenth leaves ten words as they are.
  expect(shorter / 400).toBeGreaterThan(0.11);
  expect(shorter / 400).toBeLessThan(0.22);
  expect(edit(caption, 0, 5)).toEqual(wordEditor({ probability: 0.5, share: 0.1 }, 1)(caption, 0, 5));
  expect(wordEditor({ probability: 0, share: 0.5 }, 1)(caption, 0, 5)).toBe(caption.ids);
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { innerProducts } from './kernel.ts';
import { Top } from './top.ts';

test('the best k are those of a sort, with all that tie with the last of them', () => {
  const scores = fc.array(fc.integer({ min: -4, max: 4 }), { maxLength: 60 });
  fc.assert(
    fc.property(
      scores,
      fc.integer({ min: 1, max: 12 }),
      fc.option(fc.integer({ min: -3, max: 3 })),
      (all, k, threshold) => {
        const top = new Top(k, threshold ?? undefined);
        all.forEach((score, place) => {
          top.push(score, place);
        });
        const allowed = all
          .map((score, place) => ({ score, place }))
          .filter(({ score }) => score >= (threshold ?? -Infinity));
        const last = [...allowed].sort((a, b) => b.score - a.score)[k - 1]?.score ?? -Infinity;
        const expected = allowed.filter(({ score }) => score >= last);
        expect(top.candidates().sort((a, b) => a.place - b.place)).toEqual(expected);
      },
    ),
  );
});

test('a score that is not a number never counts', () => {
  const top = new Top(2);
  top.push(Number.NaN, 1);
  top.push(1, 2);
  expect(top.candidates()).toEqual([{ score: 1, place: 2 }]);
});

test('eight rows at once score as one row alone does, bit by bit', () => {
  const dimension = 13;
  const number = fc.float({ min: -1, max: 1, noNaN: true });
  fc.assert(
    fc.property(
      fc.array(number, { minLength: 21 * dimension, maxLength: 21 * dimension }),
      fc.array(fc.nat(20), { maxLength: 30 }),
      (all, rows) => {
        const vectors = Float32Array.from(all);
        const query = Float64Array.from(vectors.subarray(0, dimension), (x) => x / 3);
        const together = new Float64Array(rows.length);
        innerProducts(vectors, dimension, query, Int32Array.from([99, ...rows]), 1, rows.length, together);
        const alone = rows.map((row) => query.reduce((sum, q, i) => sum + q * vectors[row * dimension + i], 0));
        expect([...together]).toEqual(alone);
      },
    ),
  );
});

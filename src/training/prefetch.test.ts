import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { prefetch } from './prefetch.ts';

describe('prefetch', () => {
  test('gives items in order, never makes more than its depth ahead, and none beyond the end', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(10),
        fc.nat(20),
        fc.integer({ min: 1, max: 5 }),
        fc.boolean(),
        async (from, count, depth, fills) => {
          let made = 0;
          const items = prefetch(from, from + count, depth, async (position) => {
            made++;
            return position;
          });
          for (let i = 0; i < count; i++) {
            expect(await items.next()).toBe(from + i);
            if (fills) items.fill();
            expect(made).toBeLessThanOrEqual(Math.min(count, i + 1 + depth));
          }
          expect(made).toBe(count);
          expect(() => items.next()).toThrow(RangeError);
        },
      ),
    );
  });

  test('a failure is told to the one who takes the item, in its turn', async () => {
    const items = prefetch(0, 3, 3, (position) => {
      if (position === 1) throw new Error('no such picture');
      return Promise.resolve(position);
    });
    items.fill();
    // Time for an unhandled rejection to end the process, if there were one.
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await items.next()).toBe(0);
    await expect(items.next()).rejects.toThrow('no such picture');
    expect(await items.next()).toBe(2);
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytesText, estimateMemory, requireMemory } from './memory.ts';

const MiB = 2 ** 20;
const needs = { state: 310 * MiB, batch: 48 * MiB, activations: 2048 * MiB, stored: 0, batchSize: 128, prefetch: 2 };

describe('memory', () => {
  test('is estimated from state, batches and activations', () => {
    expect(estimateMemory(needs)).toEqual({
      bytes: (930 + 2048 + 144) * MiB,
      line: 'training needs about 3.0 GiB: state 3 x 310 MiB, activations 2.0 GiB, 3 batches of 48 MiB',
    });
    expect(requireMemory(needs, 4096 * MiB)).toEqual(estimateMemory(needs));
  });

  test('counts stored vectors, and says where they alone are too much', () => {
    const storing = { ...needs, stored: 512 * MiB };
    expect(estimateMemory(storing)).toEqual({
      bytes: (930 + 2048 + 512 + 144) * MiB,
      line: 'training needs about 3.5 GiB: state 3 x 310 MiB, activations 2.0 GiB, stored vectors 512 MiB, 3 batches of 48 MiB',
    });
    expect(() => requireMemory(storing, 2048 * MiB)).toThrow('lower `--batch-size` from 128 to 35 or less');
    expect(() => requireMemory(storing, 1450 * MiB)).toThrow('`--icc-alignment-vectors encoded`');
  });

  test('that is not there is refused, naming the option to lower and a value that fits', () => {
    expect(() => requireMemory(needs, 2048 * MiB)).toThrow(
      'training needs about 3.0 GiB: state 3 x 310 MiB, activations 2.0 GiB, 3 batches of 48 MiB, but 2.0 GiB are free: ' +
        'lower `--batch-size` from 128 to 65 or less',
    );
    expect(() => requireMemory(needs, 800 * MiB)).toThrow('lower `--dimension`, the state alone is too large');
  });

  test('is enough for the batch size that was advised', () => {
    const size = fc.integer({ min: 1, max: 2 ** 34 });
    fc.assert(
      fc.property(
        size,
        size,
        size,
        size,
        fc.integer({ min: 2, max: 4096 }),
        size,
        (state, batch, activations, stored, batchSize, free) => {
          const asked = { state, batch, activations, stored, batchSize, prefetch: 2 };
          try {
            requireMemory(asked, free);
          } catch (error) {
            const advised = /to (\d+) or less/.exec((error as Error).message)?.[1];
            if (advised === undefined) return;
            const share = Number(advised) / batchSize;
            expect(share).toBeLessThan(1);
            const lower = {
              ...asked,
              batch: batch * share,
              activations: activations * share,
              batchSize: Number(advised),
            };
            expect(estimateMemory(lower).bytes).toBeLessThanOrEqual(free * (1 + 1e-9));
          }
        },
      ),
    );
  });

  test('bytes are written as people do', () => {
    expect([0, 512, 1536, 48 * MiB, 3.14 * 2 ** 30, 2 ** 50].map(bytesText)).toEqual([
      '0 B',
      '512 B',
      '1.5 KiB',
      '48 MiB',
      '3.1 GiB',
      '1024 TiB',
    ]);
  });
});

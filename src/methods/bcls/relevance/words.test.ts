import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../../testing/temporary.ts';
import { matrixOf, pictures, problemOf } from './testing/photos.ts';

describe('word vectors', () => {
  const write = (text: string) => {
    const file = join(temporaryFolder(), 'glove.txt');
    writeFileSync(file, text);
    return { kind: 'words', aggregate: 'max', file } as const;
  };
  const images = pictures([['red dog', 'dog'], ['dog unknown'], ['cat'], ['nothing here']]);

  test('captions are the means of their known words', async () => {
    const [first, second, third] = await matrixOf(write('the 9 9\nred 0 1\ndog 1 0\ncat 0 1\n'), images);
    const half = Math.SQRT1_2;
    expect(first[2]).toBeCloseTo(1, 6); // dog and dog
    expect(second[0]).toBeCloseTo(half, 6); // dog and (red + dog) / 2
    expect(first[3]).toBeCloseTo(half, 6);
    expect(third[0]).toBeCloseTo(half, 6);
    expect([first[4], second[4], third[4]]).toEqual([0, 0, 0]);
  });

  test('a file without their words is refused', async () => {
    expect(await problemOf(write('zebra 1 2\n'), images)).toBe('DIPTYCH_WORD_VECTORS');
  });
});

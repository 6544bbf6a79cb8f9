import { expect, test } from 'vitest';
import { metadataShown } from './metadata.ts';
import { summary } from './summary.ts';

test('metadata of people stands before that of files, captions stand elsewhere', () => {
  expect(
    metadataShown({ width: 3, kind: 'image', year: 2019, tags: ['a', 'b'], captions: ['x'], path: '/p', gone: null }),
  ).toEqual([
    ['year', '2019'],
    ['tags', 'a, b'],
    ['width', '3'],
    ['path', '/p'],
  ]);
});

test('one sentence on what is seen', () => {
  const index = { name: 'demo', rows: 3 };
  const around = { loaded: true, total: 12345 };
  const answers = { busy: false, answered: true, results: [1], next: null, milliseconds: 0.2 };
  expect(summary({ idle: true, index, answers, around })).toBe('12,345 pictures in demo');
  expect(summary({ idle: false, index, answers, around })).toBe('1 picture, best first, in 1 ms');
  expect(
    summary({
      idle: false,
      index,
      answers: { ...answers, results: { length: 60 }, next: 'x', milliseconds: 12.6 },
      around,
    }),
  ).toBe('60 pictures so far, best first, in 13 ms');
  expect(summary({ idle: false, index, answers: { ...answers, results: [] }, around })).toBe('No picture found');
  expect(summary({ idle: false, index, answers: { ...answers, answered: false, busy: true }, around })).toBe(
    'Searching …',
  );
});

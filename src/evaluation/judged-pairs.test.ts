import { expect, test } from 'vitest';
import { pairScores } from './judged-pairs.ts';
import { relationOf } from './relation.ts';
import { matrixScores } from './scores.ts';

const scores = matrixScores(Float64Array.of(0.11, 0.12, 0.13, 0.21, 0.22, 0.23), 3);

test('pictures by id, captions by position in their picture', () => {
  const relation = relationOf([
    { id: 'a.jpg', captions: [{ id: '70' }, { id: '71' }] },
    { id: 'b.jpg', captions: [{ id: '72' }] },
  ]);
  const scoreOf = pairScores(scores, relation);
  expect(scoreOf('b.jpg', 'a.jpg#1')).toBe(0.22); // in full precision: not rounded to float32
  expect(scoreOf('a.jpg', 'b.jpg#0')).toBe(0.13);
  expect(scoreOf('a.jpg', 'b.jpg#1')).toBeUndefined();
  expect(scoreOf('a.jpg', 'a.jpg#x')).toBeUndefined();
  expect(scoreOf('a.jpg', 'a.jpg#')).toBeUndefined();
  expect(scoreOf('a.jpg', 'a.jpg')).toBeUndefined();
  expect(scoreOf('c.jpg', 'a.jpg#0')).toBeUndefined();
});

test('pictures by file name, captions by id', () => {
  const relation = relationOf([
    { id: '1', captions: [{ id: 'a.jpg#0' }, { id: 'a.jpg#2' }] },
    { id: '2', captions: [{ id: 'b.jpg#2' }] },
  ]);
  const scoreOf = pairScores(scores, relation, ['/photos/a.jpg', undefined]);
  expect(scoreOf('a.jpg', 'a.jpg#2')).toBe(0.12); // the id, though it is the caption at position 1
  expect(scoreOf('2', 'b.jpg#2')).toBe(0.23);
  expect(scoreOf('b.jpg', 'b.jpg#2')).toBeUndefined();
});

import { expect, test } from 'vitest';
import { type Claim, describes } from './claim.ts';
import type { Scene } from './scene.ts';

/** A small red circle inside a large white ring on the left, and a blue star on the right. */
const scene: Scene = {
  objects: [
    { shape: 'ring', colour: 'white', size: 'large', row: 1, column: 0 },
    { shape: 'circle', colour: 'red', size: 'small', row: 1, column: 0, within: 0 },
    { shape: 'star', colour: 'blue', size: 'medium', row: 1, column: 2 },
  ],
  background: { colour: 'black', pattern: 'striped' },
};

const ring = { shape: 'ring', colour: 'white' } as const;
const circle = { shape: 'circle', colour: 'red' } as const;
const star = { shape: 'star', colour: 'blue' } as const;

test.each<[string, boolean, Claim]>([
  ['a red circle', true, { objects: [circle] }],
  ['a blue circle', false, { objects: [{ shape: 'circle', colour: 'blue' }] }],
  ['a small circle', true, { objects: [{ ...circle, size: 'small' }] }],
  ['a small star', false, { objects: [{ ...star, size: 'small' }] }],
  ['a star on the right', true, { objects: [{ ...star, column: 2 }] }],
  ['a star at the top', false, { objects: [{ ...star, row: 0 }] }],
  ['something blue and something red', true, { objects: [{ colour: 'blue' }, { colour: 'red' }] }],
  ['two red things', false, { objects: [{ colour: 'red' }, { colour: 'red' }] }],
  ['three things', true, { objects: [{}, {}, {}] }],
  ['four things', false, { objects: [{}, {}, {}, {}] }],
  ['nothing but a star', false, { objects: [star], count: 1 }],
  ['three shapes, one a star', true, { objects: [star], count: 3 }],
  ['on black', true, { objects: [], background: { colour: 'black' } }],
  ['on a plain black background', false, { objects: [], background: { colour: 'black', pattern: 'plain' } }],
])('%s: %s', (_, truth, claim) => {
  expect(describes(scene, claim)).toBe(truth);
});

test.each([
  ['circle inside ring', true, circle, 'inside', ring],
  ['ring inside circle', false, ring, 'inside', circle],
  ['ring around circle', true, ring, 'around', circle],
  ['star inside ring', false, star, 'inside', ring],
  ['circle left of star', true, circle, 'leftOf', star],
  ['star right of ring', true, star, 'rightOf', ring],
  ['star left of ring', false, star, 'leftOf', ring],
  ['circle left of ring', false, circle, 'leftOf', ring],
  ['star beside ring', true, star, 'beside', ring],
  ['circle beside ring', false, circle, 'beside', ring],
  ['star above ring', false, star, 'above', ring],
] as const)('%s: %s', (_, truth, subject, relation, object) => {
  const claim = { objects: [subject, object], relations: [{ relation, subject: 0, object: 1 }] };
  expect(describes(scene, claim)).toBe(truth);
});

test('above and below', () => {
  const [, , blueStar] = scene.objects;
  const over: Scene = {
    ...scene,
    objects: [
      { ...blueStar, row: 0 },
      { ...scene.objects[0], row: 2 },
    ],
  };
  const claim = (relation: 'above' | 'below'): Claim => ({
    objects: [star, ring],
    relations: [{ relation, subject: 0, object: 1 }],
  });
  expect(describes(over, claim('above'))).toBe(true);
  expect(describes(over, claim('below'))).toBe(false);
});

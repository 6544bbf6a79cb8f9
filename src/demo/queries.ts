/** @file The demo's searches: texts, and what they mean, so that an answer can be called a hit or a miss. */
import { type Claim, describes } from './claim.ts';
import type { Scene } from './scene.ts';

export interface DemoQuery {
  readonly text: string;
  readonly claim: Claim;
}

/** No training scene satisfies any of them: each asks for a combination that the model has never seen. */
export const demoQueries: readonly DemoQuery[] = [
  {
    text: 'a red circle above a blue square',
    claim: {
      objects: [
        { shape: 'circle', colour: 'red' },
        { shape: 'square', colour: 'blue' },
      ],
      relations: [{ relation: 'above', subject: 0, object: 1 }],
    },
  },
  {
    text: 'a small yellow star inside a large purple ring',
    claim: {
      objects: [
        { shape: 'star', colour: 'yellow', size: 'small' },
        { shape: 'ring', colour: 'purple', size: 'large' },
      ],
      relations: [{ relation: 'inside', subject: 0, object: 1 }],
    },
  },
  {
    text: 'a green triangle to the left of a pink heart',
    claim: {
      objects: [
        { shape: 'triangle', colour: 'green' },
        { shape: 'heart', colour: 'pink' },
      ],
      relations: [{ relation: 'leftOf', subject: 0, object: 1 }],
    },
  },
  {
    text: 'a black diamond below a yellow circle',
    claim: {
      objects: [
        { shape: 'diamond', colour: 'black' },
        { shape: 'circle', colour: 'yellow' },
      ],
      relations: [{ relation: 'below', subject: 0, object: 1 }],
    },
  },
  {
    text: 'a white cross to the right of an orange moon on a dark blue background',
    claim: {
      objects: [
        { shape: 'cross', colour: 'white' },
        { shape: 'moon', colour: 'orange' },
      ],
      relations: [{ relation: 'rightOf', subject: 0, object: 1 }],
      background: { colour: 'dark blue' },
    },
  },
  {
    text: 'a blue ring around a red heart',
    claim: {
      objects: [
        { shape: 'ring', colour: 'blue' },
        { shape: 'heart', colour: 'red' },
      ],
      relations: [{ relation: 'around', subject: 0, object: 1 }],
    },
  },
  {
    text: 'a big white star in the centre on a dark blue background',
    claim: {
      objects: [{ shape: 'star', colour: 'white', size: 'large', row: 1, column: 1 }],
      background: { colour: 'dark blue' },
    },
  },
  {
    text: 'a brown square in the bottom left corner on a light green background',
    claim: {
      objects: [{ shape: 'square', colour: 'brown', row: 2, column: 0 }],
      background: { colour: 'light green' },
    },
  },
  {
    text: 'a purple cross, an orange circle and a green square',
    claim: {
      objects: [
        { shape: 'cross', colour: 'purple' },
        { shape: 'circle', colour: 'orange' },
        { shape: 'square', colour: 'green' },
      ],
    },
  },
  {
    text: 'a pink moon in the top right corner on a dotted black background',
    claim: {
      objects: [{ shape: 'moon', colour: 'pink', row: 0, column: 2 }],
      background: { colour: 'black', pattern: 'dotted' },
    },
  },
];

/** Whether a scene is an answer to a query. */
export function satisfies(scene: Scene, query: DemoQuery): boolean {
  return describes(scene, query.claim);
}

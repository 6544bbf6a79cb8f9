/** @file How one to three objects are arranged. */
import type { Random } from '../random/random.ts';
import type { SceneObject, Size, Third } from './scene.ts';

/** The place of one object, and the sizes that fit there. */
export interface Slot extends Pick<SceneObject, 'row' | 'column' | 'within'> {
  readonly sizes: readonly Size[];
  /** Whether another object lies within this one. */
  readonly holds?: boolean;
}

export interface Layout {
  readonly objects: number;
  /** How often it is drawn, relative to the others. */
  readonly weight: number;
  readonly draw: (random: Random) => readonly Slot[];
}

const third = (random: Random): Third => random.integer(3) as Third;
const all: readonly Size[] = ['small', 'medium', 'large'];
const narrow: readonly Size[] = ['small', 'medium'];

const at = (row: Third, column: Third, sizes = all): Slot => ({ row, column, sizes });

/** Exchanges rows and columns. */
const turned = (slots: readonly Slot[]): Slot[] =>
  slots.map((slot) => ({ ...slot, row: slot.column, column: slot.row }));

/** As it is or with rows and columns exchanged, evenly. */
const eitherWay = (random: Random, slots: readonly Slot[]) => (random.integer(2) === 0 ? slots : turned(slots));

/** One object within another that stands at a place. */
function holding(row: Third, column: Third, innerSizes: readonly Size[]): Slot[] {
  return [
    { row, column, sizes: ['large'], holds: true },
    { row, column, sizes: innerSizes, within: 0 },
  ];
}

export const layouts = {
  /** Anywhere. */
  one: { objects: 1, weight: 4, draw: (random) => [at(third(random), third(random))] },
  /** One above the other, or one beside the other. */
  pair: {
    objects: 2,
    weight: 5,
    draw(random) {
      const column = third(random);
      return eitherWay(random, random.shuffle([at(0, column), at(2, column)]));
    },
  },
  /** In opposite corners. */
  diagonal: {
    objects: 2,
    weight: 2,
    draw(random) {
      const column: Third = random.integer(2) === 0 ? 0 : 2;
      return random.shuffle([at(0, column), at(2, (2 - column) as Third)]);
    },
  },
  /** One within the other. */
  inside: { objects: 2, weight: 3, draw: (random) => holding(third(random), third(random), narrow) },
  /** Three in a row or in a column. */
  line: {
    objects: 3,
    weight: 2,
    draw(random) {
      const row = third(random);
      return eitherWay(random, random.shuffle([at(row, 0, narrow), at(row, 1, narrow), at(row, 2, narrow)]));
    },
  },
  /** Two in the corners of one side, the third in the middle of the opposite side. */
  triangle: {
    objects: 3,
    weight: 2,
    draw(random) {
      const row: Third = random.integer(2) === 0 ? 0 : 2;
      return eitherWay(random, random.shuffle([at(row, 0), at(row, 2), at((2 - row) as Third, 1)]));
    },
  },
  /** One within another, and a third on the other side. */
  insideAndBeside: {
    objects: 3,
    weight: 2,
    draw(random) {
      const column: Third = random.integer(2) === 0 ? 0 : 2;
      return eitherWay(random, [...holding(1, column, ['small']), at(1, (2 - column) as Third)]);
    },
  },
} as const satisfies Record<string, Layout>;

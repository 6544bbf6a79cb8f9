import { expect, test } from 'vitest';
import { aligned, chartsOf, curveOf, type Records } from './curves.ts';

const records: Records = [
  { kind: 'train', step: 10, epoch: 0, values: { loss: 4, 'infonce.logitScale': 14 } },
  { kind: 'evaluation', step: 10, epoch: 0, values: { rsum: 100, i2tR1: 5, i2tR5: 9 } },
  { kind: 'timing', step: 10, epoch: 0, values: { seconds: 3, pairsPerSecond: 30, waiting: 0.1 } },
  { kind: 'train', step: 20, epoch: 1, values: { loss: 3, 'infonce.logitScale': 15 } },
];

test('the charts of what there is, the telling ones first', () => {
  expect(chartsOf([records]).map(({ title }) => title)).toEqual([
    'Loss',
    'rSum on the validation split',
    'R@1 image → text',
    'Pairs a second',
    'infonce.logitScale',
  ]);
  expect(chartsOf([[]])).toEqual([]);
});

test('curves of several runs share their steps', () => {
  const [loss] = chartsOf([records]);
  expect(curveOf(records, loss)).toEqual([
    [10, 4],
    [20, 3],
  ]);
  expect(
    aligned([
      curveOf(records, loss),
      [
        [15, 1],
        [20, 2],
      ],
    ]),
  ).toEqual([
    [10, 15, 20],
    [4, null, 3],
    [null, 1, 2],
  ]);
  expect(aligned([])).toEqual([[]]);
});

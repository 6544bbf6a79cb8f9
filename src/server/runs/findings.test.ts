import { expect, test } from 'vitest';
import { type Evaluated, findingsOfEvaluation, findingsOfLogs } from './findings.ts';

const verdicts = (findings: readonly { name: string; verdict: string }[]): Record<string, string> =>
  Object.fromEntries(findings.map(({ name, verdict }) => [name, verdict]));
const moments = (values: readonly number[], name: string) =>
  values.map((value, i) => ({ step: 10 * (i + 1), epoch: i, [name]: value }));

function logs(losses: readonly number[], scores: readonly number[], gradients: readonly number[], waiting: number) {
  return {
    training: moments(losses, 'loss').map((moment, i) => ({ ...moment, gradientNorm: gradients[i] ?? 1 })),
    evaluations: moments(scores, 'rsum') as never,
    timings: losses.map((_, i) => ({ step: 10 * (i + 1), seconds: i, pairsPerSecond: 9, waiting })),
  };
}

test('a healthy run is told so, point by point', () => {
  const found = findingsOfLogs(logs([4, 3, 2, 1.5], [100, 200, 300, 301, 302, 300], [1, 2, 1, 1], 0.1));
  expect(verdicts(found)).toEqual({ Loss: 'fine', 'Best score': 'fine', Gradient: 'fine', 'Waiting for data': 'fine' });
  expect(found.every(({ cure }) => cure === '')).toBe(true);
});

test('each ill is named with a cure', () => {
  const found = findingsOfLogs(logs([4, 4.1, 4, 4], [100, 300, 250], [1, 1, 1, 400], 0.6));
  expect(verdicts(found)).toEqual({
    Loss: 'bad',
    'Best score': 'watch',
    Gradient: 'watch',
    'Waiting for data': 'bad',
  });
  expect(found.every(({ cure }) => cure !== '')).toBe(true);
  expect(found[1]).toMatchObject({ value: 'rSum 300.0 at step 20, now 250.0' });
  expect(findingsOfLogs(logs([4, 3], [100, 200, 300], [], 0))[0]).toMatchObject({ meaning: 'It is still rising.' });
});

test('nothing is said of what is not known yet', () => {
  expect(findingsOfLogs({ training: [], evaluations: [], timings: [] })).toEqual([]);
});

const good: Evaluated = {
  rsum: 300,
  chance: 20,
  imageToText: { r1: 40, r5: 60, r10: 70, medianRank: 2, meanRank: 8 },
  textToImage: { r1: 35, r5: 55, r10: 65, medianRank: 3, meanRank: 9 },
  images: 100,
  captions: 500,
  tied: 2,
};

test('an evaluation tells of chance, ties, directions and lost queries', () => {
  expect(new Set(Object.values(verdicts(findingsOfEvaluation(good))))).toEqual(new Set(['fine']));
  const poor = { ...good, rsum: 30, tied: 100, imageToText: { ...good.imageToText, r1: 10 } };
  const lost = { ...poor, textToImage: { ...good.textToImage, meanRank: 90 } };
  expect(verdicts(findingsOfEvaluation(lost))).toEqual({
    'Above chance': 'bad',
    Ties: 'bad',
    'Both directions': 'watch',
    'Lost queries': 'watch',
  });
});

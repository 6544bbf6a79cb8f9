/** @file Fragment matching against loops over images and captions; what it reads of padding; no gradient; memory. */
import { describe, expect, test } from 'vitest';
import { resolveDim } from '../../graph/dims.ts';
import { evaluate } from '../../graph/evaluate/evaluate.ts';
import { add } from '../../graph/ops/elementwise.ts';
import { input } from '../../graph/ops/leaves.ts';
import { orderNodes, type Tensor } from '../../graph/tensor.ts';
import { expectClose, normalValue, probe } from '../../graph/testing/check.ts';
import { runOnnx } from '../../graph/testing/onnx.ts';
import type { Value } from '../../graph/values.ts';
import { inOneGroup, sideBySide } from './fragments.ts';
import { type Matching, type MatchingOptions, matchFragments } from './matching.ts';
import { descendingLengths, regionBatch, wordBatch } from './testing/batch.ts';
import { reachedBy } from './testing/reach.ts';

const [d, best, regionWidth] = [6, 4, 7];
const widths = [3, 5, 8];

/** 35 images, more than are compared at a time; captions of 1 to 8 words, some shorter than K. */
const pairs = 35;
const images = regionBatch('image', [2, ...descendingLengths(pairs - 1, 1, 6, 'regions')].reverse(), regionWidth, d);
const texts = wordBatch('text', [8, 8, ...descendingLengths(pairs - 3, 2, 7, 'words'), 1], widths, d);
const regionPadding = input('regionPadding', [d]);
const wordPadding = input('wordPadding', [d]);
const feeds = new Map<string, Value>([
  ...images.feeds,
  ...texts.feeds,
  ['regionPadding', normalValue([d], 'region padding')],
  ['wordPadding', normalValue([d], 'word padding')],
]);

function matchingOf(options: MatchingOptions, padded: boolean): Matching {
  const regions = inOneGroup({ fragments: images.fragments, ...(padded && { padding: regionPadding }) }, best);
  const words = sideBySide({ fragments: texts.fragments, ...(padded && { padding: wordPadding }) }, best);
  return matchFragments(regions, words, options);
}

const dot = (a: readonly number[], b: readonly number[]) => a.reduce((total, x, i) => total + x * b[i], 0);
const unit = (a: readonly number[]) => {
  const length = Math.max(Math.sqrt(dot(a, a)), 1e-12);
  return a.map((x) => x / length);
};
const norm = (a: readonly number[]) => Math.max(Math.sqrt(dot(a, a)), 1e-12);
const mean = (a: readonly number[]) => a.reduce((x, y) => x + y, 0) / a.length;
const largest = (a: readonly number[]) => {
  const sorted = [...a].sort((x, y) => y - x).slice(0, best);
  return [...sorted, ...Array(best - sorted.length).fill(0)];
};

/** The formulas for one caption and one image; `words` are those read, the first `own` the caption's. */
function loop(words: readonly number[][], own: number, regions: readonly number[][], form: MatchingOptions['form']) {
  const leaky = (x: number) => (x > 0 ? x : 0.1 * x);
  const s = words.map((t) => regions.map((r) => (form === 'paper' ? dot(t, r) : leaky(dot(unit(t), unit(r))))));
  const columns = regions.map((_, k) => s.map((line) => line[k]));
  const scale = (length: number) => (form === 'paper' ? 1 : length);
  const row = s.map((line) => Math.max(...line.map((x, k) => x / scale(norm(columns[k])))));
  const col = columns.map((column) => Math.max(...column.slice(0, own).map((x, w) => x / scale(norm(s[w])))));
  return { P_TI: mean(row.slice(0, own)), q_TI: largest(row), P_IT: mean(col), q_IT: largest(col) };
}

/** All pairs by loops, in the shape of a `Matching`. */
function byLoops(
  { form, padding }: MatchingOptions,
  filler: { region: number[]; word: number[] },
): Record<keyof Matching, Value> {
  const reads = form === 'official' && padding === 'read';
  const widest = Math.max(best, ...images.sequences.map((one) => one.length));
  const filled = (sequence: readonly number[][], count: number, with_: number[]) =>
    reads ? [...sequence, ...Array.from({ length: Math.max(0, count - sequence.length) }, () => with_)] : [...sequence];
  const one = (i: number, j: number) =>
    loop(
      filled(texts.sequences[j], best, filler.word),
      texts.sequences[j].length,
      filled(images.sequences[i], widest, filler.region),
      form,
    );
  const all = Array.from({ length: pairs }, (_, a) =>
    Array.from({ length: pairs }, (_, b) => [one(a, b), one(b, a)] as const),
  );
  const value = (rest: number[], numbers: number[]): Value => ({
    shape: [pairs, pairs, ...rest],
    data: Float64Array.from(numbers),
  });
  return {
    imageToText: value(
      [],
      all.flat().map(([own]) => own.P_IT),
    ),
    textToImage: value(
      [],
      all.flat().map(([, turned]) => turned.P_TI),
    ),
    bestRegions: value(
      [best],
      all.flat().flatMap(([own]) => own.q_IT),
    ),
    bestWords: value(
      [best],
      all.flat().flatMap(([, turned]) => turned.q_TI),
    ),
  };
}

describe('equals loops over images and captions', () => {
  const zeros: number[] = Array(d).fill(0);
  const given = { region: [...feeds.get('regionPadding')!.data], word: [...feeds.get('wordPadding')!.data] };
  test.each<[string, MatchingOptions, boolean]>([
    ['official, padding read as zeros', { form: 'official', best, padding: 'read' }, false],
    ['official, padding read as the tower makes it', { form: 'official', best, padding: 'read' }, true],
    ['official, padding masked', { form: 'official', best, padding: 'masked' }, false],
    ['official, padding masked whatever it holds', { form: 'official', best, padding: 'masked' }, true],
    ['paper', { form: 'paper', best, padding: 'masked' }, false],
    ['paper, which never reads padding', { form: 'paper', best, padding: 'read' }, true],
  ])('%s', async (_, options, padded) => {
    const tensors = Object.entries(matchingOf(options, padded)) as [keyof Matching, Tensor][];
    const expected = byLoops(options, padded ? given : { region: zeros, word: zeros });
    const outputs = tensors.map(([, tensor]) => tensor);
    evaluate(outputs, feeds).forEach((value, i) => {
      expectClose(value, expected[tensors[i][0]], 1e-6, tensors[i][0]);
    });
    (await runOnnx(outputs, feeds)).forEach((value, i) => {
      expectClose(value, expected[tensors[i][0]], 2e-5, `${tensors[i][0]} in ONNX Runtime`);
    });
  });
});

test.each(['official', 'paper'] as const)('%s: no gradient reaches fragments or padding', (form) => {
  const matching = Object.values(matchingOf({ form, best, padding: 'read' }, true)) as Tensor[];
  const leaves = { image: images.fragments.rows, text: texts.fragments.rows, regionPadding, wordPadding };
  expect(
    reachedBy(
      matching.map(probe).reduce((a, b) => add(a, b)),
      leaves,
    ),
  ).toEqual([]);
});

test('regions in several groups are brought into one, padded as the tower pads', () => {
  const groups = wordBatch('image', [5, 3, 2], [5, 3], d);
  const { x, lengths } = inOneGroup({ fragments: groups.fragments, padding: regionPadding }, 6);
  const filler = [...feeds.get('regionPadding')!.data];
  const [value, count] = evaluate([x, lengths], new Map([...feeds, ...groups.feeds]));
  const expected = groups.sequences.map((own) => [...own, ...Array.from({ length: 6 - own.length }, () => filler)]);
  expect(value.shape).toEqual([3, 6, d]);
  expect([...value.data]).toEqual(expected.flat(2));
  expect([...count.data]).toEqual([5, 3, 2]);
});

test('no tensor holds more than the words of a group times the regions of 32 images', () => {
  const [pairsOfBatch, wide] = [128, 36];
  const many = regionBatch('image', Array(pairsOfBatch).fill(wide), wide, d);
  const lengths = descendingLengths(pairsOfBatch, 4, 20, 'captions');
  const captions = wordBatch('text', lengths, [8, 16, 24], d);
  const matching = matchFragments(inOneGroup(many, 10), sideBySide(captions, 10), {
    form: 'official',
    best: 10,
    padding: 'masked',
  });
  const sizes = new Map<string, number>();
  for (const { op, attributes } of orderNodes(Object.values(matching))) {
    if (op !== 'input') continue;
    const { name, shape } = attributes as { name: string; shape: readonly (number | string)[] };
    const value = new Map([...many.feeds, ...captions.feeds]).get(name)!;
    shape.forEach((dim, axis) => {
      if (typeof dim === 'string') sizes.set(dim, value.shape[axis]);
    });
  }
  const counts = orderNodes(Object.values(matching)).flatMap(({ outputs }) =>
    outputs.map(({ shape }) => shape.reduce<number>((product, dim) => product * resolveDim(dim, sizes), 1)),
  );
  const words = Math.max(...[8, 16, 24].map((width) => Math.max(width, 10) * sizes.get(`text_w${width}`)!));
  const between = words * 32 * wide;
  const results = pairsOfBatch * pairsOfBatch * wide;
  expect(Math.max(...counts)).toBeLessThanOrEqual(Math.max(between, results));
  expect(between * 4).toBeLessThan(8e6); // bytes
});

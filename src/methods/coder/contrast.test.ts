import { describe, expect, test } from 'vitest';
import { evaluate } from '../../graph/evaluate/evaluate.ts';
import { gradient } from '../../graph/gradient.ts';
import { add, multiply, not } from '../../graph/ops/elementwise.ts';
import { constant, input } from '../../graph/ops/leaves.ts';
import { sum } from '../../graph/ops/reduce.ts';
import { transpose } from '../../graph/ops/shape.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { expectClose, expectGradient, normalValue } from '../../graph/testing/check.ts';
import { runOnnx } from '../../graph/testing/onnx.ts';
import type { Value } from '../../graph/values.ts';
import { expectGolden, type GoldenArray, type GoldenCase, readGolden } from '../../nn/testing/golden.ts';
import { diagonal, sameImage } from '../objectives/relation.ts';
import {
  atOwnTemperatures,
  type Comparison,
  effectiveShare,
  logLearntWeights,
  logSpreadWeights,
  memoryContrast,
  unifiedContrast,
  weightedNce,
} from './contrast.ts';
import { branchContrast } from './dictionary.ts';

const golden = readGolden<Record<'info_nce', GoldenCase> & Record<'imageIds', GoldenArray>>(
  '../objectives/golden/losses.json',
  import.meta.url,
);
const ids = golden.imageIds.data;
const size = ids.length;
const same = sameImage(constant(ids, [size], 'int32'));
const counted = not(same);
const isCounted = (i: number, j: number) => ids[i] !== ids[j];
const range = (count: number) => Array.from({ length: count }, (_, i) => i);

describe('weights by the spread of an anchor’s negatives', () => {
  test('κ = 0 is InfoNCE in both directions, value and gradients', async () => {
    await expectGolden(golden.info_nce, ({ S, s }) => {
      const one = (scores: Tensor) => {
        const comparison: Comparison = { positives: diagonal(scores), negatives: scores, counted };
        return weightedNce(comparison, logSpreadWeights(comparison, 0), s);
      };
      return multiply(add(one(S), one(transpose(S))), 0.5);
    });
  });

  const negatives = input('n', [size, size]);
  const n = normalValue([size, size], 'negatives');
  const at = (i: number, j: number) => n.data[i * size + j];

  test('weights, share and loss by the book', () => {
    const p = normalValue([size], 'positives');
    const comparison: Comparison = { positives: input('p', [size]), negatives, counted };
    const logs = logSpreadWeights(comparison, 1.5);
    const fed = new Map([
      ['n', n],
      ['p', p],
    ]);
    const [found, share, loss] = evaluate(
      [logs, effectiveShare(logs, counted), weightedNce(comparison, logs, 1 / 0.07)],
      fed,
    );
    let [totalShare, totalLoss] = [0, 0];
    for (const i of range(size)) {
      const list = range(size).filter((j) => isCounted(i, j));
      const mean = list.reduce((total, j) => total + at(i, j), 0) / list.length;
      const deviation = Math.sqrt(list.reduce((total, j) => total + (at(i, j) - mean) ** 2, 0) / list.length);
      const powers = list.map((j) => Math.exp((1.5 * (at(i, j) - mean)) / (deviation + 1e-6)));
      const w = powers.map((x) => (list.length * x) / powers.reduce((a, b) => a + b));
      list.forEach((j, k) => {
        expect(found.data[i * size + j]).toBeCloseTo(Math.log(w[k]), 6);
      });
      expect(w.reduce((a, b) => a + b) / list.length).toBeCloseTo(1, 12);
      totalShare += w.reduce((a, b) => a + b) ** 2 / (list.length * w.reduce((a, b) => a + b * b, 0));
      const positive = Math.exp(p.data[i] / 0.07);
      totalLoss += Math.log((positive + list.reduce((t, j, k) => t + w[k] * Math.exp(at(i, j) / 0.07), 0)) / positive);
    }
    expect(share.data[0]).toBeCloseTo(totalShare / size, 6);
    expect(loss.data[0]).toBeCloseTo(totalLoss / size, 5);
  });

  test('a large κ leaves the hardest negative alone', () => {
    const [logs] = evaluate([logSpreadWeights({ positives: negatives, negatives, counted }, 1e4)], new Map([['n', n]]));
    for (const i of range(size)) {
      const list = range(size).filter((j) => isCounted(i, j));
      const hardest = list.reduce((best, j) => (at(i, j) > at(i, best) ? j : best));
      expect(Math.exp(logs.data[i * size + hardest])).toBeCloseTo(list.length, 4);
      for (const j of list) if (j !== hardest) expect(logs.data[i * size + j]).toBeLessThan(-50);
    }
  });

  test('κ = 1 on 4096 Gaussian similarities keeps about 1/e of them', () => {
    const many = input('many', [4, 4096]);
    const all = constant(new Uint8Array(4 * 4096).fill(1), [4, 4096], 'bool');
    const logs = logSpreadWeights({ positives: many, negatives: many, counted: all }, 1);
    const gauss = normalValue([4, 4096], 'gauss');
    const [share, weights] = evaluate([effectiveShare(logs, all), logs], new Map([['many', gauss]]));
    expect(share.data[0]).toBeGreaterThan(0.34);
    expect(share.data[0]).toBeLessThan(0.42);
    const largest = Math.exp(Math.max(...weights.data));
    expect(largest).toBeGreaterThan(12);
    expect(largest).toBeLessThan(40);
  });

  test('the gradient is that of the loss with its weights held', () => {
    const positives = input('p', [size]);
    const comparison: Comparison = { positives, negatives, counted };
    const logs = logSpreadWeights(comparison, 2);
    const fed: [string, Value][] = [
      ['n', n],
      ['p', normalValue([size], 'positives')],
    ];
    const [held] = evaluate([logs], new Map(fed));
    const fixed = weightedNce(comparison, input('w', [size, size]), 5);
    expectGradient(fixed, new Map([...fed, ['w', held] as const]), 1e-5);
    const wanted = { n: negatives, p: positives };
    const own = gradient(weightedNce(comparison, logs, 5), wanted);
    const other = gradient(fixed, wanted);
    const results = evaluate([own.n, own.p, other.n, other.p], new Map([...fed, ['w', held] as const]));
    expectClose(results[0], results[2], 1e-7);
    expectClose(results[1], results[3], 1e-7);
    expect(Math.max(...results[0].data.map(Math.abs))).toBeGreaterThan(0.01);
  });

  test('entries of the same image change nothing, and take no gradient', () => {
    const comparison: Comparison = { positives: input('p', [size]), negatives, counted };
    const loss = weightedNce(comparison, logSpreadWeights(comparison, 1), 10);
    const p = normalValue([size], 'positives');
    const of = (value: Value) =>
      evaluate(
        [loss, gradient(loss, { n: negatives }).n],
        new Map([
          ['n', value],
          ['p', p],
        ]),
      );
    const altered = { ...n, data: n.data.map((x, at) => (isCounted(Math.floor(at / size), at % size) ? x : x + 3)) };
    const [before, after] = [of(n), of(altered)];
    expect(after[0].data[0]).toBe(before[0].data[0]);
    expect([...after[1].data]).toEqual([...before[1].data]);
    range(size * size).forEach((at) => {
      if (!isCounted(Math.floor(at / size), at % size)) expect(before[1].data[at]).toBe(0);
    });
  });

  test('anchors without negatives, or with equal ones, cost what they should, without NaN', async () => {
    const none = constant(new Uint8Array(size * size), [size, size], 'bool');
    const positives = input('p', [size]);
    const flat = { shape: [size, size], data: new Float64Array(size * size).fill(0.25) };
    const lossWith = (mask: Tensor) => {
      const comparison = { positives, negatives, counted: mask };
      return weightedNce(comparison, logSpreadWeights(comparison, 1), 10);
    };
    const fed = new Map<string, Value>([
      ['n', flat],
      ['p', { shape: [size], data: new Float64Array(size).fill(0.5) }],
    ]);
    const tensors = [lossWith(none), gradient(lossWith(none), { n: negatives }).n, lossWith(counted)];
    for (const results of [evaluate(tensors, fed), await runOnnx(tensors, fed)]) {
      expect(results[0].data[0]).toBeCloseTo(0, 6);
      expect([...results[1].data]).toEqual(Array(size * size).fill(0));
      const expected = range(size).map((i) =>
        Math.log(1 + range(size).filter((j) => isCounted(i, j)).length * Math.exp(-2.5)),
      );
      expect(results[2].data[0]).toBeCloseTo(expected.reduce((a, b) => a + b) / size, 4);
    }
  });
});

describe('the other readings', () => {
  const S = input('S', [size, size]);
  const s = normalValue([size, size], 'scores');
  s.data.forEach((x, i) => {
    s.data[i] = Math.tanh(x / 2);
  });
  const at = (i: number, j: number) => s.data[i * size + j];
  const others = (i: number) => range(size).filter((j) => isCounted(i, j));
  const fed = new Map([['S', s]]);

  test('dcl-u by the book', () => {
    const [a, e] = [9, 0.5];
    const loss = unifiedContrast({ positives: diagonal(S), negatives: S, counted }, { scale: a, threshold: e });
    const expected = range(size).map((i) => {
      const negatives = others(i).reduce((total, j) => total + Math.exp(a * (at(i, j) - e)), 0);
      return Math.log(1 + negatives) / a - Math.log(1 + Math.max(0, at(i, i))) / 2;
    });
    expect(evaluate([loss], fed)[0].data[0]).toBeCloseTo(expected.reduce((x, y) => x + y) / size, 7);
    expectGradient(loss, fed, 1e-5);
  });

  test('dcl-h by the book, its weights without gradient', async () => {
    const length = 7;
    const queues = { image: normalValue([size, length], 'qi'), text: normalValue([size, length], 'qt') };
    const queueIds = [0, 9, 2, 8, 1, 7, 6];
    const free = (i: number, k: number) => ids[i] !== queueIds[k];
    const mask = Uint8Array.from({ length: size * length }, (_, at) =>
      Number(free(Math.floor(at / length), at % length)),
    );
    const options = { form: 'dcl-h', scale: 6, threshold: 0.3, hardness: 4, nearest: 3 } as const;
    const queued = {
      image: input('qi', [size, length]),
      text: input('qt', [size, length]),
      counted: constant(mask, [size, length], 'bool'),
    };
    const loss = memoryContrast(S, same, queued, options);
    const crowd = (value: Value) =>
      range(size).map((i) =>
        range(length)
          .filter((k) => free(i, k))
          .map((k) => value.data[i * length + k])
          .sort((x, y) => y - x)
          .slice(0, 3)
          .reduce((total, x) => total + Math.exp(4 * x - 0.3), 0),
      );
    const [crowds, captionCrowds] = [crowd(queues.image), crowd(queues.text)];
    const weight = (i: number, j: number) => {
      const near = crowds[i] + captionCrowds[j];
      return near / (near + Math.exp(4 * at(i, i)) + Math.exp(4 * at(j, j)));
    };
    const expected = range(size).reduce((total, i) => {
      const along = (pair: (j: number) => [number, number]) =>
        Math.log(1 + others(i).reduce((sum, j) => sum + Math.exp(6 * weight(...pair(j)) * (at(...pair(j)) - 0.3)), 0)) /
        6;
      const own = Math.log(1 + Math.max(0, weight(i, i) * at(i, i)));
      return total + along((j) => [i, j]) + along((j) => [j, i]) - own;
    }, 0);
    const all = new Map([...fed, ['qi', queues.image] as const, ['qt', queues.text] as const]);
    expect(evaluate([loss], all)[0].data[0]).toBeCloseTo(expected / size, 6);
    expect((await runOnnx([loss], all))[0].data[0]).toBeCloseTo(expected / size, 4);
    const slopes = gradient(loss, { qi: queued.image, qt: queued.text });
    for (const { data } of evaluate([slopes.qi, slopes.qt], all)) expect(data.every((x) => x === 0)).toBe(true);
  });

  test('dcl-m: weights of mean 1 by a sigmoid of a linear head, which alone is trained by them', () => {
    const width = 3;
    const head = { anchor: input('a', [1, width]), key: input('k', [1, width]), bias: input('b', []) };
    const [v, q] = [input('v', [size, width]), input('q', [size, width])];
    const names = { a: [1, width], k: [1, width], b: [], v: [size, width], q: [size, width] };
    const feeds = new Map(Object.entries(names).map(([name, shape]) => [name, normalValue(shape, name)]));
    const logs = logLearntWeights(head, v, [q], counted);
    const dot = (x: string, i: number, y: string) =>
      range(width).reduce((t, k) => t + feeds.get(x)!.data[i * width + k] * feeds.get(y)!.data[k], 0);
    const [found] = evaluate([logs], feeds);
    for (const i of range(size)) {
      const sigmoids = others(i).map(
        (j) => 1 / (1 + Math.exp(-(dot('v', i, 'a') + dot('q', j, 'k') + feeds.get('b')!.data[0]))),
      );
      const mean = sigmoids.reduce((x, y) => x + y) / sigmoids.length;
      others(i).forEach((j, k) => {
        expect(Math.exp(found.data[i * size + j])).toBeCloseTo(sigmoids[k] / mean, 6);
      });
    }
    const slopes = gradient(sum(multiply(logs, normalMask())), { ...head, v, q });
    const [key, anchors, keys] = evaluate([slopes.key, slopes.v, slopes.q], feeds);
    expect(key.data.some((x) => x !== 0)).toBe(true);
    for (const { data } of [anchors, keys]) expect(data.every((x) => x === 0)).toBe(true);
  });

  test('dcl-t: InfoNCE at a temperature of each anchor, whose head alone is trained by it', () => {
    const width = 3;
    const head = { anchor: input('a', [1, width]), bias: input('b', []) };
    const v = input('v', [size, width]);
    const shapes = { a: [1, width], b: [], v: [size, width] };
    const feeds = new Map([
      ...fed,
      ...Object.entries(shapes).map(([name, of]) => [name, normalValue(of, name)] as const),
    ]);
    const own = atOwnTemperatures({ positives: diagonal(S), negatives: S, counted }, head, v);
    const loss = weightedNce(own, undefined, 5);
    const data = (name: string) => feeds.get(name)!.data;
    const expected = range(size).map((i) => {
      const g = range(width).reduce((t, k) => t + data('a')[k] * data('v')[i * width + k], data('b')[0]);
      const scale = (5 * 2) / (1 + Math.exp(-g));
      const negatives = others(i).reduce((total, j) => total + Math.exp(scale * at(i, j)), 0);
      return Math.log(Math.exp(scale * at(i, i)) + negatives) - scale * at(i, i);
    });
    expect(evaluate([loss], feeds)[0].data[0]).toBeCloseTo(expected.reduce((x, y) => x + y) / size, 6);
    const slopes = gradient(loss, { ...head, v });
    const [anchor, bias, anchors] = evaluate([slopes.anchor, slopes.bias, slopes.v], feeds);
    for (const { data: slope } of [anchor, bias]) expect(slope.some((x) => Math.abs(x) > 1e-6)).toBe(true);
    expect(anchors.data.every((x) => x === 0)).toBe(true);
    // A head that says nothing leaves the common temperature.
    const silent = new Map(feeds).set('a', { shape: [1, width], data: new Float64Array(width) });
    silent.set('b', { shape: [], data: Float64Array.of(0) });
    const plain = weightedNce({ positives: diagonal(S), negatives: S, counted }, undefined, 5);
    const [one, two] = evaluate([loss, plain], silent);
    expect(one.data[0]).toBeCloseTo(two.data[0], 12);
  });

  /** Weights 1 where something is counted. */
  function normalMask(): Tensor {
    const data = range(size * size).map((at) => (isCounted(Math.floor(at / size), at % size) ? (at % 3) + 1 : 0));
    return constant(data, [size, size]);
  }
});

describe('a branch', () => {
  const width = 4;
  const unit = (shape: number[], name: string): Value => {
    const value = normalValue(shape, name);
    for (let row = 0; row < shape[0]; row++) {
      const vector = value.data.subarray(row * width, (row + 1) * width);
      const length = Math.hypot(...vector);
      vector.forEach((x, k) => {
        vector[k] = x / length;
      });
    }
    return value;
  };
  const length = 6;
  const feeds = new Map<string, Value>([
    ...['v', 'u', 'vk', 'uk'].map((name) => [name, unit([size, width], name)] as const),
    ...['qv', 'qu'].map((name) => [name, unit([length, width], name)] as const),
  ]);
  const t = Object.fromEntries([...feeds].map(([name, { shape }]) => [name, input(name, shape)]));
  const online = { image: t.v, text: t.u };
  const queueIds = [0, 9, 2, 8, -1, 7];
  const sameQueue = constant(
    ids.flatMap((id) => queueIds.map((other) => Number(id === other))),
    [size, length],
    'bool',
  );
  const everything = constant(new Uint8Array(size * length).fill(1), [size, length], 'bool');
  const dictionary = (masked: Tensor) => ({
    batch: { image: t.vk, text: t.uk },
    queue: { image: t.qv, text: t.qu },
    same: masked,
  });
  const plain = { weighting: { form: 'dcl', sharpness: 0 }, batchWeight: 0 } as const;
  const dot = (x: string, i: number, y: string, j: number) =>
    range(width).reduce((total, k) => total + feeds.get(x)!.data[i * width + k] * feeds.get(y)!.data[j * width + k], 0);
  const nce = (anchor: string, key: string, queue: string | undefined) =>
    range(size).reduce((total, i) => {
      const logits = [
        dot(anchor, i, key, i),
        ...range(size)
          .filter((j) => isCounted(i, j))
          .map((j) => dot(anchor, i, key, j)),
        ...(queue
          ? range(length)
              .filter((k) => queueIds[k] !== ids[i])
              .map((k) => dot(anchor, i, queue, k))
          : []),
      ];
      return total + Math.log(logits.reduce((sum, x) => sum + Math.exp(x / 0.07), 0)) - logits[0] / 0.07;
    }, 0) / size;
  const lossOf = (masked: Tensor | undefined, options: Parameters<typeof branchContrast>[3]) =>
    evaluate([branchContrast(online, same, masked && dictionary(masked), options, 1 / 0.07, undefined).loss], feeds)[0]
      .data[0];

  test('κ = 0: textbook InfoNCE against keys of batch and queue; against the batch where the queue is masked', () => {
    expect(lossOf(sameQueue, plain)).toBeCloseTo((nce('v', 'uk', 'qu') + nce('u', 'vk', 'qv')) / 2, 5);
    expect(lossOf(everything, plain)).toBeCloseTo((nce('v', 'uk', undefined) + nce('u', 'vk', undefined)) / 2, 5);
  });

  test('the batch term is InfoNCE of the queries, added with its weight; alone without a queue', () => {
    const batch = (nce('v', 'u', undefined) + nce('u', 'v', undefined)) / 2;
    expect(lossOf(undefined, plain)).toBeCloseTo(batch, 5);
    expect(lossOf(sameQueue, { ...plain, batchWeight: 0.5 }) - lossOf(sameQueue, plain)).toBeCloseTo(batch / 2, 5);
  });

  test.each([
    { form: 'dcl', sharpness: 1 },
    { form: 'dcl-u', scale: 90, threshold: 0.5 },
    { form: 'dcl-h', scale: 30, threshold: 0.3, hardness: 40, nearest: 2 },
  ] as const)('$form: what shows the image of an anchor changes nothing for it', (weighting) => {
    // Where all ids are one, every negative is masked: batch, keys and queue may be anything.
    const one = sameImage(constant(new Int32Array(size), [size], 'int32'));
    const options = { weighting, batchWeight: 1 };
    const { loss } = branchContrast(online, one, dictionary(everything), options, 1 / 0.07, undefined);
    const altered = new Map(feeds);
    for (const name of ['qv', 'qu']) altered.set(name, unit([length, width], `other ${name}`));
    const [before, after] = [feeds, altered].map((fed) => evaluate([loss], fed)[0].data[0]);
    expect(after).toBe(before);
    const free = branchContrast(online, same, dictionary(sameQueue), options, 1 / 0.07, undefined).loss;
    const [seen, changed] = [feeds, altered].map((fed) => evaluate([free], fed)[0].data[0]);
    expect(changed).not.toBe(seen);
    const { v, u } = gradient(free, { v: t.v, u: t.u });
    for (const { data } of evaluate([v, u], feeds)) expect(data.some((x) => x !== 0)).toBe(true);
  });
});

import { describe, expect, test } from 'vitest';
import { evaluate } from '../../graph/evaluate/evaluate.ts';
import { gradient } from '../../graph/gradient.ts';
import { constant, input, scalar } from '../../graph/ops/leaves.ts';
import { matmul } from '../../graph/ops/product.ts';
import { l2Normalize, sum } from '../../graph/ops/reduce.ts';
import { slice } from '../../graph/ops/shape.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { expectGradient, normalValue } from '../../graph/testing/check.ts';
import { runOnnx } from '../../graph/testing/onnx.ts';
import type { Value } from '../../graph/values.ts';
import type { Queues } from '../objectives/queue.ts';
import { assign, clustersInUse, type Labelling, predictionLoss, runningMean, sinkhorn, swapLoss } from './clusters.ts';

const range = (count: number) => Array.from({ length: count }, (_, i) => i);
const rowsOf = ({ data, shape: [rows, columns] }: Value) =>
  range(rows).map((i) => [...data.slice(i * columns, (i + 1) * columns)]);
const total = (list: readonly number[]) => list.reduce((a, b) => a + b, 0);

describe('Sinkhorn', () => {
  test('by its three rounds of columns and rows', () => {
    const value = normalValue([5, 3], 'logits');
    const X = rowsOf(value).map((row) => row.map((x) => Math.exp(x - Math.max(...value.data))));
    const all = total(X.flat());
    let x = X.map((row) => row.map((e) => e / all));
    for (let round = 0; round < 3; round++) {
      const columns = range(3).map((j) => total(x.map((row) => row[j])));
      x = x.map((row) => row.map((e, j) => e / (3 * columns[j])));
      x = x.map((row) => row.map((e) => e / (5 * total(row))));
    }
    const [found] = evaluate([sinkhorn(input('logits', [5, 3]), 3)], new Map([['logits', value]]));
    rowsOf(found).forEach((row, i) => {
      row.forEach((p, j) => {
        expect(p).toBeCloseTo(5 * x[i][j], 10);
      });
    });
  });

  test('rows sum to 1 and loads are near uniform at 128 pairs and 64 prototypes, also in float32', async () => {
    const [rows, columns, width] = [128, 64, 64];
    const unit = (shape: number[], name: string) => l2Normalize(constant(normalValue(shape, name).data, shape));
    const x = input('x', [rows, columns]);
    const scores = matmul(unit([rows, width], 'keys'), unit([columns, width], 'prototypes'), { transposeB: true });
    const [logits] = evaluate([scores], new Map());
    const fed = new Map([['x', { ...logits, data: logits.data.map((s) => s / 0.05) }]]);
    for (const [found] of [evaluate([sinkhorn(x, 3)], fed), await runOnnx([sinkhorn(x, 3)], fed)]) {
      for (const row of rowsOf(found)) expect(total(row)).toBeCloseTo(1, 5);
      const loads = range(columns).map((j) => total(rowsOf(found).map((row) => row[j])) / (rows / columns));
      expect(Math.min(...loads)).toBeGreaterThan(0.45);
      expect(Math.max(...loads)).toBeLessThan(1.4);
    }
  });

  test('constant logits give uniform labels; nothing overflows or vanishes into NaN', async () => {
    const x = input('x', [4, 8]);
    const flat = evaluate([sinkhorn(x, 3)], new Map([['x', { shape: [4, 8], data: new Float64Array(32).fill(7) }]]));
    for (const p of flat[0].data) expect(p).toBeCloseTo(1 / 8, 12);
    // A prototype that is far from everything underflows to zero in float32.
    const wild = Float64Array.from({ length: 32 }, (_, i) => (i % 8 === 0 ? -500 : (i * 37) % 100));
    const [found] = await runOnnx([sinkhorn(x, 3)], new Map([['x', { shape: [4, 8], data: wild }]]));
    for (const row of rowsOf(found)) expect(total(row)).toBeCloseTo(1, 4);
  });
});

const [pairs, prototypes, width, length] = [4, 3, 5, 6];
const unit = (shape: number[], name: string): Value => {
  const value = normalValue(shape, name);
  return evaluate([l2Normalize(constant(value.data, shape))], new Map())[0];
};
const shapes = {
  image: [pairs, width],
  text: [pairs, width],
  prototypes: [prototypes, width],
  'queue.image': [length, width],
  'queue.text': [length, width],
};
const feeds = new Map<string, Value>([
  ...Object.entries(shapes).map(([name, shape]) => [name, unit(shape, name)] as const),
  ['centre', normalValue([1, prototypes], 'centre')],
  ['pointer', { shape: [], data: Float64Array.of(2) }],
]);
const tensor = (name: string) => input(name, feeds.get(name)!.shape);
const queues: Queues<Tensor> = {
  keys: { image: tensor('queue.image'), text: tensor('queue.text') },
  ids: constant(new Float32Array(length)),
  pointer: tensor('pointer'),
};
const keys = { image: tensor('image'), text: tensor('text') };
const memory = { centre: tensor('centre') };
const assigned = (labelling: Labelling, step = 0, current = tensor('prototypes')) =>
  assign(labelling, keys, current, memory, queues, scalar(step));
const row = (name: string, i: number) => [...feeds.get(name)!.data.slice(i * width, (i + 1) * width)];
const dot = (a: readonly number[], b: readonly number[]) => total(a.map((x, k) => x * b[k]));
const nearest = (x: readonly number[], centres: readonly number[][]) =>
  centres.reduce((best, centre, k) => (dot(x, centre) > dot(x, centres[best]) ? k : best), 0);
const balanced = { kind: 'sinkhorn', temperature: 0.05, iterations: 3, newest: 0, hard: false } as const;

describe('labels', () => {
  test('the newest keys of the queue take part in the balance, and only in it', () => {
    const alone = evaluate([assigned(balanced).assignments.image], feeds)[0];
    const { assignments } = assigned({ ...balanced, newest: 3 });
    const joint = evaluate([assignments.image], feeds)[0];
    expect(joint.shape).toEqual([pairs, prototypes]);
    expect([...joint.data]).not.toEqual([...alone.data]);
    // Pointer 2: the newest are entries 1, 0 and 5.
    const joined = [...range(pairs).map((i) => row('image', i)), ...[1, 0, 5].map((i) => row('queue.image', i))];
    const logits = joined.flatMap((x) => range(prototypes).map((k) => dot(x, row('prototypes', k)) / 0.05));
    const [expected] = evaluate([sinkhorn(constant(logits, [7, prototypes]), 3)], new Map());
    joint.data.forEach((p, i) => {
      expect(p).toBeCloseTo(expected.data[i], 5);
    });
  });

  describe('what queues begin with, of no image, moves nothing', () => {
    const at = (labelling: Labelling, of: Queues<Tensor>) =>
      assign(labelling, keys, tensor('prototypes'), memory, of, scalar(0));
    /** The queues when only their first places were written. */
    const begun = (written: number): Queues<Tensor> => ({
      ...queues,
      ids: constant(range(length).map((place) => (place < written ? 7 : -1))),
    });
    const expectNear = (found: Tensor, expected: Tensor) => {
      const [a, b] = evaluate([found, expected], feeds);
      a.data.forEach((x, i) => {
        expect(x).toBeCloseTo(b.data[i], 10);
      });
    };

    test('Sinkhorn', () => {
      const labels = (newest: number, of = queues) => at({ ...balanced, newest }, of).assignments.text;
      // Pointer 2: of the newest entries 1, 0, 5 and 4 the first two are of images.
      expectNear(labels(4, begun(2)), labels(2));
      expectNear(labels(4, begun(0)), labels(0));
    });

    test('k-means', () => {
      const means = (of: Queues<Tensor>) => at({ kind: 'kmeans', refresh: 1, iterations: 2 }, of).memory.prototypes!;
      const first = (side: 'image' | 'text') => slice(queues.keys[side], 0, 0, 2);
      const short = { ...queues, keys: { image: first('image'), text: first('text') }, ids: constant([7, 7]) };
      expectNear(means(begun(2)), means(short));
      expectNear(means(begun(0)), tensor('prototypes'));
    });
  });

  test('hard labels are the best of the balanced ones', () => {
    const soft = rowsOf(evaluate([assigned(balanced).assignments.text], feeds)[0]);
    const hard = rowsOf(evaluate([assigned({ ...balanced, hard: true }).assignments.text], feeds)[0]);
    expect(hard).toEqual(soft.map((list) => list.map((p) => (p === Math.max(...list) ? 1 : 0))));
  });

  test('k-means moves prototypes to the means of the queues, every so many steps', () => {
    const labelling = { kind: 'kmeans', refresh: 10, iterations: 2 } as const;
    const at = (step: number) => evaluate([assigned(labelling, step).memory.prototypes!], feeds)[0];
    let centres = range(prototypes).map((k) => row('prototypes', k));
    const all = range(length).flatMap((i) => [row('queue.image', i), row('queue.text', i)]);
    for (let round = 0; round < 2; round++) {
      centres = centres.map((old, k) => {
        const members = all.filter((x) => nearest(x, centres) === k);
        const mean = old.map((_, d) => total(members.map((x) => x[d])));
        return members.length === 0 ? old : mean.map((x) => x / Math.hypot(...mean));
      });
    }
    for (const step of [0, 30]) {
      rowsOf(at(step)).forEach((centre, k) => {
        centre.forEach((x, d) => {
          expect(x).toBeCloseTo(centres[k][d], 6);
        });
      });
    }
    for (const step of [1, 9, 29, 31]) expect([...at(step).data]).toEqual([...feeds.get('prototypes')!.data]);
    const labels = rowsOf(evaluate([assigned(labelling, 30).assignments.image], feeds)[0]);
    expect(labels.map((list) => list.indexOf(1))).toEqual(range(pairs).map((i) => nearest(row('image', i), centres)));
  });

  test('k-means in ONNX Runtime, where a prototype without keys stays', async () => {
    const far = constant(
      [...row('queue.image', 0), ...row('queue.image', 0).map((x) => -x), ...row('queue.text', 2)],
      [3, width],
    );
    const { memory: moved } = assigned({ kind: 'kmeans', refresh: 1, iterations: 1 }, 5, far);
    const [here, there] = [evaluate([moved.prototypes!], feeds)[0], (await runOnnx([moved.prototypes!], feeds))[0]];
    here.data.forEach((x, i) => {
      expect(there.data[i]).toBeCloseTo(x, 5);
    });
  });

  test('a running mean moves prototypes to the keys assigned to them, each by its share; one without keys stays', async () => {
    const labels = {
      image: [0.7, 0.3, 0, 1, 0, 0, 0, 1, 0, 0.4, 0.6, 0],
      text: [1, 0, 0, 0.2, 0.8, 0, 0, 1, 0, 0.5, 0.5, 0],
    };
    const assignments = {
      image: constant(labels.image, [pairs, prototypes]),
      text: constant(labels.text, [pairs, prototypes]),
    };
    const expected = range(prototypes).map((k) => {
      const old = row('prototypes', k);
      const members = (['image', 'text'] as const).flatMap((side) =>
        range(pairs).map((i) => [labels[side][i * prototypes + k], row(side, i)] as const),
      );
      const count = total(members.map(([share]) => share));
      if (count === 0) return old;
      const moved = old.map((x, d) => 0.9 * x + (0.1 * total(members.map(([share, key]) => share * key[d]))) / count);
      return moved.map((x) => x / Math.hypot(...moved));
    });
    const moved = runningMean(tensor('prototypes'), keys, assignments, 0.9);
    for (const [found] of [evaluate([moved], feeds), await runOnnx([moved], feeds)]) {
      found.data.forEach((x, i) => {
        expect(x).toBeCloseTo(expected.flat()[i], 6);
      });
    }
    // With m = 0 a prototype is the mean of the batch, if it has one.
    const batchMeans = rowsOf(evaluate([runningMean(tensor('prototypes'), keys, assignments, 0)], feeds)[0]);
    for (const mean of batchMeans) expect(Math.hypot(...mean)).toBeCloseTo(1, 6);
    expect(batchMeans[2]).toEqual(row('prototypes', 2));
  });

  test('centred labels follow their centre', () => {
    const { assignments, memory: moved } = assigned({ kind: 'centred', temperature: 0.04, momentum: 0.9 });
    const [labels, centre] = evaluate([assignments.image, moved.centre!], feeds);
    const logits = (name: string) =>
      range(pairs).map((i) => range(prototypes).map((k) => dot(row(name, i), row('prototypes', k))));
    const old = [...feeds.get('centre')!.data];
    rowsOf(labels).forEach((list, i) => {
      const powers = logits('image')[i].map((x, k) => Math.exp((x - old[k]) / 0.04));
      list.forEach((p, k) => {
        expect(p).toBeCloseTo(powers[k] / total(powers), 5);
      });
    });
    range(prototypes).forEach((k) => {
      const mean = total([...logits('image'), ...logits('text')].map((list) => list[k])) / (2 * pairs);
      expect(centre.data[k]).toBeCloseTo(0.9 * old[k] + 0.1 * mean, 6);
    });
  });

  test.each<Labelling>([
    balanced,
    { ...balanced, newest: 2, hard: true },
    { kind: 'kmeans', refresh: 1, iterations: 1 },
    { kind: 'centred', temperature: 0.04, momentum: 0.9 },
  ])('no gradient leaves a label: %o', (labelling) => {
    const { assignments } = assigned(labelling);
    const leaves = { ...keys, prototypes: tensor('prototypes'), ...memory, q: queues.keys.image };
    const weights = constant(normalValue([pairs, prototypes], 'weights').data, [pairs, prototypes]);
    const slopes = gradient(sum(matmul(assignments.image, weights, { transposeB: true })), leaves);
    for (const { data } of evaluate(Object.values(slopes), feeds)) expect(data.every((x) => x === 0)).toBe(true);
  });

  test('clusters in use: 1 where all have one label, all of them where loads are even', () => {
    const of = (labels: number[][]) => {
      const x = constant(labels.flat(), [labels.length, labels[0].length]);
      return evaluate([clustersInUse({ image: x, text: x })], new Map())[0].data[0];
    };
    expect(
      of([
        [1, 0],
        [1, 0],
      ]),
    ).toBeCloseTo(1, 6);
    expect(
      of([
        [1, 0],
        [0, 1],
      ]),
    ).toBeCloseTo(2, 6);
  });
});

describe('losses of labels', () => {
  const assignments = { image: unitSum('labels of images'), text: unitSum('labels of texts') };
  function unitSum(name: string): Tensor {
    const rows = rowsOf(normalValue([pairs, prototypes], name)).map((list) => list.map(Math.abs));
    return constant(
      rows.flatMap((list) => list.map((x) => x / total(list))),
      [pairs, prototypes],
    );
  }
  const logSoftmax = (logits: number[]) => {
    const all = Math.log(total(logits.map(Math.exp)));
    return logits.map((x) => x - all);
  };
  const crossEntropy = (labels: Tensor, x: string, weights: string, temperature: number) =>
    -total(
      range(pairs).map((i) => {
        const list = rowsOf(evaluate([labels], new Map())[0])[i];
        const logs = logSoftmax(range(prototypes).map((k) => dot(row(x, i), row(weights, k)) / temperature));
        return dot(list, logs);
      }),
    ) / pairs;

  test('prediction: cross-entropy with the mean label of the pair', () => {
    const loss = predictionLoss(assignments, keys, tensor('prototypes'), 0.5);
    const expected = (['image', 'text'] as const).flatMap((side) =>
      (['image', 'text'] as const).map((label) => crossEntropy(assignments[label], side, 'prototypes', 0.5)),
    );
    expect(evaluate([loss], feeds)[0].data[0]).toBeCloseTo(total(expected) / 4, 6);
    expectGradient(loss, new Map([...feeds].filter(([name]) => ['image', 'text', 'prototypes'].includes(name))), 1e-5);
  });

  test('swap: each modality is told the other’s label', () => {
    const loss = swapLoss(assignments, keys, tensor('prototypes'), 0.5);
    const expected =
      crossEntropy(assignments.text, 'image', 'prototypes', 0.5) +
      crossEntropy(assignments.image, 'text', 'prototypes', 0.5);
    expect(evaluate([loss], feeds)[0].data[0]).toBeCloseTo(expected / 2, 6);
  });
});

import { describe, expect, test } from 'vitest';
import { evaluate } from '../../graph/evaluate/evaluate.ts';
import { foldConstants } from '../../graph/fold.ts';
import { gradient } from '../../graph/gradient.ts';
import { constant, input } from '../../graph/ops/leaves.ts';
import { matmul } from '../../graph/ops/product.ts';
import { l2Normalize, sum } from '../../graph/ops/reduce.ts';
import { orderNodes, type Tensor } from '../../graph/tensor.ts';
import { expectGradient, normalValue } from '../../graph/testing/check.ts';
import { runOnnx } from '../../graph/testing/onnx.ts';
import { leavesOf, mapTree, type Tree } from '../../graph/tree.ts';
import type { Value } from '../../graph/values.ts';
import { linear } from '../../nn/linear.ts';
import { initialise, type ParameterSpec } from '../../nn/parameters.ts';
import type { EmbeddingState } from '../embedding.ts';
import { dimension, encoderWithTable as encoder } from '../testing/scene.ts';
import {
  ask,
  type Branch,
  type BranchOptions,
  branchParameters,
  branchStatistics,
  conceptVectors,
  type Query,
  type QueryStatistics,
} from './branch.ts';
import { coderEmbedding } from './embedding.ts';
import { conceptGraph } from './graph.ts';
import { coderObjective } from './objective.ts';
import { reweighQuery, reweighVectors } from './reweigh.ts';
import type { CoderOptions } from './state.ts';

const size = 4;
const graph = conceptGraph({ counts: [20, 10, 8, 5], together: [[], [6], [2, 4], [0, 0, 1]] });
const options: BranchOptions = {
  graph,
  features: { kind: 'trained', width: 3 },
  hidden: 5,
  query: 'pooled',
  sharpness: 10,
  labelShare: 0,
};
const range = (count: number) => Array.from({ length: count }, (_, i) => i);
const rowsOf = ({ data, shape: [rows, columns] }: Value) =>
  range(rows).map((i) => [...data.slice(i * columns, (i + 1) * columns)]);
const dot = (a: readonly number[], b: readonly number[]) => a.reduce((total, x, k) => total + x * b[k], 0);
const unit = (x: readonly number[]) => x.map((value) => value / Math.hypot(...x));

/** Parameters as inputs with values of their own. */
function opened(chosen: BranchOptions = options) {
  const specs = {
    params: branchParameters(chosen, dimension, encoder.text.parameters),
    running: branchStatistics(dimension),
  };
  const feeds = new Map<string, Value>();
  const tree = mapTree(specs, ({ shape }: ParameterSpec, path) => {
    const value = normalValue(shape, path);
    feeds.set(path, path.endsWith('variance') ? { ...value, data: value.data.map((x) => x * x + 0.1) } : value);
    return input(path, shape);
  }) as unknown as { params: Branch<Tensor>; running: { image: QueryStatistics<Tensor> } };
  const table = input('table', [7, 3]);
  feeds.set('table', normalValue([7, 3], 'table'));
  const x = input('x', [3, dimension]);
  feeds.set('x', normalValue([3, dimension], 'x'));
  const numbers = (tensor: Tensor) => rowsOf(evaluate([tensor], feeds)[0]);
  return { ...tree, table, x, feeds, numbers, concepts: conceptVectors(chosen, tree.params.graph, { table }) };
}

describe('graph network', () => {
  test('by its two layers', () => {
    const { concepts, feeds, numbers } = opened();
    const get = (name: string) => rowsOf(feeds.get(`params.graph.${name}`)!);
    const adjacency = range(size).map((i) => [...graph.slice(i * size, (i + 1) * size)]);
    const layer = (nodes: number[][], weight: number[][]) => {
      const mapped = nodes.map((node) => weight.map((row) => dot(row, node)));
      return adjacency.map((row) =>
        weight.map((_, k) =>
          dot(
            row,
            mapped.map((node) => node[k]),
          ),
        ),
      );
    };
    const hidden = layer(get('features'), get('first.weight')).map((row) => row.map((x) => (x > 0 ? x : 0.2 * x)));
    const expected = layer(hidden, get('second.weight')).map(unit);
    numbers(concepts).forEach((row, i) => {
      row.forEach((x, k) => {
        expect(x).toBeCloseTo(expected[i][k], 6);
      });
    });
  });

  test('the scale of the node features does not matter', () => {
    const data = normalValue([size, 3], 'given').data;
    const of = (factor: number) => {
      const { concepts, numbers } = opened({
        ...options,
        features: { kind: 'given', width: 3, data: data.map((x) => factor * x) },
      });
      return numbers(concepts);
    };
    const [one, large, small] = [of(1), of(28), of(1e-3)];
    one.flat().forEach((x, i) => {
      expect(large.flat()[i]).toBeCloseTo(x, 6);
      expect(small.flat()[i]).toBeCloseTo(x, 6);
    });
  });

  test('rows of the text tower are means of pieces, and get no gradient from here', () => {
    const features = { kind: 'text', table: 'table', ids: [[1], [2, 5], [0], [6, 6, 3]] } as const;
    const { concepts, table, feeds, numbers } = opened({ ...options, features });
    const words = rowsOf(feeds.get('table')!);
    const data = features.ids.flatMap((ids) =>
      range(3).map((k) => ids.reduce((t: number, id) => t + words[id][k], 0) / ids.length),
    );
    const same = opened({ ...options, features: { kind: 'given', width: 3, data } });
    numbers(concepts).forEach((row, i) => {
      row.forEach((x, k) => {
        expect(x).toBeCloseTo(same.numbers(same.concepts)[i][k], 5);
      });
    });
    const slope = gradient(sum(matmul(concepts, constant(normalValue([dimension, 1], 'w').data, [dimension, 1]))), {
      table,
    });
    expect(evaluate([slope.table], feeds)[0].data.every((x) => x === 0)).toBe(true);
    expect(() => opened({ ...options, features: { ...features, table: 'nowhere' } })).toThrow('no table nowhere');
  });
});

describe('query', () => {
  const { params, running, x, feeds, numbers, concepts } = opened();
  const query = params.image as Query<Tensor>;
  const answer = (chosen: Parameters<typeof ask>[5], share = 0) =>
    ask({ query: 'pooled', sharpness: 10, labelShare: share }, query, running.image, concepts, x, chosen);

  test('by its attention over the concepts, with running statistics', () => {
    const get = (name: string) => rowsOf(feeds.get(name)!);
    const list = (name: string) => [...feeds.get(name)!.data];
    const normed = (rows: number[][], norm: string, statistics: string) =>
      rows.map((row) =>
        row.map((value, k) => {
          const [mean, variance] = ['mean', 'variance'].map((s) => list(`running.image.${statistics}.${s}`)[k]);
          const [scale, shift] = ['scale', 'shift'].map((s) => list(`params.image.${norm}.${s}`)[k]);
          return Math.tanh(((value - mean) / Math.sqrt(variance + 1e-5)) * scale + shift);
        }),
      );
    const mapped = (rows: number[][], name: string) => rows.map((row) => get(name).map((weight) => dot(weight, row)));
    const Y = numbers(concepts);
    const K = normed(mapped(Y, 'params.image.concept.weight'), 'conceptNorm', 'concept');
    const Q = normed(mapped(get('x'), 'params.image.query.weight'), 'queryNorm', 'query');
    const w = list('params.image.score');
    const expected = Q.map((q) => {
      const powers = K.map((key) =>
        Math.exp(
          10 *
            dot(
              w,
              key.map((value, k) => value * q[k]),
            ),
        ),
      );
      const total = powers.reduce((a, b) => a + b);
      return unit(range(dimension).map((k) => powers.reduce((sum, p, c) => sum + (p / total) * Y[c][k], 0)));
    });
    numbers(answer({ training: false }).embedding).forEach((row, i) => {
      row.forEach((value, k) => {
        expect(value).toBeCloseTo(expected[i][k], 5);
      });
    });
    expect(answer({ training: false }).statistics).toEqual(running.image);
  });

  test('of the embedding at unit length, or of a map with weights of its own', () => {
    const found = (query: BranchOptions['query'], map?: Query<Tensor>['map']) => {
      const own = { ...(params.image as Query<Tensor>), ...(map && { map }) };
      return ask({ query, sharpness: 10, labelShare: 0 }, own, running.image, concepts, x, { training: false });
    };
    const asked = (of: Tensor) =>
      ask({ query: 'pooled', sharpness: 10, labelShare: 0 }, query, running.image, concepts, of, { training: false });
    expect(numbers(found('unit').embedding)).toEqual(numbers(asked(l2Normalize(x)).embedding));
    const map = {
      weight: constant(normalValue([dimension, dimension], 'map').data, [dimension, dimension]),
      bias: constant(normalValue([dimension], 'bias').data, [dimension]),
    };
    expect(numbers(found('mapped', map).embedding)).toEqual(numbers(asked(linear(map, x)).embedding));
    expect(numbers(found('mapped', map).embedding)).not.toEqual(numbers(found('pooled').embedding));
    const shapes = branchParameters({ ...options, query: 'mapped' }, dimension, encoder.text.parameters);
    expect([shapes.image.map!.weight.shape, shapes.text.map!.bias.shape]).toEqual([
      [dimension, dimension],
      [dimension],
    ]);
    expect(branchParameters(options, dimension, encoder.text.parameters).image).not.toHaveProperty('map');
  });

  test('in training it goes by the batch, and is differentiated through', () => {
    const { embedding, statistics } = answer({ training: true });
    expect(statistics.query.mean).not.toBe(running.image.query.mean);
    expect(numbers(embedding)).not.toEqual(numbers(answer({ training: false }).embedding));
    expectGradient(sum(matmul(embedding, constant([1, -2, 3, 1, 0, 1], [dimension, 1]))), feeds, 2e-4, 1e-5);
  });

  test('words alone decide where their share is 1; unknown words are all concepts alike', () => {
    const labels = constant([1, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0], [3, size]);
    const [first, unknown, third] = numbers(answer({ training: false, labels }, 1).embedding);
    const Y = numbers(concepts);
    const mixture = (weights: number[]) =>
      unit(
        range(dimension).map((k) =>
          dot(
            weights,
            Y.map((y) => y[k]),
          ),
        ),
      );
    const e = Math.exp(10);
    const cases = [
      [first, mixture([e, 1, 1, 1])],
      [unknown, mixture([1, 1, 1, 1])],
      [third, mixture([e, e, 1, 1])],
    ];
    for (const [found, expected] of cases) {
      found.forEach((value, k) => {
        expect(value).toBeCloseTo(expected[k], 5);
      });
    }
    const half = numbers(answer({ training: false, labels }, 0.5).embedding);
    expect(half).not.toEqual(numbers(answer({ training: false }).embedding));
  });
});

describe('the fused embedding', () => {
  const full: CoderOptions = {
    encoder,
    pairs: 4,
    contrast: { weighting: { form: 'dcl', sharpness: 1 }, batchWeight: 1, temperature: 0.07, learnTemperature: false },
    keys: { queue: 8, momentum: 0.9, mode: 'inference', augmentation: 'same' },
    concepts: {
      ...options,
      weight: 1,
      clusters: {
        labelling: { kind: 'sinkhorn', temperature: 0.05, iterations: 3, newest: 0, hard: false },
        prototypes: 3,
        weight: 0.5,
        swapWeight: 0.1,
        predictionTemperature: 0.1,
        swapTemperature: 0.1,
        predictionReachesTowers: false,
        swapReachesTowers: false,
      },
    },
  };
  const objective = coderObjective(full);
  const values = new Map<string, Tensor>();
  const open = (specs: Tree<ParameterSpec>, prefix: string) => {
    const first = initialise(specs, 5);
    return mapTree(specs, ({ shape }: ParameterSpec, path) => {
      values.set(`${prefix}.${path}`, constant(first.get(path)!.data, shape));
      return input(`${prefix}.${path}`, shape);
    }) as unknown as Tree<Tensor>;
  };
  const own = { parameters: open(objective.parameters, 'own'), memory: open(objective.memory, 'memory') };
  const source: EmbeddingState<Tensor> = {
    parameters: { text: open(encoder.text.parameters, 'text'), objectives: { coder: own.parameters } },
    memory: { coder: own.memory },
  };
  const count = 3;
  const pooled = { image: input('image', [count, dimension]), text: input('text', [count, dimension]) };
  const feeds = new Map([
    ...[...values].map(([name, tensor]) => [name, evaluate([tensor], new Map())[0]] as const),
    ['image', normalValue([count, dimension], 'image')] as const,
    ['text', normalValue([count, dimension], 'text')] as const,
  ]);
  const embedded = (side: 'image' | 'text', beta: number, instanceShare = 1) =>
    coderEmbedding(full, { beta, instanceShare }).embed(side, source, pooled[side]);
  const vectors = (side: 'image' | 'text', beta: number, instanceShare = 1) =>
    rowsOf(evaluate([embedded(side, beta, instanceShare)], feeds)[0]);
  /** 1 is CODER’s score, 0.85 that of CVSE. */
  const instanceShares = [1, 0.85];
  /** Both vectors that are compared: l2norm( a v + (1-a) v^c ) and v^c. */
  const compared = (side: 'image' | 'text', a: number) => {
    const concept = vectors(side, 1).map((row) => row.slice(dimension));
    const instance = rowsOf(evaluate([l2Normalize(pooled[side])], feeds)[0]);
    const first = instance.map((v, i) => unit(v.map((x, k) => a * x + (1 - a) * concept[i][k])));
    return { first, concept };
  };

  test.each(instanceShares)('has length 1, and its inner product is the weighted sum of both cosines: a = %d', (a) => {
    const [v, u] = [compared('image', a), compared('text', a)];
    for (const beta of [0, 0.05, 0.1, 0.5, 1]) {
      const [images, texts] = [vectors('image', beta, a), vectors('text', beta, a)];
      images.forEach((image, i) => {
        expect(Math.hypot(...image)).toBeCloseTo(1, 6);
        texts.forEach((text, j) => {
          const expected = (1 - beta) * dot(v.first[i], u.first[j]) + beta * dot(v.concept[i], u.concept[j]);
          expect(Math.abs(dot(image, text) - expected)).toBeLessThan(1e-6);
        });
      });
    }
    const { dimension: length, share } = coderEmbedding(full, { beta: 0.05, instanceShare: a });
    expect([length, share]).toEqual([2 * dimension, 0.05]);
  });

  test.each(instanceShares)('takes another β at search time, from the query alone or from both: a = %d', (a) => {
    const flat = (side: 'image' | 'text', beta: number) => Float32Array.from(vectors(side, beta, a).flat());
    const rows = (array: Float32Array) =>
      range(count).map((i) => [...array.subarray(i * 2 * dimension, (i + 1) * 2 * dimension)]);
    for (const wanted of [0, 0.3, 1]) {
      const expected = vectors('image', wanted, a).map((image) =>
        vectors('text', wanted, a).map((text) => dot(image, text)),
      );
      const queries = rows(reweighQuery(flat('text', 0.1), 2 * dimension, 0.1, wanted));
      const indexed = rows(flat('image', 0.1));
      const [images, texts] = (['image', 'text'] as const).map((side) =>
        rows(reweighVectors(flat(side, 0.1), 2 * dimension, 0.1, wanted)),
      );
      range(count).forEach((i) => {
        range(count).forEach((j) => {
          expect(dot(indexed[i], queries[j])).toBeCloseTo(expected[i][j], 5);
          expect(dot(images[i], texts[j])).toBeCloseTo(expected[i][j], 5);
        });
      });
    }
  });

  test('without concepts it is that of the towers', () => {
    const { concepts: _, ...plain } = full;
    const embedding = coderEmbedding(plain, { beta: 0.1, instanceShare: 1 });
    expect(embedding.dimension).toBe(dimension);
    expect(embedding.embed('image', source, pooled.image)).toBe(l2Normalize(pooled.image));
  });

  test('where words are mixed into the query, all concepts get the same share of it', () => {
    const shared = { ...full, concepts: { ...full.concepts!, labelShare: 1 } };
    const [vectors] = evaluate(
      [coderEmbedding(shared, { beta: 1, instanceShare: 1 }).embed('text', source, pooled.text)],
      feeds,
    );
    const [first, ...others] = rowsOf(vectors).map((row) => row.slice(dimension));
    for (const row of others) expect(row).toEqual(first);
  });

  test('reads the branch and its statistics, and nothing else of the objective', () => {
    const { parameters, memory } = coderEmbedding(full, { beta: 0.1, instanceShare: 1 }).reads;
    const paths = leavesOf({ parameters, memory } as Tree<ParameterSpec>).map(([path]) => path);
    expect(paths.filter((path) => /queues|keys|prototypes|head|logScale/.test(path))).toEqual([]);
    expect(paths).toContain('memory.coder.statistics.image.concept.mean');
  });

  test.each((['image', 'text'] as const).flatMap((side) => instanceShares.map((a) => [side, a] as const)))(
    'exported for the %s side: no graph network, copy, queue or prototype is left, a = %d',
    async (side, a) => {
      const [folded] = foldConstants([embedded(side, 0.1, a)], values);
      const nodes = orderNodes([folded]);
      expect(nodes.filter(({ op }) => op === 'input').map(({ outputs }) => outputs[0])).toEqual([pooled[side]]);
      // One product for the query, one with the concepts' keys, one with their rows.
      expect(nodes.filter(({ op }) => op === 'matmul')).toHaveLength(3);
      const constants = nodes.filter(({ op }) => op === 'constant').map(({ outputs }) => [...outputs[0].shape]);
      const sizes = constants.filter((shape) => shape.length === 2 && !shape.includes(1)).map((shape) => shape.join());
      expect(sizes.sort()).toEqual(
        [`${size},${dimension}`, `${size},${dimension}`, `${dimension},${dimension}`].sort(),
      );
      const [before] = evaluate([embedded(side, 0.1, a)], feeds);
      for (const [after] of [evaluate([folded], feeds), await runOnnx([folded], feeds)]) {
        before.data.forEach((value, i) => {
          expect(after.data[i]).toBeCloseTo(value, 5);
        });
      }
      expect(leavesOf<Tensor>(source.memory).length).toBeGreaterThan(10);
    },
  );
});

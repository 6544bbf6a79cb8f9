import { describe, expect, test } from 'vitest';
import type { Mode } from '../../encoders/tower.ts';
import { evaluate } from '../../graph/evaluate/evaluate.ts';
import { gradient } from '../../graph/gradient.ts';
import { tanh } from '../../graph/ops/elementwise.ts';
import { constant } from '../../graph/ops/leaves.ts';
import { l2Normalize } from '../../graph/ops/reduce.ts';
import { slice } from '../../graph/ops/shape.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { expectGradient, normalValue } from '../../graph/testing/check.ts';
import { runOnnx } from '../../graph/testing/onnx.ts';
import { leavesOf, type Tree } from '../../graph/tree.ts';
import { linear } from '../../nn/linear.ts';
import { initialise } from '../../nn/parameters.ts';
import type { Scene } from '../objective.ts';
import {
  dimension,
  encoderWithTable as encoder,
  twins as imageIds,
  inputWidth,
  leaf,
  pairs,
} from '../testing/scene.ts';
import { assign, runningMean } from './clusters.ts';
import { branchContrast } from './dictionary.ts';
import { conceptGraph } from './graph.ts';
import { coderObjective } from './objective.ts';
import type { ClusterOptions, CoderOptions } from './state.ts';
import { type Stage, staged } from './testing/scene.ts';

const clusters: ClusterOptions = {
  labelling: { kind: 'sinkhorn', temperature: 0.05, iterations: 3, newest: 0, hard: false },
  prototypes: 3,
  weight: 0.5,
  swapWeight: 0.1,
  predictionTemperature: 0.1,
  swapTemperature: 0.1,
  predictionReachesTowers: false,
  swapReachesTowers: false,
};
const concepts = {
  graph: conceptGraph({ counts: [20, 10, 8, 5], together: [[], [6], [2, 4], [0, 0, 1]] }),
  features: { kind: 'trained', width: 3 },
  hidden: 4,
  query: 'pooled',
  sharpness: 10,
  labelShare: 0,
  weight: 0.7,
  clusters,
} as const;
const full: CoderOptions = {
  encoder,
  pairs,
  contrast: { weighting: { form: 'dcl', sharpness: 1 }, batchWeight: 1, temperature: 0.07, learnTemperature: false },
  keys: { queue: 8, momentum: 0.9, mode: 'inference', augmentation: 'same' },
  concepts,
};
const withClusters = (changes: Partial<ClusterOptions>): CoderOptions => ({
  ...full,
  concepts: { ...concepts, clusters: { ...clusters, ...changes } },
});

const numbers = (stage: Stage, tensors: readonly Tensor[]) =>
  evaluate(tensors, stage.feeds).map(({ data }) => [...data]);
/** The keys of the batch: it is written at the beginning of the queues. */
const queued = (stage: Stage, name: string) => slice(leaf(stage.term.memory, `queues.keys.${name}`), 0, 0, pairs);
/** Which leaves of a tree a loss moves. */
function moved(stage: Stage, loss: Tensor, tree: unknown): string[] {
  const slopes = leavesOf<Tensor>(gradient(loss, tree as Tree<Tensor>) as unknown as Tree<Tensor>);
  const values = numbers(
    stage,
    slopes.map(([, slope]) => slope),
  );
  return slopes.flatMap(([path], i) => (values[i].some((x) => Math.abs(x) > 1e-9) ? [path] : []));
}

describe('the loss', () => {
  test('is the weighted sum of its parts', () => {
    const stage = staged(full);
    const { instance, concept, prediction, swap } = stage.term.metrics as Record<string, Tensor>;
    const [[total], [i], [c], [p], [s]] = numbers(stage, [stage.term.loss, instance, concept, prediction, swap]);
    expect(total).toBeCloseTo(i + 0.7 * c + 0.5 * (p + 0.1 * s), 6);
  });

  test('parts that are left out leave nothing behind', () => {
    const { concepts: _, ...plain } = full;
    const bare = coderObjective({ ...plain, keys: { ...full.keys, queue: 0 } });
    expect([bare.parameters, bare.memory, bare.inputs, bare.copies]).toEqual([{}, {}, {}, {}]);
    const queueOnly = coderObjective(plain);
    expect(Object.keys(queueOnly.memory)).toEqual(['keys', 'queues']);
    expect(queueOnly.copies).toEqual({ 'keys.image': 'image', 'keys.text': 'text' });
    const noQueue = coderObjective({ ...full, keys: { ...full.keys, queue: 0 } });
    expect(Object.keys(noQueue.memory)).toEqual(['keys', 'statistics', 'labels']);
    expect(noQueue.copies).toEqual({ 'keys.image': 'image', 'keys.text': 'text' });
    const stage = staged({ ...plain, keys: { ...full.keys, queue: 0 } });
    expect(stage.term.memory).toEqual({});
    expect(numbers(stage, [stage.term.loss])[0][0]).toBeGreaterThan(0);
  });

  test('κ = 0 and without pseudo labels, the gradient is that of finite differences, through both branches', () => {
    const { clusters: _, ...branch } = concepts;
    // With a momentum of 1 the keys do not follow the parameters, so that only the queries move.
    const options: CoderOptions = {
      ...full,
      contrast: {
        ...full.contrast,
        weighting: { form: 'dcl', sharpness: 0 },
        learnTemperature: true,
        temperature: 0.5,
      },
      keys: { ...full.keys, momentum: 1 },
      concepts: branch,
    };
    const stage = staged(options, { fixed: true });
    expectGradient(stage.term.loss, stage.feeds, 2e-4, 1e-4);
  });
});

describe('gradients', () => {
  test('reach the towers and everything of its own, and nothing of the memory', () => {
    const stage = staged(full);
    expect(moved(stage, stage.term.loss, stage.towers)).toEqual(['image.weight', 'text.weight']);
    const own = leavesOf(stage.own as unknown as Tree<Tensor>).map(([path]) => path);
    expect(moved(stage, stage.term.loss, stage.own)).toEqual(own);
    expect(moved(stage, stage.term.loss, stage.memory)).toEqual([]);
  });

  test('keys follow the parameters, but send no gradient back', () => {
    // Instance branch, keys equal to the queries: were they not held, the positive pair would pull twice.
    const { concepts: _, ...plain } = full;
    const contrast = { ...full.contrast, batchWeight: 0 };
    const slopes = [0, 1].map((momentum) => {
      const stage = staged({ ...plain, contrast, keys: { ...full.keys, momentum } });
      if (momentum === 1) {
        for (const name of ['image', 'text'])
          stage.feeds.set(`memory.keys.${name}.weight`, stage.feeds.get(`${name}.weight`)!);
      }
      const { image } = gradient(stage.term.loss, { image: leaf(stage.towers.image, 'weight') });
      return numbers(stage, [image])[0];
    });
    slopes[0].forEach((x, i) => {
      expect(x).toBeCloseTo(slopes[1][i], 9);
    });
  });

  test('of the prediction reach its head and the concept branch alone', () => {
    const stage = staged(full);
    const { prediction } = stage.term.metrics as Record<string, Tensor>;
    expect(moved(stage, prediction, stage.towers)).toEqual([]);
    const own = moved(stage, prediction, stage.own);
    expect(own).toContain('head');
    expect(own).not.toContain('prototypes');
    const branch = leavesOf(stage.own.concept as unknown as Tree<Tensor>).map(([path]) => `concept.${path}`);
    expect(own.sort()).toEqual([...branch, 'head'].sort());
  });

  test('of the swapped term reach the prototypes alone', () => {
    const stage = staged(full);
    const { swap } = stage.term.metrics as Record<string, Tensor>;
    expect(moved(stage, swap, stage.towers)).toEqual([]);
    expect(moved(stage, swap, stage.own)).toEqual(['prototypes']);
  });

  test('reach the towers where options let them', () => {
    const stage = staged(withClusters({ predictionReachesTowers: true, swapReachesTowers: true }));
    const { prediction, swap } = stage.term.metrics as Record<string, Tensor>;
    for (const loss of [prediction, swap])
      expect(moved(stage, loss, stage.towers)).toEqual(['image.weight', 'text.weight']);
  });
});

/** The options with every way to weigh negatives. */
const weightings = [
  { form: 'dcl', sharpness: 1 },
  { form: 'dcl-m' },
  { form: 'dcl-t' },
  { form: 'dcl-u', scale: 9, threshold: 0.5 },
  { form: 'dcl-h', scale: 6, threshold: 0.3, hardness: 4, nearest: 3 },
] as const;
const weighed = (weighting: CoderOptions['contrast']['weighting']): CoderOptions => ({
  ...full,
  contrast: { ...full.contrast, weighting },
});
const queueNames = ['image', 'text', 'conceptImage', 'conceptText'] as const;
const contrasts = (stage: Stage) => {
  const { instance, concept } = stage.term.metrics as Record<string, Tensor>;
  return numbers(stage, [instance, concept]).flat();
};

describe.each(weightings)('same images: $form', (weighting) => {
  test('keys of the image of an anchor change nothing, whatever their similarity; others do', () => {
    const stage = staged(weighed(weighting), { imageIds: [7, 7, 7, 7] });
    stage.feeds.set('memory.queues.ids', { shape: [8], data: Float64Array.of(7, 3, 7, -1, 7, 5, 4, 7) });
    const before = contrasts(stage);
    const alter = (rows: readonly number[], name: string) => {
      const old = stage.feeds.get(`memory.queues.keys.${name}`)!;
      const data = Float64Array.from(old.data, (x, i) => (rows.includes(Math.floor(i / dimension)) ? -2 * x : x));
      stage.feeds.set(`memory.queues.keys.${name}`, { ...old, data });
    };
    for (const name of queueNames) alter([0, 2, 4, 7], name);
    expect(contrasts(stage)).toEqual(before);
    for (const name of queueNames) alter([1, 3], name);
    contrasts(stage).forEach((x, i) => {
      expect(x).not.toBe(before[i]);
    });
  });

  test('a batch of one image and a queue of it: finite in float32, and negatives teach nothing', async () => {
    const stage = staged(weighed(weighting), { imageIds: [7, 7, 7, 7] });
    stage.feeds.set('memory.queues.ids', { shape: [8], data: new Float64Array(8).fill(7) });
    const slopes = leavesOf<Tensor>(gradient(stage.term.loss, stage.towers) as unknown as Tree<Tensor>);
    const found = await runOnnx([stage.term.loss, ...slopes.map(([, slope]) => slope)], stage.feeds);
    for (const { data } of found) expect(data.every(Number.isFinite)).toBe(true);
    if (weighting.form !== 'dcl-u' && weighting.form !== 'dcl-h') {
      contrasts(stage).forEach((x) => {
        expect(x).toBeCloseTo(0, 6);
      });
    }
  });
});

test.each(weightings)('both contrasts are those of the queue as it was before the batch: $form', (weighting) => {
  const stage = staged(weighed(weighting));
  const { memory } = stage.term;
  const shape = [pairs, dimension];
  const queueOf = (name: string) => stage.feeds.get(`memory.queues.keys.${name}`)!;
  const keyOf = (name: string) =>
    constant(numbers(stage, [leaf(memory, `queues.keys.${name}`)])[0].slice(0, pairs * dimension), shape);
  const both = (names: readonly string[], of: (name: string) => Tensor) => ({
    image: of(names[0]),
    text: of(names[1]),
  });
  const old = (name: string) => constant(queueOf(name).data, queueOf(name).shape);
  const nothing = constant(new Uint8Array(pairs * 8), [pairs, 8], 'bool');
  const { image, text, sameImage } = stage.scene;
  const again = branchContrast(
    { image: image.embedding, text: text.embedding },
    sameImage,
    { batch: both(['image', 'text'], keyOf), queue: both(['image', 'text'], old), same: nothing },
    weighed(weighting).contrast,
    1 / 0.07,
    stage.own.weights?.instance,
  );
  expect(numbers(stage, [again.loss])[0][0]).toBeCloseTo(contrasts(stage)[0], 5);
  // The queues of concepts hold unit vectors of their own.
  const concepts = numbers(stage, [leaf(memory, 'queues.keys.conceptImage'), leaf(memory, 'queues.keys.conceptText')]);
  concepts.forEach((data, i) => {
    expect(data.slice(pairs * dimension)).toEqual([...queueOf(queueNames[2 + i]).data].slice(pairs * dimension));
    expect(Math.hypot(...data.slice(0, dimension))).toBeCloseTo(1, 6);
  });
});

describe('keys', () => {
  /** Modes in which the towers were asked to encode. */
  function modesOf(mode: 'inference' | 'training') {
    const stage = staged(full);
    const seen: Mode[] = [];
    const scene: Scene = {
      ...stage.scene,
      encodeWith: (parameters, how) => {
        seen.push(how);
        return stage.scene.encodeWith(parameters, how);
      },
    };
    const objective = coderObjective({ ...full, keys: { ...full.keys, mode } });
    objective.term(stage.own as Tree<Tensor>, stage.memory as unknown as Tree<Tensor>, {}, scene);
    return { seen, key: stage.scene.mode.key!, feeds: stage.feeds };
  }

  test('are encoded as for inference, without dropout; or as in training, by random numbers of their own', () => {
    expect(modesOf('inference').seen).toEqual([{ training: false }]);
    const { seen, key, feeds } = modesOf('training');
    expect(seen).toHaveLength(1);
    expect(seen[0].training).toBe(true);
    const [own, queries] = evaluate([seen[0].key!, key], feeds);
    expect(own.data[0]).not.toBe(queries.data[0]);
  });

  test('of both branches send no gradient back', () => {
    // Keys equal to the queries: were they not held, the positive pair would pull twice.
    const { clusters: _, ...branch } = concepts;
    const contrast = { ...full.contrast, batchWeight: 0 };
    const slopes = [0, 1].map((momentum) => {
      const stage = staged({ ...full, contrast, concepts: branch, keys: { ...full.keys, momentum } });
      if (momentum === 1) {
        for (const path of stage.feeds.keys()) {
          const from = path.replace('memory.keys.concept', 'own.concept').replace('memory.keys.', '');
          if (path.startsWith('memory.keys.')) stage.feeds.set(path, stage.feeds.get(from)!);
        }
      }
      const trees = { towers: stage.towers, own: stage.own } as unknown as Tree<Tensor>;
      const leaves = leavesOf<Tensor>(gradient(stage.term.loss, trees) as unknown as Tree<Tensor>);
      return numbers(
        stage,
        leaves.map(([, slope]) => slope),
      );
    });
    expect(slopes[0].flat().some((x) => Math.abs(x) > 1e-3)).toBe(true);
    slopes[0].flat().forEach((x, i) => {
      expect(x).toBeCloseTo(slopes[1].flat()[i], 6);
    });
  });

  test('see a batch that was augmented anew, its captions brought back into the order of the pairs', () => {
    const options: CoderOptions = { ...full, keys: { ...full.keys, augmentation: 'independent' } };
    const view = (name: string) => ({ x: constant(normalValue([pairs, inputWidth], name).data, [pairs, inputWidth]) });
    const place = [2, 0, 3, 1];
    const views = { image: view('again'), text: view('text again'), place: constant(place, [pairs], 'int32') };
    const stage = staged(options, { inputs: { views } });
    const queue = (name: string) =>
      numbers(stage, [leaf(stage.term.memory, `queues.keys.${name}`)])[0].slice(0, pairs * dimension);
    const copies = {
      image: leaf(stage.term.memory, 'keys.image.weight'),
      text: leaf(stage.term.memory, 'keys.text.weight'),
    };
    const encodedWith = (weight: Tensor, { x }: { x: Tensor }) =>
      numbers(stage, [l2Normalize(tanh(linear({ weight }, x)))])[0];
    queue('image').forEach((x, i) => {
      expect(x).toBeCloseTo(encodedWith(copies.image, views.image)[i], 9);
    });
    const texts = encodedWith(copies.text, views.text);
    place.forEach((row, pair) => {
      const found = queue('text').slice(pair * dimension, (pair + 1) * dimension);
      found.forEach((x, k) => {
        expect(x).toBeCloseTo(texts[row * dimension + k], 9);
      });
    });
    expect(Object.keys(coderObjective(options).inputs)).toEqual(['views']);
    const { concepts: _, ...plain } = options;
    expect(coderObjective({ ...plain, keys: { ...options.keys, queue: 0 } }).inputs).toEqual({});
  });
});

test.each<[string, Partial<ClusterOptions>]>([
  ['k-means', { labelling: { kind: 'kmeans', refresh: 5, iterations: 1 } }],
  ['running means', { prototypeMomentum: 0.9 }],
])('prediction of labels by %s, with words in the query: the gradient is that of finite differences', (_, changes) => {
  const options: CoderOptions = {
    ...full,
    contrast: { ...full.contrast, weighting: { form: 'dcl', sharpness: 0 }, temperature: 0.5 },
    keys: { ...full.keys, momentum: 1 },
    concepts: {
      ...concepts,
      query: 'mapped',
      labelShare: 0.35,
      clusters: {
        ...clusters,
        ...changes,
        predictionTemperature: 0.5,
        predictionReachesTowers: true,
      },
    },
  };
  const labels = constant([1, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 1, 1, 0], [pairs, 4]);
  const stage = staged(options, { fixed: true, inputs: { labels } });
  expectGradient(stage.term.loss, stage.feeds, 2e-4, 1e-4);
});

describe('memory', () => {
  test('copies move to m θ_k + (1 - m) θ_q exactly, concept branch included', () => {
    const stage = staged(full);
    const pairsOfPaths = [
      ['keys.image.weight', 'image.weight'],
      ['keys.text.table', 'text.table'],
      ['keys.concept.graph.first.weight', 'own.concept.graph.first.weight'],
      ['keys.concept.image.queryNorm.scale', 'own.concept.image.queryNorm.scale'],
    ];
    for (const [key, query] of pairsOfPaths) {
      const [found] = numbers(stage, [leaf(stage.term.memory, key)]);
      const [k, q] = [stage.feeds.get(`memory.${key}`)!.data, stage.feeds.get(query)!.data];
      expect(found).toEqual([...k].map((x, i) => x * Math.fround(0.9) + q[i] * Math.fround(1 - 0.9)));
    }
  });

  test('with m = 0 the keys are the queries themselves', () => {
    const { concepts: _, ...plain } = full;
    const stage = staged({ ...plain, keys: { ...full.keys, momentum: 0 } });
    const [queue, queries, ids, pointer] = numbers(stage, [
      leaf(stage.term.memory, 'queues.keys.text'),
      stage.scene.text.embedding,
      leaf(stage.term.memory, 'queues.ids'),
      leaf(stage.term.memory, 'queues.pointer'),
    ]);
    queries.forEach((x, i) => {
      expect(queue[i]).toBeCloseTo(x, 12);
    });
    expect(queue.slice(pairs * dimension)).toEqual(
      [...stage.feeds.get('memory.queues.keys.text')!.data].slice(pairs * dimension),
    );
    expect([ids, pointer]).toEqual([[...imageIds, -1, -1, -1, -1], [pairs]]);
  });

  test('the batch enters the queue after the loss', () => {
    const stage = staged(full);
    const { maskedKeys } = stage.term.metrics as Record<string, Tensor>;
    expect(numbers(stage, [maskedKeys])).toEqual([[0]]);
    stage.feeds.set('memory.queues.ids', { shape: [8], data: Float64Array.of(1, -1, 0, 5, 5, 5, 5, 5) });
    expect(numbers(stage, [maskedKeys])).toEqual([[3]]);
  });

  test('running statistics of both query modules move', () => {
    const stage = staged(full);
    for (const path of ['image.concept.mean', 'image.query.variance', 'text.query.mean'])
      expect(numbers(stage, [leaf(stage.term.memory, `statistics.${path}`)])[0]).not.toEqual([
        ...stage.feeds.get(`memory.statistics.${path}`)!.data,
      ]);
  });

  test('keys are encoded by running statistics, or as in training', () => {
    const keysOf = (mode: 'inference' | 'training', mean: number) => {
      const stage = staged({ ...full, keys: { ...full.keys, mode } });
      const path = 'memory.statistics.image.query.mean';
      stage.feeds.set(path, { shape: [dimension], data: new Float64Array(dimension).fill(mean) });
      return numbers(stage, [leaf(stage.term.memory, 'queues.keys.conceptImage')])[0];
    };
    expect(keysOf('inference', 0)).not.toEqual(keysOf('inference', 2));
    expect(keysOf('training', 0)).toEqual(keysOf('training', 2));
  });

  test('prototypes that are a running mean move by the keys, and are neither parameters nor told by a swapped term', () => {
    const stage = staged(withClusters({ prototypeMomentum: 0.9 }));
    expect(Object.keys(stage.own)).toEqual(['concept', 'head']);
    expect(stage.term.metrics).not.toHaveProperty('swap');
    const before = stage.memory.labels!.prototypes!;
    const keys = { image: queued(stage, 'image'), text: queued(stage, 'text') };
    const { assignments } = assign(clusters.labelling, keys, before, {}, undefined, stage.scene.step);
    const expected = runningMean(before, keys, assignments, 0.9);
    const [found, again] = numbers(stage, [leaf(stage.term.memory, 'labels.prototypes'), expected]);
    found.forEach((x, i) => {
      expect(x).toBeCloseTo(again[i], 9);
    });
    expect(found).not.toEqual(numbers(stage, [before])[0]);
  });

  test('k-means and centres are kept with the rest', () => {
    const kmeans = staged(withClusters({ labelling: { kind: 'kmeans', refresh: 5, iterations: 1 } }), { step: 5 });
    kmeans.feeds.set('memory.queues.ids', { shape: [8], data: new Float64Array(8).fill(7) });
    expect(Object.keys(kmeans.own)).toEqual(['concept', 'head']);
    expect(kmeans.term.metrics).not.toHaveProperty('swap');
    expect(numbers(kmeans, [leaf(kmeans.term.memory, 'labels.prototypes')])[0]).not.toEqual([
      ...kmeans.feeds.get('memory.labels.prototypes')!.data,
    ]);
    const centred = staged(withClusters({ labelling: { kind: 'centred', temperature: 0.04, momentum: 0.9 } }));
    expect(numbers(centred, [leaf(centred.term.memory, 'labels.centre')])[0].some((x) => x !== 0)).toBe(true);
  });
});

test.each([{ form: 'dcl', sharpness: 0 } as const, ...weightings])('$form trains towers and concepts', (weighting) => {
  const stage = staged({ ...full, contrast: { ...full.contrast, weighting } });
  const own = moved(stage, stage.term.loss, stage.own);
  expect(moved(stage, stage.term.loss, stage.towers)).toEqual(['image.weight', 'text.weight']);
  expect(own).toContain('concept.graph.second.weight');
  if (weighting.form === 'dcl-m')
    expect(own).toEqual(expect.arrayContaining(['weights.instance.key', 'weights.concept.anchor']));
  if (weighting.form === 'dcl-t')
    expect(own).toEqual(expect.arrayContaining(['weights.instance.anchor', 'weights.concept.bias']));
  expect(moved(stage, stage.term.loss, stage.memory)).toEqual([]);
});

test('words of the caption take their share in the query of the text side', () => {
  const options = { ...full, concepts: { ...concepts, labelShare: 0.35 } };
  expect(coderObjective(options).inputs).toEqual({ labels: { shape: [pairs, 4], dtype: 'float32' } });
  const labels = (data: number[]) => constant(data, [pairs, 4]);
  const conceptLoss = (data: number[]) => {
    const stage = staged(options, { inputs: { labels: labels(data) } });
    return numbers(stage, [stage.term.metrics.concept as Tensor])[0][0];
  };
  expect(conceptLoss(new Array(16).fill(0))).not.toBe(conceptLoss([1, ...new Array(15).fill(0)]));
});

test('prototypes settle at unit length', () => {
  const objective = coderObjective(full);
  const own = { prototypes: constant([3, 4, 0, 0, 0, 0], [1, 6]), head: constant([1]) };
  const settled = objective.settle(own) as typeof own;
  expect([...evaluate([settled.prototypes], new Map())[0].data].slice(0, 2)).toEqual([
    expect.closeTo(0.6, 6),
    expect.closeTo(0.8, 6),
  ]);
  expect(settled.head).toBe(own.head);
  const { concepts: _, ...plain } = full;
  expect(coderObjective(plain).settle({})).toEqual({});
});

test('a queue that batches do not fill evenly is refused', () => {
  const uneven = { ...full, keys: { ...full.keys, queue: 10 } };
  expect(() => coderObjective(uneven)).toThrow(expect.objectContaining({ code: 'DIPTYCH_QUEUE_LENGTH' }));
});

test('first values depend on the seed and the path alone, queues on their names', () => {
  const objective = coderObjective(full);
  const [one, two] = [1, 2].map((seed) => initialise(objective.memory, seed));
  expect(one.get('queues.keys.image')).toEqual(two.get('queues.keys.image'));
  expect(initialise(objective.parameters, 1).get('head')).not.toEqual(initialise(objective.parameters, 2).get('head'));
});

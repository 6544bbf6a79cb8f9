/** @file Compiled training steps of CODER, with BCLS's ranking loss beside it, over the real towers. */
import { expect, onTestFinished, test } from 'vitest';
import type { ImageRecord } from '../../data/dataset.ts';
import { captionsOf } from '../../data/relation.ts';
import { countVocabulary } from '../../data/tokens/vocabulary.ts';
import { gridTower } from '../../encoders/grid.ts';
import type { DualEncoder } from '../../encoders/tower.ts';
import { recurrentTower } from '../../encoders/words.ts';
import type { NamedTensors } from '../../graph/runtime/protocol.ts';
import { Runtime } from '../../graph/runtime/runtime.ts';
import { initialise } from '../../nn/parameters.ts';
import { Random } from '../../random/random.ts';
import { CaptionSide, widthsUpTo } from '../../training/batches/captions.ts';
import { pairBatch, prefixed } from '../../training/batches/pairs.ts';
import { RegionSide } from '../../training/batches/regions.ts';
import { viewFeeds } from '../../training/batches/views.ts';
import { adamW } from '../../training/optimisers/adam.ts';
import { compileTrainingStep, stateOf, type TrainingPlan } from '../../training/program/step.ts';
import { relevanceFeeds } from '../bcls/feeds.ts';
import { relevanceObjective } from '../bcls/objective.ts';
import { openRelevance } from '../bcls/relevance/open.ts';
import { beginCopies } from '../copies.ts';
import type { Labelling } from './clusters.ts';
import type { Weighting } from './contrast.ts';
import { textTowerFeatures } from './features.ts';
import { conceptGraph } from './graph.ts';
import { coderObjective } from './objective.ts';
import { countConcepts } from './vocabulary.ts';

const pairs = 8;
const seed = 3;
const [regions, featureWidth, dimension] = [3, 6, 8];
const things = ['dog', 'cat', 'man', 'ball'];
const places = ['beach', 'street', 'park', 'house'];
const images: ImageRecord[] = things.flatMap((thing) =>
  places.map((place) => ({
    id: `${thing} ${place}`,
    split: 'train',
    captions: [{ id: `${thing} ${place}#0`, text: `a ${thing} near the ${place}` }],
    metadata: {},
  })),
);

/** Features that say what is shown. */
function featuresOf(image: number): Float32Array {
  const random = new Random('features', image);
  const [thing, place] = [Math.floor(image / places.length), image % places.length];
  return Float32Array.from({ length: regions * featureWidth }, (_, i) => {
    const shown = i % featureWidth === thing || (i % featureWidth) - 2 === place;
    return (shown ? 1 : 0) + 0.3 * random.normal();
  });
}

/** What is kept from step to step. */
interface Ways {
  readonly labelling: Labelling;
  readonly weighting: Weighting;
  readonly augmentation: 'same' | 'independent';
  readonly prototypeMomentum?: number;
}
const usual: Ways = {
  labelling: { kind: 'sinkhorn', temperature: 0.05, iterations: 3, newest: pairs, hard: false },
  weighting: { form: 'dcl', sharpness: 1 },
  augmentation: 'same',
};

function setup({ labelling, weighting, augmentation, prototypeMomentum }: Ways = usual) {
  const texts = captionsOf(images).map(({ text }) => text);
  const tokenizer = countVocabulary(texts, { minimumCount: 1 });
  const widths = widthsUpTo(8);
  const mean = { kind: 'mean' } as const;
  const encoder: DualEncoder = {
    image: gridTower({
      featureWidth,
      regions,
      featureType: 'float32',
      dimension,
      mlp: true,
      pooling: mean,
      dropout: 0.1,
    }),
    text: recurrentTower({
      vocabulary: tokenizer.size,
      wordDimension: 5,
      widths,
      longest: 8,
      dimension,
      pooling: mean,
      dropout: 0.1,
    }),
    dimension,
  };
  const concepts = countConcepts(texts, { size: 20, minimumCount: 1, keepBe: true });
  const coder = coderObjective({
    encoder,
    pairs,
    contrast: { weighting, batchWeight: 1, temperature: 0.1, learnTemperature: true },
    keys: { queue: 3 * pairs, momentum: 0.9, mode: 'inference', augmentation },
    concepts: {
      graph: conceptGraph(concepts),
      features: textTowerFeatures(tokenizer, concepts.words, 'encoder.words.weight'),
      hidden: 7,
      query: 'pooled',
      sharpness: 10,
      labelShare: 0,
      weight: 1,
      clusters: {
        labelling,
        prototypes: 5,
        prototypeMomentum,
        weight: 0.5,
        swapWeight: 0.1,
        predictionTemperature: 0.1,
        swapTemperature: 0.1,
        predictionReachesTowers: false,
        swapReachesTowers: false,
      },
    },
  });
  const ranking = { form: 'window', variant: 'A', window: 2, margin: 0 } as const;
  const relevance = relevanceObjective({ pairs, ranking });
  const plan: TrainingPlan = {
    encoder,
    pairs,
    optimiser: { rule: adamW({ betas: [0.9, 0.999], epsilon: 1e-8, weightDecay: 1e-4 }), clipNorm: 2 },
    averageDecay: 0,
    objectives: [coder, relevance],
  };
  const program = compileTrainingStep(plan, {
    name: 'coder',
    weighted: [
      { objective: coder, weight: 1 },
      { objective: relevance, weight: 0.5 },
    ],
  });
  const state = initialise(stateOf(plan), seed);
  beginCopies(state, coder);
  const source = {
    image: new RegionSide(
      { regions, width: featureWidth, views: 1, dtype: 'float32', read: async (image) => featuresOf(image) },
      { regionDrop: 0.1, viewProbability: 0 },
    ),
    text: new CaptionSide(
      texts.map((text) => tokenizer.tokenize(text)),
      { tokenizer, widths, order: 'time' },
    ),
    imageOfCaption: Int32Array.from(images, (_, i) => i),
  };
  return { program, state, source, plan };
}

/** Runs of the step from any state. */
async function trainer({ program, source }: Pick<ReturnType<typeof setup>, 'program' | 'source'>) {
  const degrees = await openRelevance({ kind: 'tfidf', aggregate: 'max' }, { images, all: images });
  const relevant = relevanceFeeds(degrees);
  const batchAt = async (step: number): Promise<NamedTensors> => {
    const drawn = new Random('batch', step).shuffle(Int32Array.from(images, (_, i) => i)).slice(0, pairs);
    const batch = new Map(await pairBatch(source, drawn, { seed, step }));
    // Each image has one caption, so its number is that of the caption.
    const order = batch.get('imageIds')!.data as Int32Array;
    for (const [path, tensor] of prefixed('objectives.relevance', await relevant(order, order)))
      batch.set(path, tensor);
    for (const [path, tensor] of prefixed(
      'objectives.coder.views',
      await viewFeeds(source, order, order, { seed, step }),
    ))
      batch.set(path, tensor);
    batch.set('step', { dtype: 'int32', shape: [], data: Int32Array.of(step) });
    return batch.set('learningRate', { dtype: 'float32', shape: [], data: Float32Array.of(0.01) });
  };
  const runtime = await Runtime.start({ device: 'cpu', threads: 1 });
  onTestFinished(() => runtime.close());
  await runtime.load(program);
  const run = async (state: NamedTensors, from: number, to: number) => {
    await runtime.setState(state);
    const losses: number[] = [];
    for (let step = from; step < to; step++) {
      const outputs = await runtime.run(program.name, await batchAt(step));
      for (const [name, { data }] of outputs) expect(Number.isFinite(data[0]), name).toBe(true);
      losses.push(outputs.get('coder.loss')!.data[0]);
    }
    return losses;
  };
  return { runtime, run, batchAt };
}

/** Steps 4 to 7 at once, and stopped and gone on with after the first: all of the state, queues and labels among it, is the same. */
async function expectResumed({ runtime, run }: Awaited<ReturnType<typeof trainer>>, half: NamedTensors): Promise<void> {
  await run(half, 4, 7);
  const one = await runtime.getState();
  await run(half, 4, 5);
  await run(await runtime.getState(), 5, 7);
  const two = await runtime.getState();
  expect([...two.keys()]).toEqual([...one.keys()]);
  for (const [path, tensor] of one) expect(two.get(path), path).toEqual(tensor);
}

test('the loss falls, queues fill, and a run resumes bit for bit', async () => {
  const made = setup();
  const training = await trainer(made);
  const { runtime, run, batchAt } = training;

  const early = await run(made.state, 0, 4);
  const half = await runtime.getState();
  expect(half.get('memory.coder.queues.pointer')!.data[0]).toBe(pairs);
  const ids = half.get('memory.coder.queues.ids')!.data;
  const latest = (await batchAt(3)).get('imageIds')!.data;
  expect([...ids.subarray(0, pairs)]).toEqual([...latest]);
  const late = await run(half, 4, 40);
  const average = (list: number[]) => list.reduce((a, b) => a + b) / list.length;
  expect(average(late.slice(-8))).toBeLessThan(0.8 * average(early));

  await expectResumed(training, half);
});

test.each<[string, Ways, string]>([
  [
    'k-means that moves in between, learnt weights',
    { ...usual, labelling: { kind: 'kmeans', refresh: 3, iterations: 1 }, weighting: { form: 'dcl-m' } },
    'memory.coder.labels.prototypes',
  ],
  ['prototypes that are a running mean', { ...usual, prototypeMomentum: 0.9 }, 'memory.coder.labels.prototypes'],
  [
    'centred labels, learnt temperatures, keys of a batch of their own',
    {
      labelling: { kind: 'centred', temperature: 0.04, momentum: 0.9 },
      weighting: { form: 'dcl-t' },
      augmentation: 'independent',
    },
    'memory.coder.labels.centre',
  ],
])('a run resumes bit for bit: %s', async (_, ways, kept) => {
  const made = setup(ways);
  const training = await trainer(made);
  await training.run(made.state, 0, 4);
  const half = await training.runtime.getState();
  expect(half.get(kept)!.data).not.toEqual(made.state.get(kept)!.data);
  await expectResumed(training, half);
});

test('copies begin as the parameters themselves', () => {
  const { state } = setup();
  const copied = [...state.keys()].filter((path) => path.startsWith('memory.coder.keys.'));
  expect(copied.length).toBeGreaterThan(20);
  const from = (path: string) =>
    path.replace('memory.coder.keys.concept', 'params.objectives.coder.concept').replace('memory.coder.keys', 'params');
  for (const path of copied) expect(state.get(path), path).toEqual(state.get(from(path)));
});

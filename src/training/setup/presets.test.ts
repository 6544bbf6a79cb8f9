/** @file The presets of all methods, and mixes of them, trained for a few steps from options to checkpoint: whole, and resumed. */
import { cpSync, existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { exportBundle } from '../../bundle/export.ts';
import { scoresAt } from '../../bundle/scores.ts';
import { traceTower } from '../../bundle/trace.ts';
import { loadTrained } from '../../bundle/trained.ts';
import type { Program } from '../../graph/compile.ts';
import type { ConceptFacts } from '../../methods/coder/facts.ts';
import { trainingPresets } from '../../methods/presets.ts';
import { evaluateModels } from '../../trained/evaluate.ts';
import type { TrainedModel } from '../../trained/model.ts';
import { openModel } from '../../trained/open.ts';
import { loadCheckpoint } from '../checkpoint/read.ts';
import type { NamedTensors } from '../engine.ts';
import { compileTrainingStep } from '../program/step.ts';
import { drawnRuns, given } from '../testing/drawn.ts';
import { planOf } from './blueprint.ts';
import type { ModelFacts } from './model.ts';
import { startTraining } from './start.ts';

const STEPS = 6;
/** Milliseconds that a run, a resumed run and an export may take on a busy machine. */
const PATIENCE = 300_000;
/** What makes any preset small; the stages of HREM change over on the way. */
const small = {
  'tokens.minimumCount': '1',
  'embedding.dimension': '16',
  'text.wordDimension': '8',
  'relation.heads': '2',
  'relation.hidden': '8',
  'hrem.heads': '2',
  'hrem.hidden': '8',
  'hrem.best': '3',
  'hrem.graphStart': '2',
  'hrem.graphStartUnit': 'steps',
  'hrem.sphere': '16',
  'coder.keys.queue': '32',
  'coder.concepts.size': '12',
  'coder.concepts.hidden': '8',
  'coder.clusters.prototypes': '6',
  'loss.warmupEpochs': '0.2',
  'optimiser.averageDecay': '0.5',
  'schedule.warmupSteps': '0',
  'schedule.milestones': '100',
  'training.batchSize': '16',
  'training.steps': `${STEPS}`,
  'training.evaluateEvery': '3',
  'training.evaluateUnit': 'steps',
  'training.saveEvery': '1',
  'training.keepLast': '9',
  'training.logEvery': '1',
  'machine.threads': '1',
} as const;

const { at, dataset, features, valuesOf, train } = drawnRuns(small, PATIENCE);

/** Some concepts, for plans that no data stand behind. */
const concepts: ConceptFacts = {
  concepts: { words: ['dog', 'runs'], counts: [9, 5], together: [[], [4]], classes: null },
  features: { kind: 'trained', width: 4 },
};

const stateAt = async (name: string): Promise<NamedTensors> => (await loadCheckpoint(at(name), 'last')).state;

/** Goes on from the middle of a copy of a run, and compares where both end. */
async function expectResumes(name: string, preset: string, flags: Record<string, string | boolean> = {}) {
  cpSync(at(name), at(`${name}-again`), { recursive: true });
  const again = { 'run.resume': true, 'run.directory': at(`${name}-again`), 'run.fromStep': '3' };
  await train(`${name}-again`, preset, { ...flags, ...again });
  const [whole, resumed] = [await stateAt(name), await stateAt(`${name}-again`)];
  expect([...resumed.keys()]).toEqual([...whole.keys()]);
  for (const [path, tensor] of whole) expect(resumed.get(path), path).toEqual(tensor);
  return whole;
}

/** Methods, and mixes of them by options alone. */
const runs: Record<string, readonly [preset: string, flags: Record<string, string | boolean>]> = {
  hrem: ['hrem', { 'relevance.weight': '0.5', 'relevance.labels': 'tfidf' }],
  coder: ['coder', {}],
  bcls: ['bcls', {}],
  'queue of CODER under VSE': [
    'vse-infonce',
    { 'objectives.terms': 'vse,coder', 'objectives.weights': '1,0.5', 'coder.concepts.branch': false },
  ],
};

/** What plans follow from, where no data stand behind them. */
const known: ModelFacts = {
  vocabulary: 50,
  longest: 12,
  features: { width: 6, regions: 5, dtype: 'float16' },
  concepts,
};

describe.each(Object.entries(runs))('%s', (name, [preset, flags]) => {
  test(
    'trains, and goes on bit for bit; the exported model is the trained one',
    async () => {
      const result = await train(name, preset, flags);
      expect(result).toMatchObject({ steps: STEPS, ended: 'finished' });
      expect(result.best!.rsum).toBeGreaterThan(0);
      const state = await expectResumes(name, preset, flags);
      for (const [path, { data }] of state) expect(data.every(Number.isFinite), path).toBe(true);

      const { dimension, verification } = await exportBundle({
        run: at(name),
        out: at(`${name}-bundle`),
        dataset: dataset(),
        threads: 1,
      });
      const { objectives, coder } = valuesOf(preset, flags);
      expect(dimension).toBe(objectives.terms.includes('coder') && coder.concepts.branch ? 32 : 16);
      expect(verification.inputs).toBe('val');
    },
    PATIENCE,
  );
});

test.each(trainingPresets.map(({ name }) => name).filter((name) => /^(vse-inf|hrem|coder|bcls)/.test(name)))(
  '%s alone, and with the ranking loss of BCLS',
  (preset) => {
    const stagesWith = (weight: string) => {
      const values = valuesOf(preset, { 'relevance.weight': weight });
      return planOf({ values, facts: known, epochLength: 10 }).stages;
    };
    const [plain, ranked] = [stagesWith('0'), stagesWith('0.5')];
    expect(ranked.map(({ from }) => from)).toEqual(plain.map(({ from }) => from));
    ranked.forEach(({ weighted }, i) => {
      expect(weighted.slice(0, -1).map(({ objective }) => objective.name)).toEqual(
        plain[i].weighted.map(({ objective }) => objective.name),
      );
      expect(weighted.at(-1)).toMatchObject({ weight: 0.5, objective: { name: 'relevance' } });
    });
  },
);

test('HREM and CODER in one step, with the ranking loss of BCLS: the graph joins where it starts', () => {
  const flags = { 'objectives.terms': 'coder,hrem', 'relation.layer': 'image', 'relevance.weight': '1' };
  const { training, stages } = planOf({
    values: valuesOf('coder-small', { ...flags, 'optimiser.averageDecay': '0' }),
    facts: known,
    epochLength: 10,
  });
  expect(stages.map(({ name, from }) => [from, name])).toEqual([
    [0, 'coder+hrem-pairs+relevance'],
    [2, 'coder+hrem-graph+relevance'],
  ]);
  const [before, after] = stages.map((stage) => compileTrainingStep(training, stage));
  const changed = (program: Program) => program.outputs.filter(({ role }) => role === 'next').map(({ path }) => path);
  const ofGraph = changed(after).filter((path) => path.includes('.objectives.hrem-graph.'));
  expect(ofGraph.length).toBeGreaterThan(20);
  expect(changed(before)).toEqual(changed(after).filter((path) => !ofGraph.includes(path)));
});

test('queues, pointers, prototypes and statistics move', async () => {
  const [before, after] = await Promise.all(
    [1, STEPS].map(async (step) => (await loadCheckpoint(at('coder'), step)).state),
  );
  const moving = [
    'memory.coder.queues.keys.image',
    'memory.coder.queues.keys.conceptText',
    'memory.coder.queues.ids',
    'memory.coder.keys.image.projection.linear.weight',
    'memory.coder.statistics.text.query.mean',
    'params.objectives.coder.prototypes',
  ];
  for (const path of moving) expect(after.get(path)!.data, path).not.toEqual(before.get(path)!.data);
  expect(after.get('memory.coder.queues.pointer')!.data[0]).toBe((STEPS * 16) % 32);
  const prototypes = after.get('params.objectives.coder.prototypes')!.data;
  expect(Math.hypot(...prototypes.subarray(0, 16))).toBeCloseTo(1, 5);
});

test('nothing of the graph of HREM moves before it starts, nor is any of it in the exported model', async () => {
  const graphOf = (state: NamedTensors) =>
    [...state].filter(([path]) => path.startsWith('params.objectives.hrem-graph.'));
  const state = async (step: number) => (await loadCheckpoint(at('hrem'), step)).state;
  const [first, second, last] = [await state(1), await state(2), await state(STEPS)];
  expect(graphOf(first).length).toBeGreaterThan(10);
  expect(graphOf(second)).toEqual(graphOf(first));
  for (const [path, { data }] of graphOf(last)) expect(data, path).not.toEqual(first.get(path)!.data);

  const trained = await loadTrained(at('hrem'), 'last');
  const towers = new Map([...trained.state].filter(([path]) => /^(average\.(image|text)|buffers)\./.test(path)));
  for (const side of ['image', 'text'] as const) {
    const [whole, thin] = [trained.state, towers].map((kept) => traceTower(side, [{ ...trained, state: kept }]));
    expect(thin).toEqual(whole);
  }
});

test('the correlation with relevance is among the scores where relevance is trained on', async () => {
  const [ranked, plain] = await Promise.all(['bcls', 'coder'].map((name) => scoresAt(at(name), STEPS)));
  expect(Object.keys(ranked)).toEqual(expect.arrayContaining(['tau', 'i2tTau', 't2iTau']));
  expect(Math.abs(ranked.tau)).toBeLessThanOrEqual(1);
  expect(Object.keys(plain)).not.toContain('tau');
});

test('captions of a single image are refused before anything is written', async () => {
  const [image] = dataset().images;
  const alone = { ...dataset(), images: [image, ...dataset().images.filter(({ split }) => split === 'val')] };
  const values = valuesOf('bcls', { 'training.batchSize': '2', 'coder.keys.queue': '2' });
  const started = startTraining({ ...given, values, dataset: alone, folder: at('alone') });
  await expect(started).rejects.toMatchObject({ code: 'DIPTYCH_TRAINING_ONE_IMAGE' });
  expect(existsSync(at('alone'))).toBe(false);
});

test('the weight of the concept branch is changed after training', async () => {
  const machine = { device: 'cpu', threads: 1 } as const;
  const models = await Promise.all(
    [at('coder'), at('coder-bundle')].map((path) => openModel(path, { checkpoint: 'best', features, machine })),
  );
  expect(models.map(({ share }) => share)).toEqual([0.1, 0.1]);
  const images = dataset().images.filter(({ split }) => split === 'val');
  const evaluated = (model: TrainedModel, beta: number | undefined) =>
    evaluateModels([model], images, { ...given, split: 'val', folds: 1, resamples: 0, beta });
  for (const model of models) {
    const [as, same, other] = [
      await evaluated(model, undefined),
      await evaluated(model, 0.1),
      await evaluated(model, 0.9),
    ];
    expect(same.source.pair(0, 1)).toBeCloseTo(as.source.pair(0, 1), 5);
    expect(Math.abs(other.source.pair(0, 1) - as.source.pair(0, 1))).toBeGreaterThan(1e-4);
    await model.close();
  }
});

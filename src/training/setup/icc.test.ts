/** @file ICC and clustered rounds from options to checkpoint and bundle: stages, rounds, resuming across them, refusals. */
import { cpSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { exportBundle } from '../../bundle/export.ts';
import { loadCheckpoint } from '../checkpoint/read.ts';
import { readRound } from '../rounds/file.ts';
import { drawnRuns } from '../testing/drawn.ts';
import { contentsOf } from '../testing/files.ts';

/** Milliseconds that runs may take on a busy machine. */
const PATIENCE = 600_000;
/** Batches of 8 of 48 images: passes of 6 batches. Stages and rounds last a few steps each, and begin inside epochs. */
const small = {
  'tokens.minimumCount': '1',
  'embedding.dimension': '12',
  'text.wordDimension': '8',
  'icc.heads.hidden': '10',
  'icc.heads.output': '6',
  'hrem.heads': '2',
  'hrem.hidden': '8',
  'hrem.best': '3',
  'hrem.sphere': '12',
  'relation.layer': 'none',
  // Learnt pooling unrolls a recurrence, which takes most of the time of compiling and is not what is looked at here.
  'image.pooling': 'mean',
  'text.pooling': 'mean',
  'loss.warmupEpochs': '0',
  'schedule.warmupSteps': '2',
  'clusters.groups': '4,2',
  'clusters.batches': '1',
  'training.batchSize': '8',
  'training.evaluateEvery': '5',
  'training.evaluateUnit': 'steps',
  'training.saveEvery': '1',
  'training.keepLast': '99',
  'training.logEvery': '1',
  'machine.threads': '1',
} as const;

const { at, dataset, valuesOf, train } = drawnRuns(small, PATIENCE);

const recordsOf = (name: string): Record<string, number | string>[] =>
  readFileSync(join(at(name), 'metrics.jsonl'), 'utf8')
    .split('\n')
    .flatMap((line) => (line === '' ? [] : [JSON.parse(line)]));

/** Steps of an epoch: what stages and rounds are given in. */
const epoch = () =>
  Math.floor(
    dataset()
      .images.filter(({ split }) => split === 'train')
      .flatMap((i) => i.captions).length / 8,
  );
const epochs = (steps: number) => String(steps / epoch());
const rounds = () => ({ 'clusters.start': epochs(7), 'clusters.epochs': epochs(3), 'training.steps': '12' });
const stages = () => ({ 'icc.stages.adaptation': epochs(2), 'icc.stages.alignment': epochs(2) });

describe('the feature variant', () => {
  const flags = () => ({ ...rounds(), ...stages(), 'icc.heads.towerWidth': '14', 'icc.text.norm': 'layer' });

  test(
    'goes through its stages and rounds',
    async () => {
      expect(await train('icc', 'icc', flags())).toMatchObject({ steps: 12, ended: 'finished' });
      const records = recordsOf('icc');
      const trained = records.filter(({ kind }) => kind === 'train');
      const counted = (name: string) => trained.flatMap((record) => (name in record ? [Number(record.step)] : []));
      expect(counted('icc.image')).toEqual([1, 2, 5, 6, 7, 8, 9, 10, 11, 12]);
      expect(counted('icc.cross')).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
      expect(records.filter(({ kind }) => kind === 'round').map(({ step, clusters }) => [step, clusters])).toEqual([
        [7, 6],
        [10, 6],
      ]);
      // No image occurs twice in a batch unless it is asked for.
      for (const record of trained) expect(record['icc.maskedNegatives']).toBe(0);
      // Without a teacher nothing is dropped; with one, something may be.
      for (const { step, 'icc.guardRate': rate } of trained) if (Number(step) <= 7) expect(rate).toBe(0);
      expect(existsSync(join(at('icc'), 'rounds', 'step-00000010.safetensors'))).toBe(true);
      expect((await readRound(at('icc'), 10)).teacher?.dimension).toBe(12);
    },
    PATIENCE,
  );

  // Inside a stage, where a round begins, and inside one with another after it.
  test.each(['3', '7', '8'])(
    'resumed from step %s equals the whole, bit for bit',
    async (step) => {
      const name = `icc-from-${step}`;
      cpSync(at('icc'), at(name), { recursive: true });
      await train(name, 'icc', { ...flags(), 'run.resume': true, 'run.directory': at(name), 'run.fromStep': step });
      const whole = (await loadCheckpoint(at('icc'), 'last')).state;
      const resumed = (await loadCheckpoint(at(name), 'last')).state;
      for (const [path, tensor] of whole) expect(resumed.get(path), path).toEqual(tensor);
      expect(recordsOf(name)).toEqual(recordsOf('icc'));
      expect(contentsOf(join(at(name), 'rounds'))).toEqual(contentsOf(join(at('icc'), 'rounds')));
    },
    PATIENCE,
  );

  test(
    'moves in each stage what belongs to it',
    async () => {
      const at_ = async (step: number) => (await loadCheckpoint(at('icc'), step)).state;
      const [begun, adapted, aligned, joined] = [await at_(1), await at_(2), await at_(4), await at_(6)];
      const same = (a: typeof begun, b: typeof begun, path: string) =>
        expect([...a.get(path)!.data].join()).toBe([...b.get(path)!.data].join());
      const other = (a: typeof begun, b: typeof begun, path: string) =>
        expect([...a.get(path)!.data].join(), path).not.toBe([...b.get(path)!.data].join());
      for (const path of ['params.objectives.icc.logScale', 'params.image.head.weight']) {
        same(begun, adapted, path);
        other(adapted, aligned, path);
      }
      const uniModal = 'params.objectives.icc.heads.text.last.weight';
      other(begun, adapted, uniModal);
      same(adapted, aligned, uniModal);
      other(aligned, joined, uniModal);
      other(adapted, aligned, 'params.image.base.projection.linear.weight');
    },
    PATIENCE,
  );

  test(
    'is exported with its cross-modal heads, without the uni-modal ones',
    async () => {
      const { dimension } = await exportBundle({
        run: at('icc'),
        checkpoint: 'last',
        out: at('bundle'),
        dataset: undefined,
        threads: 1,
      });
      expect(dimension).toBe(12);
      const files = Object.keys(contentsOf(at('bundle')));
      expect(files.some((file) => file.endsWith('.onnx'))).toBe(true);
      for (const file of files.filter((name) => name.endsWith('.onnx'))) {
        expect(readFileSync(join(at('bundle'), file)).includes('heads')).toBe(false);
      }
    },
    PATIENCE,
  );
});

test.each([
  [
    'three views of pictures, another caption',
    'icc-pixels',
    { 'icc.views.image': 'three', 'icc.views.text': 'caption' },
  ],
  [
    'all four pairs of views, soft targets, synonyms',
    'icc',
    { 'icc.cross.views': 'all', 'icc.cross.duplicates': 'soft', 'icc.views.edits': 'synonym,insert' },
  ],
  [
    'corrupted words, scheme joint',
    'icc',
    { 'icc.views.text': 'corrupted', 'augmentation.wordDrop': '0.2', 'icc.stages.scheme': 'joint' },
  ],
] as const)(
  'trains with %s',
  async (name, preset, flags) => {
    const pixels = {
      'features.file': 'none',
      'image.imageSize': '16',
      'image.width': '8',
      'image.layers': '1',
      'image.heads': '2',
      'text.width': '8',
      'text.layers': '1',
      'text.heads': '2',
    };
    const more = preset === 'icc-pixels' ? pixels : {};
    const few = { 'training.steps': '4', 'clusters.start': epochs(3), 'clusters.epochs': epochs(1) };
    const staged = { 'icc.stages.adaptation': epochs(1), 'icc.stages.alignment': epochs(1) };
    const result = await train(name, preset, { ...few, ...staged, ...more, ...flags });
    expect(result).toMatchObject({ steps: 4, ended: 'finished' });
  },
  PATIENCE,
);

test.each(['vse-infonce', 'hrem'])(
  'clustered batches under %s by options alone',
  async (preset) => {
    const flags = { 'clusters.start': epochs(2), 'clusters.epochs': epochs(2), 'training.steps': '5' };
    expect(await train(`clustered-${preset}`, preset, flags)).toMatchObject({ steps: 5 });
    const begun = recordsOf(`clustered-${preset}`).filter(({ kind }) => kind === 'round');
    expect(begun.map(({ step }) => step)).toEqual([2, 4]);
    // Nobody guards there: clusters alone are kept.
    expect((await readRound(at(`clustered-${preset}`), 4)).teacher).toBe(undefined);
  },
  PATIENCE,
);

test(
  'controls: random clusters, and clusters that stay',
  async () => {
    const flags = { 'clusters.start': epochs(1), 'clusters.epochs': epochs(1), 'training.steps': '3' };
    await train('random', 'vse-infonce', { ...flags, 'clusters.by': 'random' });
    const sizes = new Int32Array(6);
    for (const cluster of (await readRound(at('random'), 1)).assignment) sizes[cluster]++;
    expect([...sizes]).toEqual([8, 8, 8, 8, 8, 8]);
    await train('kept', 'vse-infonce', { ...flags, 'clusters.refresh': false });
    expect(await readRound(at('kept'), 2)).toEqual(await readRound(at('kept'), 1));
  },
  PATIENCE,
);

test('a queue that batches do not fill evenly is refused before anything is written', async () => {
  const uneven = train('uneven', 'icc', { 'icc.intra.form': 'tcl', 'icc.intra.queue': '20' });
  await expect(uneven).rejects.toMatchObject({ code: 'DIPTYCH_QUEUE_LENGTH' });
  expect(existsSync(at('uneven'))).toBe(false);
});

test('rounds that cannot be filled are refused before anything is written', async () => {
  const flags = { 'clusters.start': '0', 'training.steps': '3' };
  await expect(train('many', 'icc', { ...flags, 'clusters.count': '50' })).rejects.toMatchObject({
    code: 'DIPTYCH_ROUND_CLUSTERS',
  });
  await expect(train('wide', 'icc', { ...flags, 'clusters.batches': '4' })).rejects.toMatchObject({
    code: 'DIPTYCH_ROUND_GROUPS',
  });
  // 48 images: batches of 64 captions, but none of 64 images.
  const large = { ...flags, 'training.batchSize': '64' };
  await expect(train('large', 'vse-infonce', large)).rejects.toMatchObject({
    code: 'DIPTYCH_TRAINING_BATCH_TOO_LARGE',
  });
  expect(() => valuesOf('icc', { ...flags, 'clusters.groups': '3' })).toThrow(
    /cannot be filled evenly from 3 clusters/,
  );
  expect(['many', 'wide', 'large'].some((name) => existsSync(at(name)))).toBe(false);
});

/** @file CODER from options to bundle by its alternatives: prototypes as running means, keys augmented anew, the score of CVSE. */
import { expect, test } from 'vitest';
import { exportBundle } from '../../bundle/export.ts';
import { evaluateModels } from '../../trained/evaluate.ts';
import { openModel } from '../../trained/open.ts';
import { drawnRuns, given } from '../../training/testing/drawn.ts';

/** Milliseconds that the run and its export may take on a busy machine. */
const PATIENCE = 600_000;

const { at, dataset, features, train } = drawnRuns(
  {
    'tokens.minimumCount': '1',
    'embedding.dimension': '16',
    'text.wordDimension': '8',
    'coder.keys.queue': '32',
    'coder.keys.augmentation': 'independent',
    'coder.concepts.size': '12',
    'coder.concepts.hidden': '8',
    'coder.concepts.instanceShare': '0.85',
    'coder.concepts.beta': '0.05',
    'coder.clusters.prototypes': '6',
    'coder.clusters.prototypeMomentum': '0.9',
    'training.batchSize': '16',
    'training.steps': '4',
    'training.evaluateEvery': '4',
    'training.evaluateUnit': 'steps',
    'machine.threads': '1',
  },
  PATIENCE,
);

test(
  'the exported model scores as the trained one, at β of training and at others',
  async () => {
    await train('run', 'coder-small');
    const { verification } = await exportBundle({ run: at('run'), out: at('bundle'), dataset: dataset(), threads: 1 });
    for (const { difference } of [verification.images, verification.texts]) expect(difference).toBeLessThan(1e-5);

    const machine = { device: 'cpu', threads: 1 } as const;
    const open = (name: string) => openModel(at(name), { checkpoint: 'best', features, machine });
    const [trained, exported] = [await open('run'), await open('bundle')];
    expect([trained.share, exported.share]).toEqual([0.05, 0.05]);
    const images = dataset().images.filter(({ split }) => split === 'val');
    const scores = async (model: typeof trained, beta: number | undefined) => {
      const options = { ...given, split: 'val', folds: 1, resamples: 0, beta } as const;
      const { source } = await evaluateModels([model], images, options);
      return [0, 1, 2, 3].map((caption) => source.pair(1, caption));
    };
    const [own, ...others] = await Promise.all([undefined, 0, 0.5, 1].map((beta) => scores(trained, beta)));
    for (const [i, beta] of [undefined, 0, 0.5, 1].entries()) {
      (await scores(exported, beta)).forEach((score, k) => {
        expect(score).toBeCloseTo([own, ...others][i][k], 5);
      });
    }
    // 0.95 of the fused half and 0.05 of the concepts.
    const [fused, , concepts] = others;
    own.forEach((score, k) => {
      expect(score).toBeCloseTo(0.95 * fused[k] + 0.05 * concepts[k], 5);
    });
    await Promise.all([trained.close(), exported.close()]);
  },
  PATIENCE,
);

/** @file Heads over frozen towers as the beginning of a run that trains the text model below them too. */
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { temporaryFolder } from '../testing/temporary.ts';
import { exportBundle } from './export.ts';
import { scoresAt } from './scores.ts';
import { few, headValues, sharedFolder, type TrainedOnFeatures, train, trainHeads } from './testing/trained.ts';
import { loadTrained } from './trained.ts';

const folder = sharedFolder();
let heads: TrainedOnFeatures & { readonly model: string };

beforeAll(async () => {
  heads = await trainHeads(folder);
}, 120_000);

const valuesOf = (place: string) => ({
  ...headValues(place, heads, heads.model),
  tokens: { minimumCount: 1, length: 16 },
});

describe('heads on a text model that is trained too', () => {
  test('begin as a run of heads, with the same vectors; the model moves, and is in the bundle', async () => {
    const begun = join(folder, 'begun');
    const tuned = {
      ...valuesOf(folder),
      text: { kind: 'pretrained', model: heads.model },
      fineTuning: { head: 'vector', factor: 0.5, dropout: 0 },
      optimiser: { learningRate: 1e-9 },
      training: { ...few, steps: 2, warmStart: heads.run },
    } as const;
    await train(begun, heads.data, heads.dataset, tuned);
    const rsum = async (run: string, step: number) => (await scoresAt(run, step)).rsum;
    const best = await loadTrained(heads.run, 'best');
    expect(await rsum(begun, 2)).toBeCloseTo(await rsum(heads.run, best.checkpoint.step), 3);

    const moved = join(folder, 'moved');
    await train(moved, heads.data, heads.dataset, {
      ...tuned,
      optimiser: {},
      training: { ...tuned.training, steps: 4 },
    });
    const [before, after] = await Promise.all([loadTrained(begun, 'last'), loadTrained(moved, 'last')]);
    const words = 'params.text.encoder.embeddings.words';
    expect(after.state.get(words)!.data).not.toEqual(before.state.get(words)!.data);
    const out = join(folder, 'bundle');
    const { verification } = await exportBundle({ run: moved, out, dataset: heads.dataset, threads: 1 });
    expect(verification.texts.difference).toBeLessThan(1e-5);
  });

  test('a run of other shapes is no start', async () => {
    const other = join(temporaryFolder(), 'run');
    const begin = {
      ...valuesOf(folder),
      embedding: { dimension: 12 },
      heads: { ...valuesOf(folder).heads, hidden: 8 },
    };
    const training = train(other, heads.data, heads.dataset, { ...begin, training: { ...few, warmStart: heads.run } });
    await expect(training).rejects.toMatchObject({ code: 'DIPTYCH_WARM_START' });
  });
});

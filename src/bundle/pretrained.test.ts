/** @file A model that began as what others trained, from training to a bundle that takes pictures and texts. */
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { readPretrained } from '../encoders/pretrained/read.ts';
import { isDiptychError } from '../errors/error.ts';
import { initialise } from '../nn/parameters.ts';
import { temporaryFolder } from '../testing/temporary.ts';
import { traceOf } from '../training/testing/files.ts';
import { type Exported, exportBundle } from './export.ts';
import { pretrainedValues, sharedFolder, type TrainedRun, train, trainPretrained } from './testing/trained.ts';
import { loadTrained } from './trained.ts';

const folder = sharedFolder();
const [textModel, imageModel] = [join(folder, 'text-model'), join(folder, 'image-model')];
let run: TrainedRun;
let exported: Exported;

beforeAll(async () => {
  run = await trainPretrained(folder);
  exported = await exportBundle({ run: run.run, out: join(folder, 'bundle'), dataset: run.dataset, threads: 1 });
}, 120_000);

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'none',
    (error) => (isDiptychError(error) ? error.code : String(error)),
  );

describe('training', () => {
  test('begins as the weights of the folders; frozen stages stay, the others move, the last ones most', async () => {
    const { text } = await readPretrained(textModel);
    const first = initialise(text!.parameters, 0);
    const { state } = await loadTrained(run.run, 'last');
    const moved = (path: string): number => {
      const [before, after] = [first.get(path)!, state.get(`params.text.encoder.${path}`)!];
      return Array.from(before.data).reduce((most, x, i) => Math.max(most, Math.abs(x - after.data[i])), 0);
    };
    expect(moved('embeddings.words')).toBe(0);
    const [lower, upper] = [moved('layers.0.expand.weight'), moved('layers.1.expand.weight')];
    expect(lower).toBeGreaterThan(0);
    expect(upper).toBeGreaterThan(1.5 * lower);
    expect([...state.keys()].some((path) => path.startsWith('moments.first.text.encoder.embeddings'))).toBe(false);
  });

  test('resumed from the middle, it ends in the same state bit for bit', async () => {
    const again = join(temporaryFolder(), 'run');
    const values = pretrainedValues(textModel, imageModel);
    await train(again, run.data, run.dataset, values);
    await train(again, run.data, run.dataset, { ...values, run: { directory: again, resume: true, fromStep: 2 } });
    const last = 'step-00000004/state.safetensors';
    expect(traceOf(again).checkpoints[last]).toBe(traceOf(run.run).checkpoints[last]);
  });

  test('a tower stands around it as around any other', async () => {
    const related = join(temporaryFolder(), 'run');
    const values = { ...pretrainedValues(textModel, imageModel), relation: { layer: 'text', heads: 2, hidden: 16 } };
    await train(related, run.data, run.dataset, values as never);
    const { state } = await loadTrained(related, 'last');
    const { text } = await readPretrained(textModel);
    const words = initialise(text!.parameters, 0).get('embeddings.words')!;
    expect(state.get('params.text.base.encoder.embeddings.words')!.data).toEqual(words.data);
  });

  test('folders that are not there, or hold the other side, are refused', async () => {
    const begin = (values: object) => codeOf(train(join(temporaryFolder(), 'run'), run.data, run.dataset, values));
    expect(await begin(pretrainedValues(join(folder, 'none'), imageModel))).toBe('DIPTYCH_FILE_MISSING');
    expect(await begin(pretrainedValues(textModel, textModel))).toBe('DIPTYCH_PRETRAINED_SIDE');
    const long = { ...pretrainedValues(textModel, imageModel), tokens: { length: 4096 } };
    expect(await begin(long)).toBe('DIPTYCH_PRETRAINED_LENGTH');
  });
});

test('the bundle takes the preprocessing and the tokenizer along, and equals the trained graph', async () => {
  const { images, texts, pictures } = exported.verification;
  expect(exported).toMatchObject({ takesPictures: true, verification: { inputs: 'val' } });
  for (const { difference } of [images, texts, pictures!]) expect(difference).toBeLessThan(1e-5);
  const drawn = await exportBundle({ run: run.run, out: join(temporaryFolder(), 'b'), dataset: undefined, threads: 1 });
  expect(drawn.fingerprint).toBe(exported.fingerprint);
});

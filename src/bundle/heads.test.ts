/** @file A model of heads over frozen towers, from training to a bundle that takes pictures and texts. */
import { cpSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { joined } from '../data/vectors.ts';
import { isDiptychError } from '../errors/error.ts';
import { silent } from '../system/progress.ts';
import { temporaryFolder } from '../testing/temporary.ts';
import { openRunModel } from '../trained/run-model.ts';
import { traceOf } from '../training/testing/files.ts';
import { compare } from './compare.ts';
import { type Exported, exportBundle } from './export.ts';
import { type Bundle, openBundle } from './open.ts';
import { headValues, sharedFolder, type TrainedOnFeatures, train, trainHeads } from './testing/trained.ts';
import { loadTrained } from './trained.ts';

const folder = sharedFolder();
const out = join(folder, 'bundle');
let run: TrainedOnFeatures & { readonly model: string };
let exported: Exported;
let bundle: Bundle;

beforeAll(async () => {
  run = await trainHeads(folder);
  const { backbone, dataset } = run;
  exported = await exportBundle({ run: run.run, out, dataset, backbone, threads: 1 });
  bundle = await openBundle(out, { threads: 1 });
}, 60_000);
afterAll(() => bundle.close());

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'none',
    (error) => (isDiptychError(error) ? error.code : String(error)),
  );

describe('training', () => {
  test('from vectors that are kept, and resumed from the middle, gives the same run bit for bit', async () => {
    expect(readdirSync(join(folder, 'cache')).map((name) => name.split('-')[0])).toEqual(['mean', 'sentences']);
    const again = join(temporaryFolder(), 'run');
    const values = headValues(folder, run, run.model);
    await train(again, run.data, run.dataset, values);
    expect(traceOf(again)).toEqual(traceOf(run.run));
    await train(again, run.data, run.dataset, { ...values, run: { directory: again, resume: true, fromStep: 2 } });
    expect(traceOf(again).checkpoints['step-00000004/state.safetensors']).toBe(
      traceOf(run.run).checkpoints['step-00000004/state.safetensors'],
    );
  });

  test('the state holds heads and statistics, the run folder the frozen weights', async () => {
    const { state } = await loadTrained(run.run, 'last');
    const paths = [...state.keys()].filter((path) => path.startsWith('params.image.'));
    const expected = ['hidden.bias', 'hidden.weight', 'output.bias', 'output.weight'];
    expect(paths).toEqual(expected.map((path) => `params.image.${path}`));
    const deviation = state.get('buffers.text.deviation')!.data as Float32Array;
    expect(deviation.every((one) => one > 0 && one < 1)).toBe(true);
    expect(state.has('frozen.text.encoder.embeddings.words')).toBe(true);
  });

  test('folders and features that are not there are refused', async () => {
    const place = temporaryFolder();
    const begin = (values: object) => codeOf(train(join(place, 'run'), run.data, run.dataset, values));
    const values = headValues(folder, run, run.model);
    expect(await begin({ ...values, text: { kind: 'vector', model: join(place, 'none') } })).toBe(
      'DIPTYCH_FILE_MISSING',
    );
    expect(await begin({ ...values, text: { kind: 'vector' } })).toBe('DIPTYCH_CONFIG_RULE');
    expect(await begin({ ...values, image: { kind: 'grid', model: run.model } })).toBe('DIPTYCH_CONFIG_RULE');
    expect(await begin({ ...values, features: {} })).toBe('DIPTYCH_TRAINING_FEATURES');
  });
});

describe('the bundle', () => {
  test('equals the trained graph, on the data and on drawn inputs', async () => {
    const { images, texts, pictures } = exported.verification;
    expect(exported).toMatchObject({ takesPictures: true, verification: { inputs: 'val' } });
    for (const { difference } of [images, texts, pictures!]) expect(difference).toBeLessThan(5e-5);
    const drawn = await exportBundle({
      run: run.run,
      out: join(temporaryFolder(), 'b'),
      dataset: undefined,
      threads: 1,
    });
    expect(drawn.verification.inputs).toBe('drawn');
    expect(drawn.fingerprint).toBe(exported.fingerprint);
  });

  test('gives the vectors by which the run is evaluated', async () => {
    const options = {
      checkpoint: 'best' as const,
      features: undefined,
      machine: { device: 'cpu' as const, threads: 1 },
    };
    const model = await openRunModel(run.run, options);
    const images = run.dataset.images.slice(0, 5);
    const embeddings = await model.embed(images, { progress: silent, signal: new AbortController().signal });
    const texts = images.flatMap(({ captions }) => captions.map(({ text }) => text));
    const vectors = joined(await bundle.encodeTexts(texts));
    expect(compare(vectors, embeddings.captions, 24).difference).toBeLessThan(1e-6);
    const pictures = (await bundle.encodeImages(images.map(({ path }) => path!))) as Float32Array[];
    expect(compare(joined(pictures), embeddings.images, 24).difference).toBeLessThan(5e-5);
  });

  test('is not made of weights that were damaged', async () => {
    const copy = join(temporaryFolder(), 'run');
    cpSync(run.run, copy, { recursive: true });
    writeFileSync(join(copy, 'frozen.safetensors'), 'other');
    expect(await codeOf(loadTrained(copy, 'last'))).toBe('DIPTYCH_RUN_FROZEN');
  });
});

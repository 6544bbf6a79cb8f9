/** @file A model over features: which backbone belongs to it, with and without it, and bundles whose parts do not fit. */
import { copyFileSync, cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FeatureFile } from '../data/features/file.ts';
import { joined } from '../data/vectors.ts';
import { tinyPreprocessing, writeTinyBackbone } from '../encoders/backbone/testing/tiny.ts';
import { checksumOf } from '../files/checksum.ts';
import { type Progress, silent } from '../system/progress.ts';
import { temporaryFolder } from '../testing/temporary.ts';
import { compare } from './compare.ts';
import { type Exported, exportBundle } from './export.ts';
import { bundleFingerprint, type FileName, type Manifest, readManifest } from './manifest.ts';
import { type Bundle, openBundle } from './open.ts';
import { runPlain } from './testing/plain.ts';
import { sharedFolder, type TrainedOnFeatures, trainFeatures } from './testing/trained.ts';
import { loadTrained } from './trained.ts';
import { verifyBundle } from './verify.ts';

const folder = sharedFolder();
const out = join(folder, 'bundle');
let run: TrainedOnFeatures;
let exported: Exported;
let bundle: Bundle;
const texts = ['picture 3 of 3', 'a thing of 2 parts and 4 more', 'parts'];

beforeAll(async () => {
  run = await trainFeatures(folder);
  const { backbone, dataset } = run;
  exported = await exportBundle({ run: run.run, out, dataset, backbone, threads: 1 });
  bundle = await openBundle(out, { threads: 1 });
}, 60_000);
afterAll(() => bundle.close());

/** Stored features of the images of the data set, and their pictures. */
async function stored(count: number): Promise<{ features: Float32Array; paths: string[] }> {
  const file = await FeatureFile.open(run.features);
  const images = run.dataset.images.slice(0, count);
  const features = await file.read(images.map(({ id }) => file.row(id)));
  await file.close();
  return { features, paths: images.flatMap(({ path }) => path ?? []) };
}

describe('export', () => {
  test('takes the backbone along, and pictures give the vectors of their stored features', async () => {
    const { images, texts: captions, pictures } = exported.verification;
    expect(exported).toMatchObject({ takesPictures: true, verification: { inputs: 'val' } });
    expect([images.count, captions.count, pictures?.count]).toEqual([12, 24, 12]);
    for (const { difference } of [images, captions]) expect(difference).toBeLessThan(1e-6);
    expect(pictures?.difference).toBeLessThan(1e-6);
    expect(readFileSync(join(out, 'backbone.onnx'))).toEqual(readFileSync(run.backbone));
    const { features, paths } = await stored(9);
    const vectors = await bundle.encodeFeatures(features);
    const encoded = (await bundle.encodeImages(paths)) as Float32Array[];
    expect(compare(vectors, joined(encoded), 24).difference).toBeLessThan(1e-6);
    expect(readFileSync(join(out, 'model.md'), 'utf8')).toContain('4 x 6 features of a frozen backbone (SHA-256 ');
  });

  test('without a backbone it takes features and texts, says so, and belongs to the same index', async () => {
    const notes: string[] = [];
    const progress: Progress = { ...silent, note: (line) => void notes.push(line) };
    const place = join(temporaryFolder(), 'b');
    const without = await exportBundle({ run: run.run, out: place, dataset: run.dataset, threads: 1, progress });
    expect(without).toMatchObject({ takesPictures: false, fingerprint: exported.fingerprint });
    expect(without.verification.pictures).toBeUndefined();
    expect(notes).toEqual([
      expect.stringMatching(/^without its backbone tiny\.onnx .* no pictures; add --backbone FILE$/),
    ]);
    const opened = await openBundle(place, { threads: 1 });
    const { features, paths } = await stored(3);
    const refused = { code: 'DIPTYCH_BUNDLE_FEATURES_ONLY', cure: expect.stringContaining('--backbone') };
    await expect(opened.encodeImages(paths)).rejects.toMatchObject(refused);
    expect(await opened.encodeFeatures(features)).toEqual(await bundle.encodeFeatures(features));
    expect(await opened.encodeTexts(texts)).toEqual(await bundle.encodeTexts(texts));
    await opened.close();
  });

  test('finds a backbone that lies beside the features; another one there is left', async () => {
    const place = temporaryFolder();
    const features = join(place, 'features.npy');
    for (const ending of ['.npy', '.json'])
      copyFileSync(run.features.replace('.npy', ending), join(place, `features${ending}`));
    const options = { run: run.run, dataset: undefined, features, threads: 1 };
    copyFileSync(run.backbone, join(place, 'tiny.onnx'));
    expect(await exportBundle({ ...options, out: join(place, 'with') })).toMatchObject({ takesPictures: true });
    writeTinyBackbone(join(place, 'tiny.onnx'), 2);
    expect(await exportBundle({ ...options, out: join(place, 'without') })).toMatchObject({ takesPictures: false });
  });

  test('refuses a backbone or a preprocessing that did not make the features', async () => {
    const place = temporaryFolder();
    const options = { run: run.run, out: join(place, 'b'), dataset: run.dataset };
    const other = join(place, 'other.onnx');
    writeTinyBackbone(other, 2);
    const wrong = { code: 'DIPTYCH_EXPORT_BACKBONE', message: expect.stringContaining('the features were made ') };
    await expect(exportBundle({ ...options, backbone: other })).rejects.toMatchObject(wrong);
    const preprocessing = join(place, 'preprocessing.json');
    writeFileSync(preprocessing, JSON.stringify({ ...tinyPreprocessing(), mean: [0.4, 0.5, 0.5] }));
    const { backbone } = run;
    await expect(exportBundle({ ...options, backbone, preprocessing })).rejects.toMatchObject(wrong);
    const gone = exportBundle({ ...options, backbone: join(place, 'gone.onnx') });
    await expect(gone).rejects.toMatchObject({ code: 'DIPTYCH_FILE_MISSING' });
    expect(readdirSync(place).sort()).toEqual(['other.onnx', 'preprocessing.json']);
  });

  test('refuses pictures that do not give their stored features', async () => {
    const trained = await loadTrained(run.run, 'best');
    const images = run.dataset.images.slice(0, 6);
    const sample = images.map((image, i) => ({ ...image, path: images[(i + 1) % 6].path! }));
    const refused = verifyBundle(bundle, [trained], { sample, progress: silent });
    const wrong = { code: 'DIPTYCH_EXPORT_BACKBONE', message: expect.stringContaining('with a cosine of') };
    await expect(refused).rejects.toMatchObject(wrong);
  });

  test('features that have gone are out of reach', async () => {
    const options = { run: run.run, out: join(temporaryFolder(), 'b'), features: join(folder, 'gone.npy') };
    const refused = { code: 'DIPTYCH_EXPORT_INPUTS', cure: expect.stringContaining('--features FILE') };
    await expect(exportBundle({ ...options, dataset: run.dataset })).rejects.toMatchObject(refused);
  });
});

describe('an open bundle', () => {
  test('encodes features one by one as it encodes them together, and refuses what is not whole', async () => {
    const { features } = await stored(5);
    const together = await bundle.encodeFeatures(features);
    const alone = [];
    for (let i = 0; i < 5; i++) alone.push(await bundle.encodeFeatures(features.slice(i * 24, (i + 1) * 24)));
    expect(compare(together, joined(alone), 24).difference).toBeLessThan(1e-6);
    expect(await bundle.encodeFeatures(new Float32Array())).toHaveLength(0);
    const refused = { code: 'DIPTYCH_BUNDLE_INPUT', message: expect.stringContaining('4 x 6 features') };
    await expect(bundle.encodeFeatures(features.subarray(1))).rejects.toMatchObject(refused);
  });

  test('encodes one text as it encodes many', async () => {
    const many = await bundle.encodeTexts(texts);
    const alone = [];
    for (const text of texts) alone.push(...(await bundle.encodeTexts([text])));
    expect(compare(joined(many), joined(alone), 24).difference).toBeLessThan(1e-6);
  });

  test('is the same to onnxruntime-node alone', async () => {
    const { features } = await stored(3);
    const plain = runPlain(out, {
      texts,
      features: [0, 1, 2].map((i) => [...features.subarray(24 * i, 24 * (i + 1))]),
    });
    const images = await bundle.encodeFeatures(features);
    expect(compare(Float32Array.from(plain.images.flat()), images, 24).difference).toBeLessThan(1e-6);
    const own = joined(await bundle.encodeTexts(texts));
    expect(compare(Float32Array.from(plain.texts.flat()), own, 24).difference).toBeLessThan(1e-6);
  });
});

/** A bundle that was changed by someone who also made its checksums and its fingerprint fit. */
async function forged(change: (place: string) => void, lie: Partial<Manifest> = {}): Promise<Bundle> {
  const place = join(temporaryFolder(), 'bundle');
  cpSync(out, place, { recursive: true });
  change(place);
  const { fingerprint: _, ...told } = { ...(await readManifest(out)), ...lie };
  const files = { ...told.files };
  for (const name of Object.keys(files) as FileName[]) files[name] = await checksumOf(join(place, name));
  const images = { ...told.images, backbone: files['backbone.onnx']!.sha256 } as Manifest['images'];
  const body = { ...told, images, files };
  writeFileSync(join(place, 'bundle.json'), JSON.stringify({ ...body, fingerprint: bundleFingerprint(body) }));
  return openBundle(place, { threads: 1 });
}

test('parts that do not fit together are found when they are used', async () => {
  const damaged = { code: 'DIPTYCH_BUNDLE_DAMAGED' };
  const { features, paths } = await stored(2);

  const map = { ...tinyPreprocessing('pooled') };
  const pooled = await forged((place) => writeFileSync(join(place, 'preprocessing.json'), JSON.stringify(map)));
  await expect(pooled.encodeImages(paths)).rejects.toMatchObject(damaged);
  await pooled.close();

  const wider = await forged(() => {}, { dimension: 25 });
  await expect(wider.encodeFeatures(features)).rejects.toMatchObject(damaged);
  await expect(wider.encodeTexts(texts)).rejects.toMatchObject(damaged);
  await expect(wider.encodeImages(paths)).rejects.toMatchObject(damaged);
  await wider.close();

  const swapped = await forged((place) => copyFileSync(join(place, 'image.onnx'), join(place, 'text.onnx')));
  await expect(swapped.encodeTexts(texts)).rejects.toMatchObject({ code: 'DIPTYCH_RUNTIME_FAILED' });
  await swapped.close();

  await expect(
    forged((place) => writeFileSync(join(place, 'tokenizer.json'), '{"kind": "vocabulary"}')),
  ).rejects.toMatchObject(damaged);
  await expect(forged((place) => writeFileSync(join(place, 'preprocessing.json'), '[]'))).rejects.toMatchObject(
    damaged,
  );
});

/** @file A model over pixels: exported, compared, opened, run by others, refused where it is not what was written. */
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeImage } from '../data/images/decode.ts';
import { preprocess } from '../data/images/preprocess.ts';
import { preprocessingSchema } from '../data/images/preprocessing.ts';
import { joined } from '../data/vectors.ts';
import { fieldsOf, textOf, textsOf } from '../encoders/backbone/wire.ts';
import { isDiptychError } from '../errors/error.ts';
import { silent } from '../system/progress.ts';
import { temporaryFolder } from '../testing/temporary.ts';
import { compare } from './compare.ts';
import { type Exported, exportBundle } from './export.ts';
import { type Bundle, openBundle } from './open.ts';
import { runPlain } from './testing/plain.ts';
import { sharedFolder, type TrainedRun, trainPixels } from './testing/trained.ts';
import { loadTrained } from './trained.ts';
import { verifyBundle } from './verify.ts';

const folder = sharedFolder();
const out = join(folder, 'bundle');
let run: TrainedRun;
let exported: Exported;
let bundle: Bundle;
let pictures: string[];
const texts = [
  'a red circle',
  'two squares on a blue ground',
  'a',
  'a small green triangle left of a large red circle',
];

beforeAll(async () => {
  run = await trainPixels(folder);
  exported = await exportBundle({ run: run.run, out, dataset: run.dataset, threads: 1, command: ['export', 'my run'] });
  bundle = await openBundle(out, { threads: 1 });
  pictures = run.dataset.images.flatMap(({ path }) => path ?? []).slice(0, 9);
}, 60_000);
afterAll(() => bundle.close());

/** The bundle once more, to be changed. */
function copy(): string {
  const place = join(temporaryFolder(), 'bundle');
  cpSync(out, place, { recursive: true });
  return place;
}

describe('export', () => {
  test('gives the vectors of the trained graph, from pixels, captions and picture files on', () => {
    const { verification, step, takesPictures } = exported;
    expect({ step, takesPictures, inputs: verification.inputs }).toEqual({
      step: 2,
      takesPictures: true,
      inputs: 'val',
    });
    for (const [one, count] of [
      [verification.images, 16],
      [verification.texts, 80],
      [verification.pictures!, 16],
    ] as const) {
      expect(one.count).toBe(count);
      expect(one.difference).toBeLessThan(1e-6);
      expect(one.cosine).toBeGreaterThan(0.999999);
    }
  });

  test('writes the files, and a card that says what one must know', () => {
    const files = ['bundle.json', 'image.onnx', 'model.md', 'preprocessing.json', 'text.onnx', 'tokenizer.json'];
    expect(readdirSync(out).sort()).toEqual(files);
    const card = readFileSync(join(out, 'model.md'), 'utf8');
    for (const said of [
      '# pixels-run',
      exported.fingerprint,
      'train 48 (240 captions)',
      '| rsum | ',
      'Latin',
      '## Limits',
    ]) {
      expect(card).toContain(said);
    }
    expect(card).toContain(`diptych train ${run.data}\ndiptych export 'my run'`);
    expect(card).toContain('"imageSize": 32');
  });

  test('uses operators of the standard alone, and no constant that nothing reads', () => {
    for (const name of ['image.onnx', 'text.onnx']) {
      const [graph] = fieldsOf(readFileSync(join(out, name))).filter(({ number }) => number === 7);
      const of = (field: number) => fieldsOf(graph.value).filter(({ number }) => number === field);
      const nodes = of(1).map(({ value }) => value);
      expect(nodes.map((node) => textOf(node, 7)).filter((domain) => domain !== '')).toEqual([]);
      const read = new Set(nodes.flatMap((node) => textsOf(node, 1)));
      const constants = of(5).map(({ value }) => textOf(value, 8));
      expect(constants.length).toBeGreaterThan(5);
      expect(constants.filter((constant) => !read.has(constant))).toEqual([]);
    }
  });

  test('is the same again for the same checkpoint, and another model for another', async () => {
    const again = await exportBundle({
      run: run.run,
      out: join(temporaryFolder(), 'b'),
      dataset: undefined,
      threads: 1,
    });
    expect(again.fingerprint).toBe(exported.fingerprint);
    expect(again.verification).toMatchObject({ inputs: 'drawn', images: { count: 32 }, texts: { count: 32 } });
    expect(again.verification.images.difference).toBeLessThan(1e-6);
    expect(again.verification.texts.difference).toBeLessThan(1e-6);

    const last = await loadTrained(run.run, 'last');
    expect(last.checkpoint.step).toBe(4);
    const options = { sample: run.dataset.images.slice(0, 4), progress: silent };
    const refused = verifyBundle(bundle, [last], options);
    await expect(refused).rejects.toMatchObject({ code: 'DIPTYCH_EXPORT_DIFFERS' });
  });

  test('never writes over what is there, but may replace a bundle; a failure leaves all as it was', async () => {
    const place = temporaryFolder();
    const options = { run: run.run, out: place, dataset: undefined, threads: 1 };
    writeFileSync(join(place, 'precious.txt'), 'mine');
    const taken = { code: 'DIPTYCH_BUNDLE_EXISTS' };
    await expect(exportBundle({ ...options, replace: true })).rejects.toMatchObject(taken);
    const there = copy();
    await expect(exportBundle({ ...options, out: there })).rejects.toMatchObject(taken);
    const lost = [{ ...run.dataset.images[50], path: join(place, 'gone.png') }];
    const failing = { ...options, out: there, replace: true, dataset: { ...run.dataset, images: lost } };
    await expect(exportBundle(failing)).rejects.toMatchObject({ code: 'DIPTYCH_EXPORT_INPUTS' });
    expect(readdirSync(join(there, '..'))).toEqual([basename(there)]);
    expect((await openBundle(there)).fingerprint).toBe(exported.fingerprint);

    const replaced = await exportBundle({ ...options, out: there, replace: true, name: 'mine', checkpoint: 4 });
    expect(replaced).toMatchObject({ name: 'mine', step: 4 });
    expect(replaced.fingerprint).not.toBe(exported.fingerprint);
    expect(readdirSync(join(there, '..'))).toEqual([basename(there)]);
  });

  test('refuses a run that is none, a checkpoint that is not there, a configuration of other towers', async () => {
    const options = { out: join(temporaryFolder(), 'b'), dataset: undefined };
    await expect(exportBundle({ ...options, run: folder })).rejects.toMatchObject({ code: 'DIPTYCH_RUN_MISSING' });
    const missing = { code: 'DIPTYCH_CHECKPOINT_MISSING' };
    await expect(exportBundle({ ...options, run: run.run, checkpoint: 3 })).rejects.toMatchObject(missing);
    const edited = join(temporaryFolder(), 'run');
    cpSync(run.run, edited, { recursive: true });
    const record = readFileSync(join(edited, 'run.json'), 'utf8');
    writeFileSync(join(edited, 'run.json'), record.replace('"wordDimension": 12', '"wordDimension": 13'));
    const foreign = { code: 'DIPTYCH_CHECKPOINT_FOREIGN' };
    await expect(exportBundle({ ...options, run: edited })).rejects.toMatchObject(foreign);
    expect(existsSync(options.out)).toBe(false);
  });
});

describe('an open bundle', () => {
  test('encodes one picture as it encodes many, files and bytes alike, and tells of those it cannot read', async () => {
    const broken = join(temporaryFolder(), 'broken.png');
    writeFileSync(broken, 'no picture');
    const many = await bundle.encodeImages([...pictures, broken]);
    expect(many.at(-1)).toEqual({ error: expect.any(String) });
    const vectors = many.slice(0, -1) as Float32Array[];
    for (const [i, path] of pictures.entries()) {
      const [alone] = await bundle.encodeImages([i % 2 === 0 ? path : readFileSync(path)]);
      expect(alone).toEqual(vectors[i]);
      const length = Math.hypot(...vectors[i]);
      expect(length).toBeCloseTo(1, 5);
    }
    expect(await bundle.encodeImages([])).toEqual([]);
  });

  test('encodes images as arrays one by one as it encodes them together', async () => {
    const pixels = new Float32Array(5 * 3 * 32 * 32).map((_, i) => (i * 7919) % 256);
    const together = await bundle.models.images(pixels.slice());
    const alone = [];
    for (let i = 0; i < 5; i++) alone.push(await bundle.models.images(pixels.slice(i * 3072, (i + 1) * 3072)));
    expect(compare(together, joined(alone), 32).difference).toBeLessThan(1e-6);
  });

  test('encodes one text as it encodes many, in the order given, whatever their lengths', async () => {
    const many = await bundle.encodeTexts([...texts, ...texts.slice().reverse()]);
    expect(many.slice(4).reverse()).toEqual(many.slice(0, 4));
    const alone = [];
    for (const text of texts) alone.push(...(await bundle.encodeTexts([text])));
    expect(compare(joined(many.slice(0, 4)), joined(alone), 32).difference).toBeLessThan(1e-6);
    const long = Array(50).fill('circle').join(' ');
    const cut = Array(18).fill('circle').join(' ');
    expect(await bundle.encodeTexts([long])).toEqual(await bundle.encodeTexts([cut]));
    expect(await bundle.encodeTexts([])).toEqual([]);
  });

  test('says which texts it cannot read', () => {
    expect(bundle.textWarning('a red circle')).toBeUndefined();
    expect(bundle.textWarning('红色的圆')).toContain('Han');
    expect(bundle.textWarning('zebras galloping wildly')).toContain('unknown to the model');
    expect(bundle.takesPictures).toBe(true);
  });

  test('does not take features', async () => {
    await expect(bundle.encodeFeatures(new Float32Array(4))).rejects.toMatchObject({ code: 'DIPTYCH_BUNDLE_INPUT' });
  });

  test('is the same to onnxruntime-node alone', async () => {
    const preprocessing = preprocessingSchema.parse(JSON.parse(readFileSync(join(out, 'preprocessing.json'), 'utf8')));
    const decoded = await Promise.all(pictures.slice(0, 3).map((path) => decodeImage(path)));
    const pixels = decoded.map((image) => [...preprocess(image, preprocessing)]);
    const plain = runPlain(out, { texts, pixels });
    const images = (await bundle.encodeImages(pictures.slice(0, 3))) as Float32Array[];
    expect(compare(Float32Array.from(plain.images.flat()), joined(images), 32).difference).toBeLessThan(1e-6);
    const own = await bundle.encodeTexts(texts);
    expect(compare(Float32Array.from(plain.texts.flat()), joined(own), 32).difference).toBeLessThan(1e-6);
  });
});

describe('a bundle that is not what was written', () => {
  test.each(['image.onnx', 'text.onnx', 'tokenizer.json', 'preprocessing.json'])(
    '%s changed, cut or gone',
    async (name) => {
      const place = copy();
      const path = join(place, name);
      const bytes = readFileSync(path);
      const damaged = { code: 'DIPTYCH_BUNDLE_DAMAGED', fields: { path } };
      bytes[bytes.length >> 1] ^= 1;
      writeFileSync(path, bytes);
      await expect(openBundle(place)).rejects.toMatchObject(damaged);
      truncateSync(path, bytes.length - 1);
      await expect(openBundle(place)).rejects.toMatchObject(damaged);
      rmSync(path);
      await expect(openBundle(place)).rejects.toMatchObject(damaged);
    },
  );

  test('none, of another format, or with a manifest that lies', async () => {
    await expect(openBundle(temporaryFolder())).rejects.toMatchObject({ code: 'DIPTYCH_BUNDLE_MISSING' });
    await expect(openBundle(join(out, 'model.md'))).rejects.toMatchObject({ code: 'DIPTYCH_BUNDLE_MISSING' });
    const place = copy();
    const path = join(place, 'bundle.json');
    const manifest = JSON.parse(readFileSync(path, 'utf8'));
    const opened = (change: object) => {
      writeFileSync(path, JSON.stringify({ ...manifest, ...change }));
      return openBundle(place);
    };
    await expect(opened({ format: 2 })).rejects.toMatchObject({ code: 'DIPTYCH_BUNDLE_FORMAT' });
    const lies = [
      { dimension: 64 },
      { fingerprint: '0'.repeat(64) },
      { images: { kind: 'pixels', size: 40 } },
      { files: {} },
    ];
    for (const lie of lies) await expect(opened(lie)).rejects.toMatchObject({ code: 'DIPTYCH_BUNDLE_DAMAGED' });
    expect((await opened({})).fingerprint).toBe(exported.fingerprint);
  });

  test('fuzz: a damaged manifest is refused with a code, or says the same as before', async () => {
    const place = copy();
    const path = join(place, 'bundle.json');
    const text = readFileSync(path);
    const changes = fc.array(fc.tuple(fc.nat(text.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(changes, fc.nat(text.length), async (damage, length) => {
        const bytes = Buffer.from(damage.length > 2 ? text.subarray(0, length) : text);
        for (const [at, byte] of damage) if (at < bytes.length) bytes[at] = byte;
        writeFileSync(path, bytes);
        try {
          expect((await openBundle(place)).fingerprint).toBe(exported.fingerprint);
        } catch (error) {
          expect(isDiptychError(error), String(error)).toBe(true);
        }
      }),
      { numRuns: 100 },
    );
  });
});

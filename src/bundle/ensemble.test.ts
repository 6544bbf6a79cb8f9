/** @file An ensemble as one bundle: scores are the mean of its members', and runs that take other inputs are refused. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FeatureFile } from '../data/features/file.ts';
import { tokenizerFromJSON } from '../data/tokens/load.ts';
import { joined } from '../data/vectors.ts';
import { silent } from '../system/progress.ts';
import { temporaryFolder } from '../testing/temporary.ts';
import { type Member, requireAlike } from './ensemble.ts';
import { type Exported, exportBundle } from './export.ts';
import { type Bundle, openBundle } from './open.ts';
import { pictureInputOf } from './picture-input.ts';
import { runPlain } from './testing/plain.ts';
import { sharedFolder, type TrainedOnFeatures, train, trainFeatures, type Values } from './testing/trained.ts';
import { loadTrained } from './trained.ts';
import { verifyBundle } from './verify.ts';

const folder = sharedFolder();
const at = (name: string): string => join(folder, name);
const texts = ['picture 3 of 3', 'a thing of 2 parts and 4 more', 'parts'];
let first: TrainedOnFeatures;
let second: string;
let exported: Exported;
const members: Bundle[] = [];
let whole: Bundle;

/** Nothing of the first run's towers: recurrent texts, averaged weights, vectors of two halves. */
const unlike: Values = {
  embedding: { dimension: 8 },
  image: { kind: 'grid', pooling: 'mean' },
  text: { kind: 'bigru', wordDimension: 6, pooling: 'mean' },
  optimiser: { averageDecay: 0.5 },
  objectives: { terms: ['coder'] },
  coder: {
    keys: { queue: 32 },
    concepts: { size: 8, hidden: 8, beta: 0.2, minimumCount: 1 },
    clusters: { prototypes: 4 },
  },
};

/** A run on the features of the first. */
async function another(name: string, values: Values): Promise<string> {
  const { features, data, dataset } = first;
  return (await train(at(name), data, dataset, { features: { file: features }, ...values })).run;
}

beforeAll(async () => {
  first = await trainFeatures(folder);
  second = await another('second', unlike);
  const { run, backbone, dataset } = first;
  for (const one of [run, second]) {
    const { folder: out } = await exportBundle({ run: one, out: `${one}-bundle`, dataset: undefined, threads: 1 });
    members.push(await openBundle(out, { threads: 1 }));
  }
  exported = await exportBundle({ run, ensemble: [second], out: at('whole'), dataset, backbone, threads: 1 });
  whole = await openBundle(at('whole'), { threads: 1 });
}, 120_000);
afterAll(() => Promise.all([whole, ...members].map((bundle) => bundle?.close())));

/** Stored features of the first images of the data set. */
async function stored(count: number): Promise<Float32Array> {
  const file = await FeatureFile.open(first.features);
  const features = await file.read(first.dataset.images.slice(0, count).map(({ id }) => file.row(id)));
  await file.close();
  return features;
}

/** Inner products of rows. */
function scoresOf(images: Float32Array, captions: Float32Array, dimension: number): number[] {
  const rows = (all: Float32Array) =>
    Array.from({ length: all.length / dimension }, (_, i) => all.subarray(i * dimension, (i + 1) * dimension));
  return rows(images).flatMap((v) => rows(captions).map((u) => v.reduce((sum, x, i) => sum + x * u[i], 0)));
}

describe('one bundle of two runs', () => {
  test('scores by the mean of its members, each with its own towers, weights and embedding', async () => {
    const features = await stored(9);
    const scores = async (bundle: Bundle): Promise<number[]> => {
      const captions = joined(await bundle.encodeTexts(texts));
      return scoresOf(await bundle.encodeFeatures(features.slice()), captions, bundle.dimension);
    };
    const own = await Promise.all(members.map(scores));
    const joint = await scores(whole);
    expect(members.map(({ dimension, manifest: { share } }) => [dimension, share])).toEqual([
      [24, undefined],
      [16, 0.2],
    ]);
    expect(joint).toHaveLength(27);
    joint.forEach((score, i) => {
      expect(score).toBeCloseTo((own[0][i] + own[1][i]) / 2, 6);
    });
  });

  test('has vectors of unit length, of all dimensions together, of picture files too', async () => {
    expect(whole.dimension).toBe(24 + 16);
    expect(whole.manifest).not.toHaveProperty('share');
    const paths = first.dataset.images.slice(0, 2).flatMap(({ path }) => path ?? []);
    const vectors = [...(await whole.encodeImages(paths)), ...(await whole.encodeTexts(texts))] as Float32Array[];
    expect(vectors).toHaveLength(5);
    for (const vector of vectors) expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
  });

  test('was compared with all that were trained, and tells of all', () => {
    const { name, ensemble, verification } = exported;
    expect(name).toBe('features-run + second');
    expect(ensemble).toEqual([{ run: second, step: expect.any(Number) }]);
    expect(verification).toMatchObject({ inputs: 'val', images: { count: 12 }, texts: { count: 24 } });
    for (const { difference } of [verification.images, verification.texts]) expect(difference).toBeLessThan(1e-5);
    const card = readFileSync(join(at('whole'), 'model.md'), 'utf8');
    expect(card).toContain('An ensemble of 2 runs');
    for (const run of ['features-run', 'second']) expect(card.split(`### ${run}\n`)).toHaveLength(4);
  });

  test('on drawn inputs it is these members in this order and no other', async () => {
    const trained = await Promise.all([first.run, second].map((run) => loadTrained(run, 'best')));
    const options = { sample: undefined, progress: silent };
    const { texts: compared } = await verifyBundle(whole, trained, options);
    expect(compared.difference).toBeLessThan(1e-5);
    const refused = verifyBundle(whole, trained.reverse(), options);
    await expect(refused).rejects.toMatchObject({ code: 'DIPTYCH_EXPORT_DIFFERS' });
  });

  test('is the same to onnxruntime-node alone', async () => {
    const features = await stored(2);
    const rows = [0, 1].map((i) => [...features.subarray(24 * i, 24 * (i + 1))]);
    const plain = runPlain(at('whole'), { texts, features: rows });
    const own = joined(await whole.encodeTexts(texts));
    expect(plain.texts.flat()).toHaveLength(own.length);
    plain.texts.flat().forEach((x, i) => {
      expect(x).toBeCloseTo(own[i], 6);
    });
  });
});

describe('runs that cannot be one model', () => {
  const refusal = (what: RegExp) => ({ code: 'DIPTYCH_EXPORT_ENSEMBLE', message: expect.stringMatching(what) });

  /** What is said of a member that is changed so, beside one that is changed as `before` says. */
  async function refused(
    change: (member: Member) => Partial<Member>,
    before: (member: Member) => Partial<Member> = () => ({}),
  ): Promise<unknown> {
    const trained = await loadTrained(first.run, 'best');
    const given = { features: first.features, backbone: undefined, preprocessing: undefined };
    const member = { trained, features: first.features, input: await pictureInputOf(trained, given) };
    try {
      requireAlike([
        { ...member, ...before(member) },
        { ...member, ...change(member) },
      ]);
    } catch (error) {
      return error;
    }
    return undefined;
  }

  test('texts that are cut elsewhere: the run is named, and no folder is left', async () => {
    const run = await another('shorter', { ...unlike, objectives: {}, tokens: { minimumCount: 1, length: 6 } });
    const out = join(temporaryFolder(), 'b');
    const joining = exportBundle({ run: first.run, ensemble: [second, run], out, dataset: undefined, threads: 1 });
    const said =
      /shorter: cannot be one model with .*features-run, because the longest text differs: 6 tokens instead of 20/;
    await expect(joining).rejects.toMatchObject(refusal(said));
    expect(() => readFileSync(out)).toThrow('ENOENT');
  });

  test('pictures that enter in another way', async () => {
    const images = (images: object) => (member: Member) => ({
      input: { ...member.input, images: { ...member.input.images, ...images } as Member['input']['images'] },
    });
    expect(await refused(() => ({}))).toBeUndefined();
    expect(await refused(images({ kind: 'pixels', size: 16 }))).toMatchObject(
      refusal(/the form of pictures differs: 16 x 16 pixels instead of 4 x 6 features in float16$/),
    );
    expect(await refused(images({ backbone: 'f'.repeat(64) }))).toMatchObject(
      refusal(/the backbone of the features differs: SHA-256 f{64} instead of SHA-256 [0-9a-f]{64}$/),
    );
    expect(await refused(images({ views: 2 }))).toMatchObject(
      refusal(/views that are averaged differs: 2 instead of 1$/),
    );
    expect(
      await refused(({ input }) => ({
        input: { ...input, preprocessing: { ...input.preprocessing!, mean: [0, 0, 0] } },
      })),
    ).toMatchObject(refusal(/the preprocessing of pictures differs: .*"mean":\[0,0,0\]/));
  });

  test('features of a backbone that nobody knows are the same only in one file', async () => {
    const unknown = ({ input }: Member) => ({
      input: { ...input, images: { ...input.images, backbone: null } as Member['input']['images'] },
    });
    const elsewhere = (member: Member) => ({ ...unknown(member), features: 'other.npy' });
    expect(await refused(unknown, unknown)).toBeUndefined();
    expect(await refused(elsewhere, unknown)).toMatchObject(
      refusal(/the feature file, whose backbone nobody knows differs: other\.npy instead of .*features\.npy$/),
    );
  });

  test('other ids', async () => {
    const vocabulary = (change: (words: string[]) => string[]) => (member: Member) => {
      const { tokenizer } = member.trained;
      const json = tokenizer.toJSON() as unknown as { words: string[] };
      const changed = tokenizerFromJSON({ ...json, words: change(json.words) }, 'a test');
      return { trained: { ...member.trained, tokenizer: changed } };
    };
    expect(await refused(vocabulary((words) => words.slice(0, -1)))).toMatchObject(
      refusal(/the size of the vocabulary differs: \d+ ids instead of \d+ ids$/),
    );
    const swapped = vocabulary((words) => [...words.slice(0, -2), words.at(-1)!, words.at(-2)!]);
    expect(await refused(swapped)).toMatchObject(
      refusal(/because the tokenizer differs: SHA-256 [0-9a-f]{16}… instead/),
    );
  });
});

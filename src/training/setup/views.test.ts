/** @file The views of a batch as options ask for them: which there are, for whom, and what was done to the captions of the second. */
import { expect, test } from 'vitest';
import { resolve } from '../../config/resolve.ts';
import type { Dataset } from '../../data/dataset.ts';
import { countVocabulary } from '../../data/tokens/vocabulary.ts';
import { trainingPresets } from '../../methods/presets.ts';
import { trainingSchema } from '../../methods/schema.ts';
import { silent } from '../../system/progress.ts';
import { CaptionSide, widthsUpTo } from '../batches/captions.ts';
import { type PairSource, pairBatch } from '../batches/pairs.ts';
import { RegionSide } from '../batches/regions.ts';
import { labelled } from './labels.ts';
import type { Materials } from './materials.ts';
import { withViews } from './views.ts';

const captions = ['a dog sits upon the sofa', 'a hound on a couch', 'two boys run', 'the boys are running fast'];
const words = [...captions, 'lounge sit'].join(' ');
const tokenizer = countVocabulary([words], { minimumCount: 1 });
const longest = 9;
const pairs: PairSource = {
  image: new RegionSide(
    { regions: 3, width: 2, views: 1, dtype: 'float32', read: async (image) => new Float32Array(6).fill(image) },
    { regionDrop: 0.3, viewProbability: 0 },
  ),
  text: new CaptionSide(
    captions.map((caption) => tokenizer.tokenize(caption)),
    {
      tokenizer,
      widths: widthsUpTo(longest),
      order: 'sequence',
      corruption: { probability: 0.9, mask: 1, random: 0, remove: 0 },
    },
  ),
  imageOfCaption: Int32Array.of(0, 0, 1, 1),
};
const plain: PairSource = {
  ...pairs,
  text: (pairs.text as CaptionSide).changed(
    () =>
      ({ ids }) =>
        ids,
  ),
};

function valuesOf(flags: Record<string, string>) {
  const all = { 'data.path': 'drawn', 'features.file': 'drawn.npy', 'augmentation.wordDrop': '0.2', ...flags };
  return resolve(trainingSchema, { presets: trainingPresets, preset: 'icc', flags: all });
}

/** Entries of the batch, and the second captions as text, by pair. */
async function batchOf(flags: Record<string, string>, source = plain) {
  const viewed = withViews(valuesOf(flags), source, { tokenizer, longest });
  const batch = await pairBatch(viewed, Int32Array.of(0, 1, 2, 3), { seed: 1, step: 2 });
  const views = [...batch.keys()].filter((path) => path.startsWith('objectives.icc.views.'));
  const ids = batch.get('objectives.icc.views.text.ids')?.data;
  return { views, second: ids && tokenizer.decode(ids as Int32Array) };
}

/** How often a word is said. */
const count = (text: string, word: string) => text.split(' ').filter((own) => own === word).length;
const said = captions.join(' ');

test('without uni-modal losses, first views alone: nothing is fed beside the batch', async () => {
  const alone = { 'icc.cross.views': 'first', 'icc.image.weight': '0', 'icc.text.weight': '0' };
  expect((await batchOf(alone)).views).toEqual([]);
  expect((await batchOf({})).views.some((path) => path.includes('views.third'))).toBe(false);
  expect((await batchOf({ 'icc.views.image': 'three' })).views).toContain('objectives.icc.views.third.features');
});

test('dropout alone leaves the words of the second captions as they are', async () => {
  const { second } = await batchOf({ 'icc.views.text': 'dropout' });
  expect(second!.split(' ').sort()).toEqual(said.split(' ').sort());
});

test('words that are corrupted in the first view are so in the second, and are not where captions are edited', async () => {
  expect(count((await batchOf({ 'icc.views.text': 'corrupted' }, pairs)).second!, '<unk>')).toBeGreaterThan(8);
  expect(count((await batchOf({}, pairs)).second!, '<unk>')).toBe(0);
});

test.each([
  ['swap', (second: string) => expect(second.split(' ').sort()).toEqual(said.split(' ').sort())],
  ['delete', (second: string) => expect(second.split(' ').length).toBeLessThan(said.split(' ').length)],
  ['synonym', (second: string) => expect(count(second, 'lounge') + count(second, 'sit')).toBeGreaterThan(0)],
  ['insert', (second: string) => expect(second.split(' ').length).toBeGreaterThan(said.split(' ').length)],
] as const)('edited: %s', async (kind, check) => {
  const flags = { 'icc.views.edits': kind, 'icc.views.editProbability': '1', 'icc.views.editShare': '0.5' };
  const { second } = await batchOf(flags);
  expect(second).not.toBe((await batchOf({ 'icc.views.text': 'dropout' })).second);
  check(second!);
});

test('keys of CODER are fed views of their own where keys are kept; where none are, nothing is drawn', async () => {
  const fed = async (flags: Record<string, string>) => {
    const all = { 'data.path': 'drawn', 'features.file': 'drawn.npy', 'training.batchSize': '4', ...flags };
    const values = resolve(trainingSchema, { presets: trainingPresets, preset: 'coder-dcl', flags: all });
    const facts = { vocabulary: tokenizer.size, longest, features: { regions: 3, width: 2, dtype: 'float32' } };
    const materials = { train: { images: [], pairs }, tokenizer, facts, fingerprints: {} } as unknown as Materials;
    const { train } = (await labelled(values, { images: [] } as unknown as Dataset, materials, silent)).materials;
    const batch = await pairBatch(train.pairs, Int32Array.of(0, 1, 2, 3), { seed: 1, step: 2 });
    return [...batch.keys()].filter((path) => path.startsWith('objectives.coder.'));
  };
  const independent = { 'coder.keys.augmentation': 'independent' };
  expect(await fed(independent)).toContain('objectives.coder.views.place');
  expect(await fed({ ...independent, 'coder.keys.queue': '0' })).toEqual([]);
  expect(await fed({})).toEqual([]);
});

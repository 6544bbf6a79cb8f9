/** @file Fine-tuning groups: rates by stage, frozen stages, and nothing where nothing differs. */
import { expect, test } from 'vitest';
import { leavesOf } from '../../graph/tree.ts';
import type { ParameterSpec } from '../../nn/parameters.ts';
import { fineTuningGroups } from './groups.ts';
import { readPretrained, requireImage, requireText } from './read.ts';
import { bertFolder, tinyModel, written } from './testing/models.ts';
import { pretrainedImageTower, pretrainedTextTower } from './towers.ts';

const bertTower = async () =>
  pretrainedTextTower(requireText(await readPretrained(bertFolder)), {
    vocabulary: 64,
    longest: 8,
    widths: [8],
    dimension: 6,
  });
const clipTower = async () =>
  pretrainedImageTower(requireImage(await readPretrained(await written(await tinyModel('clip')))), {});

test('each stage learns at a share of the next one', async () => {
  const { parameters } = await bertTower();
  expect(fineTuningGroups('text', parameters, { factor: 0.1, layerDecay: 0.5 })).toEqual([
    { pattern: 'text.encoder.embeddings.*', factor: 0.1 * 0.5 ** 3 },
    { pattern: 'text.encoder.layers.0.*', factor: 0.1 * 0.5 ** 2 },
    { pattern: 'text.encoder.layers.1.*', factor: 0.1 * 0.5 },
  ]);
});

test('what follows the layers is the last stage', async () => {
  const { parameters } = await clipTower();
  expect(fineTuningGroups('image', parameters, { factor: 0.5, frozen: 2 })).toEqual([
    { pattern: 'image.encoder.embeddings.*', frozen: true },
    { pattern: 'image.encoder.layers.0.*', frozen: true },
    { pattern: 'image.encoder.layers.1.*', factor: 0.5 },
    { pattern: 'image.encoder.norm.*', factor: 0.5 },
    { pattern: 'image.encoder.projection.*', factor: 0.5 },
  ]);
});

test('patterns match all that was pretrained and nothing that is new', async () => {
  for (const { parameters } of [await bertTower(), await clipTower()]) {
    const patterns = fineTuningGroups('text', parameters, { factor: 0.1 }).map(({ pattern }) => pattern.slice(0, -1));
    for (const [path] of leavesOf<ParameterSpec>({ text: parameters })) {
      const matching = patterns.filter((prefix) => path.startsWith(prefix));
      expect(matching, path).toHaveLength(path.startsWith('text.encoder.') ? 1 : 0);
    }
  }
});

test('all frozen, or all as the rest', async () => {
  const { parameters } = await bertTower();
  expect(fineTuningGroups('text', parameters, { frozen: 'all' })).toEqual([
    { pattern: 'text.encoder.*', frozen: true },
  ]);
  expect(fineTuningGroups('text', parameters, {})).toEqual([]);
});

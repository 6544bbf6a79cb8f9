/** @file preprocessor_config.json as the families publish it. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../testing/temporary.ts';
import { type PreprocessorDefaults, readPreprocessor } from './preprocessor.ts';

const half: [number, number, number] = [0.5, 0.5, 0.5];
const vit: PreprocessorDefaults = { size: 224, crop: false, filter: 'bilinear', mean: half, std: half };
const clip: PreprocessorDefaults = { size: 224, crop: true, filter: 'bicubic', mean: [0.1, 0.2, 0.3], std: half };

async function read(defaults: PreprocessorDefaults, given?: unknown) {
  const folder = temporaryFolder();
  if (given !== undefined) await writeFile(join(folder, 'preprocessor_config.json'), JSON.stringify(given));
  return readPreprocessor(folder, defaults);
}

const square = { width: 224, height: 224 };

describe('pictures are squeezed', () => {
  const squeezed = {
    resize: { ...square, filter: 'bilinear' },
    rescale: 1 / 255,
    mean: half,
    std: half,
    layout: 'NCHW',
  };
  test.each([
    ['no file', undefined],
    ['early ViT', { do_normalize: true, do_resize: true, image_mean: half, image_std: half, resample: 2, size: 224 }],
    [
      'later ViT',
      { do_rescale: true, rescale_factor: 1 / 255, size: { height: 224, width: 224 }, image_processor_type: 'ViT' },
    ],
  ])('%s', async (_, given) => {
    expect(await read(vit, given)).toEqual(squeezed);
  });
});

describe('the middle is cut out', () => {
  const cut = { resize: { shorter: 224, filter: 'bicubic' }, crop: square, rescale: 1 / 255, layout: 'NCHW' };
  test.each([
    ['no file', undefined],
    ['early CLIP', { crop_size: 224, do_center_crop: true, do_resize: true, resample: 3, size: 224 }],
    ['later CLIP', { crop_size: { height: 224, width: 224 }, do_center_crop: true, size: { shortest_edge: 224 } }],
  ])('%s', async (_, given) => {
    expect(await read(clip, given)).toEqual({ ...cut, mean: [0.1, 0.2, 0.3], std: half });
  });
  test('from a larger resize', async () => {
    expect(await read(vit, { do_center_crop: true, size: 256, crop_size: 224, resample: 1 })).toMatchObject({
      resize: { shorter: 256, filter: 'lanczos' },
      crop: square,
    });
  });
});

test('without normalisation pixels are only rescaled', async () => {
  expect(await read(clip, { do_normalize: false })).toMatchObject({ mean: [0, 0, 0], std: [1, 1, 1] });
});

test.each([
  ['another size', { size: 384 }, 'size: the model takes pictures of 224 x 224 pixels'],
  ['no square', { size: { height: 224, width: 112 } }, 'size: the model takes'],
  ['only the shorter side', { size: { shortest_edge: 224 } }, 'size: the model takes'],
  ['no resizing', { do_resize: false }, 'do_resize'],
  ['an unknown filter', { resample: 4 }, 'resample'],
  ['a deviation of 0', { image_std: [1, 0, 1] }, 'std: must be above 0'],
  ['a crop of more than there is', { do_center_crop: true, size: 100, crop_size: 224 }, 'crop: larger than'],
])('%s is refused', async (_, given, told) => {
  await expect(read(vit, given)).rejects.toThrow(told);
});

/** @file Preprocessing: values, layouts, crops, mirrored views, and the JSON that describes them. */
import { readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { isDiptychError } from '../../errors/error.ts';
import { temporaryFolder } from '../../testing/temporary.ts';
import type { RgbImage } from './image.ts';
import { plainView, preprocess } from './preprocess.ts';
import { builtInPreprocessing, preprocessingSchema, readPreprocessing } from './preprocessing.ts';
import { resize } from './resize.ts';

const image: RgbImage = {
  width: 30,
  height: 20,
  data: Uint8Array.from({ length: 30 * 20 * 3 }, (_, i) => (i * 31) & 255),
};

test('MobileNetV2: pixels / 127.5 - 1, planes of red, green, blue', async () => {
  const preprocessing = await readPreprocessing('mobilenet-v2');
  const values = preprocess(image, preprocessing);
  const { data } = resize(image, { width: 224, height: 224, filter: 'bicubic' });
  const expected = new Float32Array(3 * 224 * 224);
  for (let p = 0; p < 224 * 224; p++) {
    for (let c = 0; c < 3; c++) expected[c * 224 * 224 + p] = data[p * 3 + c] / 127.5 - 1;
  }
  expect(values.length).toBe(expected.length);
  let furthest = 0;
  for (let i = 0; i < values.length; i++) furthest = Math.max(furthest, Math.abs(values[i] - expected[i]));
  expect(furthest).toBeLessThan(1e-7);
});

test('shorter side, middle, mean and deviation, both layouts', () => {
  const description = {
    resize: { shorter: 8, filter: 'lanczos' },
    crop: { width: 6, height: 5 },
    mean: [0.1, 0.2, 0.3],
    std: [0.5, 0.25, 2],
  };
  // 30 x 20 becomes 12 x 8; its middle 6 x 5 begins at (3, 1).
  const whole = resize(image, { width: 12, height: 8, filter: 'lanczos' });
  const value = (x: number, y: number, c: number): number => {
    const pixel = whole.data[((y + 1) * 12 + x + 3) * 3 + c];
    return Math.fround((pixel * (1 / 255) - description.mean[c]) / description.std[c]);
  };
  const planes = preprocess(image, preprocessingSchema.parse(description));
  const pixels = preprocess(image, preprocessingSchema.parse({ ...description, layout: 'NHWC' }));
  expect(planes.length).toBe(6 * 5 * 3);
  for (let y = 0; y < 5; y++) {
    for (let x = 0; x < 6; x++) {
      for (let c = 0; c < 3; c++) {
        expect(planes[(c * 5 + y) * 6 + x]).toBe(value(x, y, c));
        expect(pixels[(y * 6 + x) * 3 + c]).toBe(value(x, y, c));
      }
    }
  }
});

test.each(['NCHW', 'NHWC'] as const)('a mirrored view is the plain one read from the right (%s)', (layout) => {
  const preprocessing = preprocessingSchema.parse({ resize: { width: 7, height: 4 }, layout });
  const plain = preprocess(image, preprocessing);
  const mirrored = preprocess(image, preprocessing, { ...plainView, mirrored: true });
  const at = (x: number, y: number, c: number): number =>
    layout === 'NCHW' ? (c * 4 + y) * 7 + x : (y * 7 + x) * 3 + c;
  for (let y = 0; y < 4; y++) {
    for (let x = 0; x < 7; x++) for (let c = 0; c < 3; c++) expect(mirrored[at(x, y, c)]).toBe(plain[at(6 - x, y, c)]);
  }
  expect(mirrored).not.toEqual(plain);
});

test('a part of the picture is resized as that part, into the buffer that is given', () => {
  const preprocessing = preprocessingSchema.parse({ resize: { width: 6, height: 6 }, layout: 'NHWC', rescale: 1 });
  const out = new Float32Array(6 * 6 * 3);
  const view = { left: 0.2, top: 0.1, width: 0.6, height: 0.7, mirrored: false };
  expect(preprocess(image, preprocessing, view, out)).toBe(out);
  const box = { left: 6, top: 2, right: 24, bottom: 16 };
  expect([...out]).toEqual([...resize(image, { width: 6, height: 6, filter: 'bicubic', box }).data]);
});

test('a picture of extreme proportions costs no more than its middle', () => {
  const wide: RgbImage = { width: 50_000, height: 2, data: new Uint8Array(300_000).map((_, i) => i % 251) };
  const preprocessing = preprocessingSchema.parse({
    resize: { shorter: 64 },
    crop: { width: 64, height: 64 },
    rescale: 1,
  });
  // All of it would be 1,600,000 x 64 pixels.
  const values = preprocess(wide, preprocessing);
  expect(values.length).toBe(3 * 64 * 64);
  const box = { left: 24_000, top: 0, right: 26_000, bottom: 2 };
  const window = { left: 31_968, top: 0, width: 64, height: 64 };
  const middle = resize(wide, { width: 64_000, height: 64, filter: 'bicubic', box, window });
  expect([...values.subarray(0, 64 * 64)]).toEqual([...middle.data].filter((_, i) => i % 3 === 0));
});

test('every built-in preprocessing is a file of docs/preprocessing, and the other way round', async () => {
  const folder = fileURLToPath(new URL('../../../docs/preprocessing', import.meta.url));
  const files = readdirSync(folder).map((file) => basename(file, '.json'));
  expect(files.sort()).toEqual([...builtInPreprocessing].sort());
  for (const name of builtInPreprocessing) expect((await readPreprocessing(name)).input).toBeDefined();
});

test.each([
  [{}, 'DIPTYCH_JSON_SHAPE', /resize/],
  [{ resize: { shorter: 8 } }, 'DIPTYCH_JSON_SHAPE', /crop: needed/],
  [{ resize: { shorter: 8 }, crop: { width: 9, height: 4 } }, 'DIPTYCH_JSON_SHAPE', /crop: larger/],
  [{ resize: { width: 8, height: 8 }, std: [1, 0, 1] }, 'DIPTYCH_JSON_SHAPE', /std: must be above 0/],
  [{ resize: { width: 8, height: 8 }, scale: 2 }, 'DIPTYCH_JSON_SHAPE', /scale/],
  [{ resize: { width: 8, height: 8, filter: 'nearest' } }, 'DIPTYCH_JSON_SHAPE', /resize/],
])('%j is refused', async (description, code, message) => {
  const path = join(temporaryFolder(), 'preprocessing.json');
  writeFileSync(path, JSON.stringify(description));
  const error = await readPreprocessing(path).catch((cause) => cause);
  expect(isDiptychError(error) && error.code).toBe(code);
  expect(error.message).toMatch(message);
});

test('a name that is neither built in nor a file', async () => {
  const error = await readPreprocessing('mobilenet').catch((cause) => cause);
  expect(error.message).toBe('mobilenet: neither a JSON file nor a built-in preprocessing (mobilenet-v2)');
});

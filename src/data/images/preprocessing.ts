/** @file What a model wants done to a picture, as data: one small JSON that belongs to the model file. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { DiptychError } from '../../errors/error.ts';
import { readJson } from '../../files/json.ts';
import { resampleFilters } from './filters.ts';

const length = z.int().min(1).max(8192);
const triple = z.tuple([z.number(), z.number(), z.number()]);
const filter = z.enum(resampleFilters).default('bicubic').describe('kernel of the resize, as Pillow has it');

/** Either the exact size, whatever that does to proportions, or the length of the shorter side. */
const resizing = z.union([
  z.strictObject({ width: length, height: length, filter }),
  z.strictObject({ shorter: length, filter }),
]);

export const preprocessingSchema = z
  .strictObject({
    resize: resizing,
    crop: z
      .strictObject({ width: length, height: length })
      .optional()
      .describe('what is cut out of the middle after resizing'),
    rescale: z
      .number()
      .positive()
      .default(1 / 255)
      .describe('factor on the 8-bit values'),
    mean: triple.default([0, 0, 0]).describe('taken off each colour after rescaling: red, green, blue'),
    std: triple.default([1, 1, 1]).describe('what each colour is divided by then'),
    layout: z
      .enum(['NCHW', 'NHWC'])
      .default('NCHW')
      .describe('order of the axes: N pictures, C colours, H rows, W columns'),
    input: z.string().min(1).optional().describe('name of the input tensor; may be left out where there is one'),
    output: z.string().min(1).optional().describe('name of the feature tensor; may be left out where there is one'),
  })
  .refine(({ std }) => std.every((value) => value > 0), { path: ['std'], error: 'must be above 0' })
  .refine(({ resize, crop }) => crop !== undefined || 'width' in resize, {
    path: ['crop'],
    error: 'needed with "shorter": pictures of one size are wanted',
  })
  .refine(({ resize, crop }) => crop === undefined || fits(crop, resize), {
    path: ['crop'],
    error: 'larger than what "resize" gives',
  });

/** A checked preprocessing, defaults filled in. */
export type Preprocessing = z.output<typeof preprocessingSchema>;
export type Resizing = z.output<typeof resizing>;

function fits(crop: { width: number; height: number }, resize: Resizing): boolean {
  const least = 'shorter' in resize ? { width: resize.shorter, height: resize.shorter } : resize;
  return crop.width <= least.width && crop.height <= least.height;
}

/** Preprocessing that comes with Diptych, by name: files of `docs/preprocessing`. */
export const builtInPreprocessing = ['mobilenet-v2'] as const;

/**
 * Reads a preprocessing.
 *
 * @param nameOrPath one of `builtInPreprocessing`, or the path of a JSON file
 * @throws DIPTYCH_PREPROCESSING_UNKNOWN, and what `readJson` throws
 */
export async function readPreprocessing(nameOrPath: string): Promise<Preprocessing> {
  const builtIn = builtInPreprocessing.find((name) => name === nameOrPath);
  if (builtIn !== undefined) return await readJson(builtInPath(builtIn), preprocessingSchema);
  if (!existsSync(nameOrPath)) {
    throw new DiptychError('DIPTYCH_PREPROCESSING_UNKNOWN', { name: nameOrPath, known: builtInPreprocessing });
  }
  return await readJson(nameOrPath, preprocessingSchema);
}

/** The same place seen from the sources and from what they compile to. */
function builtInPath(name: string): string {
  return fileURLToPath(new URL(`../../../docs/preprocessing/${name}.json`, import.meta.url));
}

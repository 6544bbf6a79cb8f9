/** @file preprocessor_config.json, in which a model says how its pictures are prepared, as our preprocessing. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { ResampleFilter } from '../../data/images/filters.ts';
import { type Preprocessing, preprocessingSchema } from '../../data/images/preprocessing.ts';
import { readJson } from '../../files/json.ts';

const length = z.int().min(1).max(8192);
const triple = z.tuple([z.number(), z.number(), z.number()]);
const box = z.looseObject({ height: length, width: length });

/** Numbers of Pillow's filters. */
const filters: Readonly<Record<number, ResampleFilter>> = { 1: 'lanczos', 2: 'bilinear', 3: 'bicubic' };

const schema = z.looseObject({
  size: z.union([length, z.looseObject({ shortest_edge: length }), box]).optional(),
  crop_size: z.union([length, box]).optional(),
  do_center_crop: z.boolean().optional(),
  do_resize: z.literal(true).default(true),
  do_rescale: z.literal(true).default(true),
  do_normalize: z.boolean().default(true),
  resample: z.union([z.literal(1), z.literal(2), z.literal(3)]).optional(),
  rescale_factor: z
    .number()
    .positive()
    .default(1 / 255),
  image_mean: triple.optional(),
  image_std: triple.optional(),
});

/** What holds for a family where the file says nothing or is not there. */
export interface PreprocessorDefaults {
  /** Width and height that the model takes. */
  readonly size: number;
  /** Whether the shorter side is resized and the middle cut out, or the whole picture squeezed. */
  readonly crop: boolean;
  readonly filter: ResampleFilter;
  readonly mean: [number, number, number];
  readonly std: [number, number, number];
}

/**
 * How pictures are prepared for a model.
 *
 * @throws what `readJson` throws; DIPTYCH_JSON_SHAPE too if pictures of another size would come out than the model takes
 */
export async function readPreprocessor(folder: string, defaults: PreprocessorDefaults): Promise<Preprocessing> {
  const path = join(folder, 'preprocessor_config.json');
  const translated = schema
    .refine((given) => sideOf(given, defaults) === defaults.size, {
      path: ['size'],
      error: `the model takes pictures of ${defaults.size} x ${defaults.size} pixels`,
    })
    .transform((given) => translate(given, defaults))
    .pipe(preprocessingSchema);
  return existsSync(path) ? await readJson(path, translated) : translated.parse({});
}

function translate(given: Given, defaults: PreprocessorDefaults): z.input<typeof preprocessingSchema> {
  const { size, mean, std } = defaults;
  const filter = filters[given.resample ?? 0] ?? defaults.filter;
  const square = { width: size, height: size };
  return {
    ...(cropsOf(given, defaults)
      ? { resize: resizeBeforeCrop(given, size, filter), crop: square }
      : { resize: { ...square, filter } }),
    rescale: given.rescale_factor,
    ...(given.do_normalize && { mean: given.image_mean ?? mean, std: given.image_std ?? std }),
  };
}

type Given = z.output<typeof schema>;

function cropsOf({ do_center_crop }: Given, { crop }: PreprocessorDefaults): boolean {
  return do_center_crop ?? crop;
}

/** A number says the shorter side where a crop follows. */
function resizeBeforeCrop({ size }: Given, side: number, filter: ResampleFilter): Preprocessing['resize'] {
  if (size === undefined || typeof size === 'number') return { shorter: size ?? side, filter };
  if ('shortest_edge' in size) return { shorter: size.shortest_edge as number, filter };
  return { width: size.width as number, height: size.height as number, filter };
}

/** Side of the square that comes out; undefined if it is none. */
function sideOf(given: Given, defaults: PreprocessorDefaults): number | undefined {
  const last = cropsOf(given, defaults) ? (given.crop_size ?? defaults.size) : (given.size ?? defaults.size);
  if (typeof last === 'number') return last;
  if ('shortest_edge' in last) return undefined;
  return last.width === last.height ? (last.width as number) : undefined;
}

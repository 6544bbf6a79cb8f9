/** @file The options of every verb that has some: for `config`, the page of options, and spotting misspelt variables. */
import { dataCheckSchema } from '../config/data-check.ts';
import { featuresSchema } from '../config/features.ts';
import { indexRemoveSchema } from '../config/index-options.ts';
import type { OptionsOfVerb } from '../config/page.ts';
import { trainingSchema } from '../config/training.ts';
import { trainingPresets } from '../methods/presets.ts';

export const catalog: readonly OptionsOfVerb[] = [
  { verb: 'data check', schema: dataCheckSchema, presets: [] },
  { verb: 'features', schema: featuresSchema, presets: [] },
  { verb: 'index remove', schema: indexRemoveSchema, presets: [] },
  { verb: 'train', schema: trainingSchema, presets: trainingPresets },
];

/** @file The options of every verb that has some: for `config`, the page of options, and spotting misspelt variables. */
import { comparisonSchema } from '../config/comparison-options.ts';
import { dataCheckSchema } from '../config/data-check-options.ts';
import { demoSchema } from '../config/demo-options.ts';
import { diagnosisSchema } from '../config/diagnosis-options.ts';
import { duplicatesSchema } from '../config/duplicates-options.ts';
import { evaluationSchema } from '../config/evaluation-options.ts';
import { exportSchema } from '../config/export-options.ts';
import { featuresSchema } from '../config/features-options.ts';
import {
  indexCreateSchema,
  indexOptimizeSchema,
  indexRemoveSchema,
  indexUpdateSchema,
} from '../config/index-options.ts';
import type { OptionsOfVerb } from '../config/page.ts';
import { searchSchema } from '../config/search-options.ts';
import { keysCreateSchema, serveSchema } from '../config/server-options.ts';
import { trainingPresets } from '../methods/presets.ts';
import { trainingSchema } from '../methods/schema.ts';

export const catalog: readonly OptionsOfVerb[] = [
  { verb: 'demo', schema: demoSchema, presets: [] },
  { verb: 'data check', schema: dataCheckSchema, presets: [] },
  { verb: 'features', schema: featuresSchema, presets: [] },
  { verb: 'eval', schema: evaluationSchema, presets: [] },
  { verb: 'compare', schema: comparisonSchema, presets: [] },
  { verb: 'diagnose', schema: diagnosisSchema, presets: [] },
  { verb: 'export', schema: exportSchema, presets: [] },
  { verb: 'index create', schema: indexCreateSchema, presets: [] },
  { verb: 'index add', schema: indexUpdateSchema, presets: [] },
  { verb: 'index update', schema: indexUpdateSchema, presets: [] },
  { verb: 'index optimize', schema: indexOptimizeSchema, presets: [] },
  { verb: 'index remove', schema: indexRemoveSchema, presets: [] },
  { verb: 'index duplicates', schema: duplicatesSchema, presets: [] },
  { verb: 'search', schema: searchSchema, presets: [] },
  { verb: 'serve', schema: serveSchema, presets: [] },
  { verb: 'keys create', schema: keysCreateSchema, presets: [] },
  { verb: 'train', schema: trainingSchema, presets: trainingPresets },
];

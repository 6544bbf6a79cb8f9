/** @file The options of `diagnose`. */
import { z } from 'zod';
import { evaluatedData, evaluatedFeatures } from './evaluation-options.ts';
import { path } from './form.ts';
import { machine } from './machine.ts';
import { group, option } from './option.ts';
import { defineSchema } from './schema.ts';
import { checkpoint, count } from './types.ts';

const diagnosis = group('What is looked at', {
  split: option({
    type: z.string().min(1),
    default: 'val',
    help: 'split to look at; test is refused: what is seen there would choose the next model',
    source: 'diptych',
  }),
  checkpoint: option({
    type: checkpoint,
    default: 'best',
    help: 'of a run: best on its val split, last, or a step',
    source: 'diptych',
  }),
  neighbours: option({
    type: count,
    default: 10,
    help: 'nearest items of a query among which hubs are counted',
    tooSmall: 'Counts are small numbers: chance looks like hubs.',
    tooLarge: 'Everything is near everything, and hubs are hidden.',
    source: 'related work',
  }),
  report: option({
    type: path.nullable(),
    default: null,
    help: 'folder for diagnosis.html and diagnosis.json',
    source: 'diptych',
  }),
});

export const diagnosisSchema = defineSchema({ diagnosis, data: evaluatedData, features: evaluatedFeatures, machine });

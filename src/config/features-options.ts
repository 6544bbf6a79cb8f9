/** @file The options of `features`. */
import { z } from 'zod';
import { dataset } from './dataset.ts';
import { path } from './form.ts';
import { threads } from './machine.ts';
import { group, option } from './option.ts';
import { defineSchema } from './schema.ts';
import { seed } from './types.ts';

const features = group('What is made of each picture', {
  backbone: option({ type: path, help: 'ONNX file of the frozen model', source: 'diptych' }),
  preprocessing: option({
    type: path,
    help: 'what the model wants done to pictures: mobilenet-v2, or a small JSON file (docs/preprocessing)',
    source: 'diptych',
  }),
  out: option({
    type: path,
    help: 'feature file to write, NAME.npy; what stands in its rows is written to NAME.json',
    source: 'diptych',
  }),
  output: option({
    type: z.string().min(1).nullable(),
    default: null,
    help: 'name of the tensor that is taken; none takes what the preprocessing names, or the only one',
    source: 'diptych',
  }),
  dtype: option({
    type: z.enum(['float16', 'float32']),
    default: 'float16',
    help: 'how numbers are stored; float16 halves the file and what training reads',
    source: 'diptych',
  }),
  views: option({
    type: z.int().min(0).max(64),
    default: 0,
    help: 'views of each picture beside the plain one, for training: one mirrored, then random parts',
    tooSmall: 'Training sees the same numbers in every epoch.',
    tooLarge: 'File and time grow with it, and each view is seen less.',
    source: 'diptych',
  }),
  seed: option({
    type: seed,
    default: 0,
    help: 'decides the random parts',
    source: 'diptych',
  }),
  resume: option({
    type: z.boolean(),
    default: true,
    help: 'takes up an unfinished file and leaves a finished one',
    tooSmall: 'Begins afresh and replaces what is there.',
    source: 'diptych',
  }),
});

const machine = group('What computes', { threads });

export const featuresSchema = defineSchema({ data: dataset, features, machine });

/** @file The options of `export`. */
import { z } from 'zod';
import { path } from './form.ts';
import { machine } from './machine.ts';
import { group, option } from './option.ts';
import { defineSchema } from './schema.ts';
import { checkpoint } from './types.ts';

const bundle = group('What is written', {
  out: option({ type: path, help: 'folder of the bundle', source: 'diptych' }),
  checkpoint: option({
    type: checkpoint,
    default: 'best',
    help: 'of each run: best on the val split, last, or a step',
    source: 'diptych',
  }),
  ensemble: option({
    type: z.array(path),
    default: [],
    help: 'further runs over the same features and tokenizer: one model whose score is the mean of theirs',
    source: 'related work',
  }),
  name: option({
    type: z.string().min(1).nullable(),
    default: null,
    help: 'what the bundle calls itself; none takes the name of the folder of the run, of an ensemble all of them',
    source: 'diptych',
  }),
  replace: option({
    type: z.boolean(),
    default: false,
    help: 'replaces the bundle that is there',
    tooSmall: 'A folder that is taken is refused.',
    source: 'diptych',
  }),
});

const pictures = group('How pictures enter a model that was trained on features', {
  backbone: option({
    type: path.nullable(),
    default: null,
    help: 'ONNX file that made the features; none looks for it beside them, and else leaves pictures out',
    source: 'diptych',
  }),
  preprocessing: option({
    type: path.nullable(),
    default: null,
    help: 'what that model wants done to pictures; none takes what stands beside the features',
    source: 'diptych',
  }),
});

const verify = group('What the exported model is compared with the trained one on', {
  inputs: option({
    type: z.enum(['val', 'drawn']),
    default: 'val',
    flag: 'verify',
    help: 'pictures and captions of the validation split, or inputs drawn from a seed where those are out of reach',
    source: 'diptych',
  }),
  data: option({
    type: path.nullable(),
    default: null,
    help: 'where the data set of the run is now; none takes where it was',
    source: 'diptych',
  }),
  images: option({
    type: path.nullable(),
    default: null,
    help: 'where its pictures are now; none takes where they were',
    source: 'diptych',
  }),
  features: option({
    type: path.nullable(),
    default: null,
    help: 'where its feature file is now; none takes where it was',
    source: 'diptych',
  }),
});

export const exportSchema = defineSchema({ bundle, pictures, verify, machine });

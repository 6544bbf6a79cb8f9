/** @file The options of `search`. */
import { z } from 'zod';
import { beta } from './beta.ts';
import { path } from './form.ts';
import { filter, rememberedBundle } from './index-options.ts';
import { machine as machineGroup, threads } from './machine.ts';
import { group, option } from './option.ts';
import { defineSchema } from './schema.ts';
import { count } from './types.ts';

const search = group('What is looked for, and where', {
  index: option({ type: path, help: 'folder of the index', source: 'diptych' }),
  bundle: rememberedBundle,
  image: option({
    type: path.nullable(),
    default: null,
    help: 'picture file to find others like; with a text, both count',
    source: 'diptych',
  }),
  captionsFor: option({
    type: path.nullable(),
    default: null,
    help: 'picture file to find captions for; the index must have been made with captions',
    source: 'diptych',
  }),
  id: option({
    type: z.array(z.string().min(1)),
    default: [],
    help: 'item of the index to find others like; needs no model; may be given several times',
    source: 'diptych',
    repeated: true,
  }),
  part: option({
    type: z.array(z.string().min(1)),
    default: [],
    help: 'part of the question, with a weight if wanted: text:a dog, image:FILE, id:ID, vector:[0.1, …], 0.5*text:grass; below 0 means less like this: -0.5*text:snow; may be given several times',
    source: 'diptych',
    repeated: true,
  }),
  captions: option({
    type: z.enum(['off', 'fuse', 'only']),
    default: 'off',
    help: 'whether texts are looked for in the captions of pictures, too: fuse joins both rankings, only needs no model',
    source: 'diptych',
  }),
  within: option({
    type: path.nullable(),
    default: null,
    help: 'file of ids, one a line, or what an earlier search printed with --json: only these are searched',
    source: 'diptych',
  }),
  top: option({
    type: count,
    default: 10,
    help: 'results at most',
    source: 'diptych',
  }),
  threshold: option({
    type: z.number().min(-1).max(1).nullable(),
    default: null,
    help: 'only results with at least this score; what is high differs from model to model',
    tooSmall: 'Whatever fits best is shown, even if nothing fits.',
    tooLarge: 'Nothing is found.',
    source: 'diptych',
  }),
  filter,
  beta,
  sheet: option({
    type: path.nullable(),
    default: null,
    help: 'writes the results as pictures to look at: NAME.html or NAME.png',
    source: 'diptych',
  }),
});

// One process is enough for one picture, and there sooner.
const machine = group(machineGroup.help, { ...machineGroup.members, threads: option({ ...threads, default: 1 }) });

export const searchSchema = defineSchema({ search, machine });

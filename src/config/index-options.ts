/** @file The options of the `index` verbs. */
import { z } from 'zod';
import { dataset } from './dataset.ts';
import { path } from './form.ts';
import { machine } from './machine.ts';
import { group, option } from './option.ts';
import { defineSchema } from './schema.ts';
import { size } from './size.ts';
import { count } from './types.ts';

/** Which rows are meant, by their metadata. */
export const filter = option({
  type: z.string().min(1).nullable(),
  default: null,
  help: 'rows by their metadata, as JSON: {"year": {"gte": 2020}}',
  source: 'diptych',
});

/** The model of an index that there is already. */
export const rememberedBundle = option({
  type: path.nullable(),
  default: null,
  help: 'bundle that made the index; none takes it from where it was then',
  source: 'diptych',
});

/** What all verbs that encode pictures into an index ask. */
const encoding = {
  source: option({
    type: z.enum(['auto', 'folder', 'dataset', 'list']),
    default: 'auto',
    help: 'what a source is: all pictures in a folder and below it, a data set, or a list of paths; auto looks',
    source: 'diptych',
  }),
  captions: option({
    type: z.boolean(),
    default: false,
    help: 'gives captions rows of their own, so that they are found for pictures; once on it stays on',
    tooSmall: 'Captions are kept beside their pictures, but not searched.',
    tooLarge: 'Several times the rows.',
    source: 'diptych',
  }),
  prefix: option({
    type: z.string().nullable(),
    default: null,
    help: 'put before the ids of the source, to set it apart from others; none keeps the one it has',
    source: 'diptych',
  }),
  partition: option({
    type: count,
    default: 256,
    help: 'pictures that are encoded and stored at once',
    tooSmall: 'Cores wait for the last picture of each.',
    tooLarge: 'A kill costs as much to do again.',
    source: 'diptych',
  }),
};

/** How an index is searched once it is large, but for the defaults. */
const recall = {
  type: z.number().min(0.5).max(1),
  help: 'of the 10 best rows, how many a search must find, as measured on the rows themselves; few rows are all tried',
  tooSmall: 'Good results are missed.',
  tooLarge: 'Searches take longer and the graph is larger; 1 may be out of reach.',
  source: 'diptych',
} as const;
const memory = {
  type: size,
  help: 'memory that the graph of a large index may take',
  tooSmall: 'No graph fits, and all rows are tried at each search.',
  tooLarge: 'Nothing.',
  source: 'diptych',
} as const;

export const indexCreateSchema = defineSchema({
  index: group('What is indexed, and how', {
    bundle: option({ type: path, help: 'bundle whose model encodes the pictures', source: 'diptych' }),
    ...encoding,
    dtype: option({
      type: z.enum(['float32', 'float16']),
      default: 'float32',
      help: 'how vectors are stored; float16 halves disk and memory and changes scores by about 1e-4',
      source: 'diptych',
    }),
    store: option({
      type: z.enum(['auto', 'lance', 'flat']),
      default: 'auto',
      help: 'what keeps the rows: LanceDB, or files of our own; auto takes LanceDB where it is installed',
      source: 'diptych',
    }),
    recall: option({ ...recall, default: 0.99 }),
    memory: option({ ...memory, default: '2GiB' }),
    replace: option({
      type: z.boolean(),
      default: false,
      help: 'builds a new version beside the one in use, then switches to it: for another model',
      tooSmall: 'An index that is there is refused.',
      source: 'diptych',
    }),
  }),
  data: dataset,
  machine,
});

/** Of `index add` and `index update`. */
export const indexUpdateSchema = defineSchema({
  index: group('What is indexed, and how', { bundle: rememberedBundle, ...encoding }),
  data: dataset,
  machine,
});

/** An index remembers what was asked for, and keeps to it when its graph is built again. */
export const indexOptimizeSchema = defineSchema({
  index: group('How it is searched', {
    recall: option({
      ...recall,
      type: recall.type.nullable(),
      default: null,
      help: `${recall.help}; none takes what was asked for last, at first 0.99`,
    }),
    memory: option({
      ...memory,
      type: memory.type.nullable(),
      default: null,
      help: `${memory.help}; none takes what was asked for last, at first 2GiB`,
    }),
  }),
});

export const indexRemoveSchema = defineSchema({ remove: group('Which rows go', { filter }) });

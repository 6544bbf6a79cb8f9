/** @file Options of reading captioned pictures, shared by the verbs that read them. */
import { z } from 'zod';
import { path } from './form.ts';
import { group, option } from './option.ts';
import { count, seed, share } from './types.ts';

const name = z.string().min(1);

/** Where the data set is, for verbs that do not take it as a word. */
export const datasetPath = option({
  type: path,
  flag: 'data',
  help: 'data set: a file of captions or the folder that holds it; the formats are in the README',
  source: 'diptych',
});

/** How the files of a data set are to be read. */
export const datasetMembers = {
  format: option({
    type: z.enum(['auto', 'karpathy', 'coco', 'precomp', 'jsonl', 'csv', 'tsv', 'pairs']),
    default: 'auto',
    help: 'layout of the data set; auto recognises it from the files',
    source: 'diptych',
  }),
  images: option({
    type: path.nullable(),
    default: null,
    help: 'folder of the pictures; none looks beside the captions',
    source: 'diptych',
  }),
  columns: group('Which columns of a table mean what; none goes by usual names', {
    image: option({
      type: name.nullable(),
      default: null,
      flag: 'image-column',
      help: 'path of the picture',
      source: 'diptych',
    }),
    captions: option({
      type: z.array(name),
      default: [],
      flag: 'caption-columns',
      help: 'one column of captions, or several; empty goes by usual names',
      source: 'diptych',
    }),
    id: option({ type: name.nullable(), default: null, flag: 'id-column', help: 'id of the image', source: 'diptych' }),
    captionId: option({
      type: name.nullable(),
      default: null,
      flag: 'caption-id-column',
      help: 'id of the caption',
      source: 'diptych',
    }),
    split: option({
      type: name.nullable(),
      default: null,
      flag: 'split-column',
      help: 'split of the image',
      source: 'diptych',
    }),
  }),
  delimiter: option({
    type: name.nullable(),
    default: null,
    help: 'CSV and TSV: what parts the fields; none takes a comma or a tab',
    source: 'diptych',
  }),
  quotes: option({
    type: z.boolean(),
    default: true,
    help: 'CSV and TSV: double quotes enclose fields',
    tooSmall: 'They are plain text.',
    source: 'diptych',
  }),
  captionsPerImage: option({
    type: count.nullable(),
    default: null,
    help: 'keeps the first so many captions of each image; results on COCO are with 5',
    tooSmall: 'Captions that were paid for are not learnt from.',
    tooLarge: 'Results on COCO no longer compare with published ones.',
    source: 'related work',
  }),
  splitSeed: option({
    type: seed.nullable(),
    default: null,
    help: 'draws the splits from the ids of the images by this seed; none takes those of the files',
    source: 'diptych',
  }),
  splitShares: option({
    type: z.tuple([share, share, share]),
    default: [0.8, 0.1, 0.1],
    help: 'splits drawn by a seed: shares of train, val and test, together 1',
    source: 'diptych',
  }),
};

/** The options that verbs over data sets have in common, where the path is a word of the command. */
export const dataset = group('How the data set is read', datasetMembers);

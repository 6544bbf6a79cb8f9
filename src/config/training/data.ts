/** @file What a training reads: the data set, stored features in place of its pictures, and captions as ids. */
import { z } from 'zod';
import { datasetMembers, datasetPath } from '../dataset.ts';
import { path } from '../form.ts';
import { group, option } from '../option.ts';
import { count, share } from '../types.ts';

export const data = group('What is learnt from', {
  path: datasetPath,
  ...datasetMembers,
  trainSplits: option({
    type: z.array(z.string().min(1)).min(1),
    default: ['train'],
    help: 'splits to train on; COCO results are usually from train,restval',
    source: 'related work',
  }),
  valSplit: option({
    type: z.string().min(1),
    default: 'val',
    help: 'split that chooses the best checkpoint; test is refused',
    source: 'diptych',
  }),
});

export const features = group('Stored features in place of pictures, for the grid tower', {
  file: option({
    type: path.nullable(),
    default: null,
    flag: 'features',
    help: 'feature file (.npy) that `diptych features` wrote; none takes those that the data set brings',
    source: 'diptych',
  }),
  viewProbability: option({
    type: share,
    default: 0.8,
    help: 'how often a training picture shows one of the further views of the feature file',
    tooSmall: 'Every epoch shows the same pixels; the image tower learns them by heart sooner.',
    tooLarge: 'The plain view, which evaluation uses, is hardly seen.',
    source: 'diptych',
  }),
  averagedViews: option({
    type: count,
    default: 1,
    help: 'views of a picture whose vectors are averaged when it is evaluated or indexed; at most as many as the file holds',
    tooSmall: 'Details that a crop would show are lost on the picture as a whole.',
    tooLarge: 'Each view costs one pass of the backbone when pictures are indexed.',
    source: 'diptych',
  }),
});

export const tokens = group('Captions as ids', {
  file: option({
    type: path.nullable(),
    default: null,
    flag: 'tokenizer',
    help: 'tokenizer.json, or a vocabulary JSON of SCAN; none counts a vocabulary from the training captions',
    source: 'diptych',
  }),
  minimumCount: option({
    type: count,
    default: 4,
    help: 'how often the training captions must use a word for the vocabulary to hold it',
    tooSmall: 'Words seen once get a vector that nothing trains well; the file grows.',
    tooLarge: 'Telling words become <unk>.',
    source: 'related work',
  }),
  length: option({
    type: z.int().min(3),
    default: 64,
    flag: 'caption-length',
    help: 'most tokens of a caption, its two marks included; the rest is cut off',
    tooSmall: 'Ends of captions are lost.',
    tooLarge: 'One long caption makes its whole batch slow.',
    source: 'diptych',
  }),
});

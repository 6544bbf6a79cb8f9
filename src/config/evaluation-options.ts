/** @file The options of `eval`. */
import { z } from 'zod';
import { beta } from './beta.ts';
import { datasetMembers } from './dataset.ts';
import { path } from './form.ts';
import { machine } from './machine.ts';
import { group, option } from './option.ts';
import { defineSchema } from './schema.ts';
import { checkpoint, count } from './types.ts';

export const evaluatedData = group('What is evaluated on', {
  path: option({
    type: path.nullable(),
    default: null,
    flag: 'data',
    help: 'data set: a file of captions or the folder that holds it; none takes that of the run, read as it was there',
    source: 'diptych',
  }),
  ...datasetMembers,
});

export const evaluatedFeatures = group('Stored features in place of pictures', {
  file: option({
    type: path.nullable(),
    default: null,
    flag: 'features',
    help: 'feature file (.npy) with a row for each image; none takes that of the run, and for a bundle the pictures',
    source: 'diptych',
  }),
});

const evaluation = group('How it is evaluated', {
  split: option({
    type: z.string().min(1),
    default: 'val',
    help: 'split to evaluate on; an evaluation on test is written down beside the model',
    source: 'diptych',
  }),
  folds: option({
    type: count,
    default: 1,
    help: 'cuts the images, in file order, into so many galleries and takes the mean; COCO 1K is 5 folds of 5,000',
    tooSmall: 'COCO 5K is meant: harder, and not to be compared with 1K.',
    tooLarge: 'Small galleries are easy: recalls say little.',
    source: 'related work',
  }),
  checkpoint: option({
    type: checkpoint,
    default: 'best',
    help: 'of a run: best on its val split, last, or a step',
    source: 'diptych',
  }),
  ensemble: option({
    type: z.array(path),
    default: [],
    help: 'further runs or bundles; ranks are those of the mean of all scores',
    source: 'related work',
  }),
  judgements: option({
    type: path.nullable(),
    default: null,
    help: 'file of human judgements (Flickr8k’s ExpertAnnotations.txt or CrowdFlowerAnnotations.txt) to compare scores with',
    source: 'related work',
  }),
  beta,
  relevance: option({
    type: z.enum(['none', 'cider', 'tfidf', 'encoder', 'vectors', 'words', 'images', 'matrix']),
    default: 'none',
    flag: 'relevance-labels',
    help: 'degrees of relevance, as in training, that scores are compared with: Kendall’s tau over all candidates, Tau@K over the best K, and NCS@K, the share of relevance in the best K',
    source: 'related work',
  }),
  relevanceFile: option({
    type: path.nullable(),
    default: null,
    help: 'encoder: a model, as in training; vectors, images: a row for each caption or image; words: word vectors; matrix: images by captions',
    source: 'diptych',
  }),
  resamples: option({
    type: z.int().min(0),
    default: 1000,
    help: 'resamples of the images for the confidence intervals; 0 draws none',
    tooSmall: 'The ends of the intervals jump from seed to seed.',
    tooLarge: 'Seconds, for digits that nobody reads.',
    source: 'diptych',
  }),
  report: option({
    type: path.nullable(),
    default: null,
    help: 'folder for report.md, report.json and report.html with curves, ranks, best and worst queries',
    source: 'diptych',
  }),
});

export const evaluationSchema = defineSchema(
  {
    evaluation,
    data: evaluatedData,
    features: evaluatedFeatures,
    machine,
  },
  [
    {
      options: ['evaluation.relevance', 'evaluation.relevanceFile'],
      check: ({ evaluation: { relevance, relevanceFile } }) => {
        const wanted = !['none', 'cider', 'tfidf'].includes(relevance);
        if (wanted === (relevanceFile !== null)) return undefined;
        return wanted ? `${relevance} is read from --relevance-file: name it` : `${relevance} reads no file`;
      },
    },
  ],
);

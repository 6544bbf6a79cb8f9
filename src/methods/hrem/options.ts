/** @file The options of HREM as data, and what their values come to. */
import { z } from 'zod';
import { group, option, type ValuesOf } from '../../config/option.ts';
import { amount, count, partialShare, positive, share } from '../../config/types.ts';
import type { GraphOptions } from './objective.ts';
import type { PairLoss } from './pair-loss.ts';

/** Attention heads of Transformer layers. @param of whose they are, in words */
const heads = (flag: string, of: string) =>
  option({
    type: count,
    default: 16,
    flag,
    help: `attention heads of ${of}; divides the dimension`,
    tooSmall: 'One pattern of attention for everything.',
    tooLarge: 'Each head becomes too narrow to compare anything.',
    source: 'official code',
  });

/** Fragments that read each other before they are pooled, in any tower. */
export const relationOptions = group('Fragments read each other before pooling (HREM towers)', {
  layer: option({
    type: z.enum(['none', 'image', 'text', 'both']),
    default: 'none',
    flag: 'relation',
    help: 'towers that get one Transformer layer over regions or words, and residual pooling in place of their own',
    source: 'official code',
  }),
  heads: heads('relation-heads', 'that layer'),
  hidden: option({
    type: count,
    default: 1024,
    flag: 'relation-hidden',
    help: 'width between its two linear maps',
    tooSmall: 'The layer can only average.',
    tooLarge: 'Time in proportion.',
    source: 'official code',
  }),
  dropout: option({
    type: partialShare,
    default: 0.1,
    flag: 'relation-dropout',
    help: 'share of values dropped inside that layer',
    tooSmall: 'Learnt by heart sooner.',
    tooLarge: 'Fragments are related to noise.',
    source: 'official code',
  }),
  residualWeight: option({
    type: share,
    default: 0.8,
    flag: 'residual-weight',
    help: 'weight ω of the fragments as they were; the rest is the mean of what the layer made of them',
    tooSmall: 'The embedding hangs on a layer that is not trained yet.',
    tooLarge: 'At 1 the layer counts nothing.',
    source: 'official code',
  }),
  topValues: option({
    type: count,
    default: 2,
    flag: 'residual-top',
    help: 'largest values of each dimension that are averaged; 1 is the maximum of the paper',
    tooSmall: 'Noisy fragments win.',
    tooLarge: 'Approaches the mean: small objects vanish.',
    source: 'official code',
  }),
});

/** Losses and graph. */
export const hremOptions = group('Triplets with drawn negatives, and the graph over a batch (HREM)', {
  loss: option({
    type: z.enum(['distance-weighted', 'vse', 'infonce']),
    default: 'distance-weighted',
    flag: 'hrem-loss',
    help: 'distance-weighted draws a negative for each positive; vse is the hinge over all, later over the hardest negatives; infonce, which is ours, a softmax over the batch',
    source: 'official code',
  }),
  margin: option({
    type: amount,
    default: 0.2,
    flag: 'hrem-margin',
    help: 'by how much a pair must beat its negative, in cosine',
    tooSmall: 'Pairs are barely separated.',
    tooLarge: 'Captions that fit both pictures are pushed apart.',
    source: 'official code',
  }),
  nceTemperature: option({
    type: positive,
    default: 0.05,
    flag: 'hrem-temperature',
    help: 'loss infonce: scores are divided by it',
    tooSmall: 'The hardest negatives alone count, mislabelled ones first.',
    tooLarge: 'Hard negatives count no more than easy ones.',
    source: 'diptych',
  }),
  warmupEpochs: option({
    type: amount,
    default: 1,
    flag: 'hrem-warmup-epochs',
    help: 'loss vse: epochs over all negatives before the hardest alone count',
    tooSmall: 'Random towers collapse to one point.',
    tooLarge: 'The easier loss wastes epochs.',
    source: 'official code',
  }),
  distanceFloor: option({
    type: z.number().gt(0).lt(2),
    default: 0.5,
    help: 'negatives closer than this distance are drawn as if at it',
    tooSmall: 'Always the hardest negative, mislabelled ones first.',
    tooLarge: 'Hard negatives are drawn no more often than middling ones.',
    source: 'official code',
  }),
  distanceCut: option({
    type: z.number().gt(0).max(2.01),
    default: 1.7,
    help: 'negatives at this distance or beyond are never drawn: 1.7 on Flickr30K, 1.9 on COCO',
    tooSmall: 'Anchors run out of negatives.',
    tooLarge: 'Draws fall on negatives that teach nothing.',
    source: 'official code',
  }),
  sphere: option({
    type: z.int().min(3),
    default: 512,
    flag: 'sphere-dimension',
    help: 'dimension n of the sphere that distances are evened out on; the code has 512 whatever the embedding',
    tooSmall: 'Draws are nearly uniform.',
    tooLarge: 'Always the closest negative beyond the floor.',
    source: 'official code',
  }),
  farNegatives: option({
    type: z.enum(['masked-first', 'official']),
    default: 'masked-first',
    help: 'reconstructed: masked-first leaves far negatives out before weights are compared; official compares first, and one far negative can silence a whole direction',
    source: 'reconstructed',
  }),
  draws: option({
    type: count,
    default: 5,
    help: 'independent draws of an anchor, one for each caption of its image in the batch; captions beyond share them',
    tooSmall: 'Captions of one image meet the same negative; the expectation is unchanged.',
    tooLarge: 'Random numbers that nothing reads.',
    source: 'diptych',
  }),
  graph: option({
    type: z.boolean(),
    default: true,
    flag: 'graph',
    help: 'the graph over the batch, with its three losses and the regulariser; training only',
    tooSmall: 'Two encoders under the triplet loss.',
    source: 'official code',
  }),
  graphStart: option({
    type: amount,
    default: 8000,
    help: 'when the graph begins to count; before that it is not computed',
    tooSmall: 'Edges are drawn between random embeddings.',
    tooLarge: 'The run ends before it has taught anything.',
    source: 'official code',
  }),
  graphStartUnit: option({
    type: z.enum(['steps', 'epochs']),
    default: 'steps',
    help: 'what graphStart counts; 8000 steps are 7.07 epochs of Flickr30K',
    source: 'diptych',
  }),
  density: option({
    type: z.number().gt(0).max(1),
    default: 0.5,
    flag: 'graph-density',
    help: 'share of the batch that each instance is linked to, in each modality',
    tooSmall: 'Instances read themselves alone.',
    tooLarge: 'Everything reads everything; unrelated instances blur.',
    source: 'official code',
  }),
  kernelWidth: option({
    type: positive,
    default: 1,
    help: 'width σ of the kernel that turns distances into edge weights',
    tooSmall: 'Only an instance itself has weight.',
    tooLarge: 'All neighbours weigh alike.',
    source: 'official code',
  }),
  matching: option({
    type: z.enum(['official', 'paper']),
    default: 'official',
    flag: 'fragment-matching',
    help: 'regions against words: official takes cosines, leaky ReLU and norms; paper takes raw inner products',
    source: 'official code',
  }),
  best: option({
    type: count,
    default: 10,
    flag: 'best-matches',
    help: 'length K of the vectors of best matches that the edge perceptrons read',
    tooSmall: 'Edges hang on one region.',
    tooLarge: 'Padding is read where captions are short.',
    source: 'official code',
  }),
  padding: option({
    type: z.enum(['masked', 'read']),
    default: 'masked',
    flag: 'fragment-padding',
    help: 'reconstructed: masked leaves padded regions and words out of the matching; read takes them along as the official code does',
    source: 'reconstructed',
  }),
  interaction: option({
    type: z.enum(['fusion', 'standalone']),
    default: 'fusion',
    help: 'fusion: the batch as one sequence; standalone, whose details are reconstructed: a branch for each modality',
    source: 'official code',
  }),
  layers: option({
    type: count,
    default: 1,
    flag: 'interaction-layers',
    help: 'interaction layers',
    tooLarge: 'Enhanced embeddings drift away from those that are searched.',
    source: 'official code',
  }),
  heads: heads('interaction-heads', 'each'),
  hidden: option({
    type: count,
    default: 1024,
    flag: 'interaction-hidden',
    help: 'width between the two linear maps of each',
    source: 'official code',
  }),
  dropout: option({
    type: partialShare,
    default: 0.1,
    flag: 'interaction-dropout',
    help: 'share of values dropped inside them',
    source: 'official code',
  }),
  edgeScale: option({
    type: amount,
    default: 1,
    help: 'factor λ_E on edge weights in attention: 1.0 on Flickr30K, 1.5 on COCO',
    tooSmall: 'At 0 the graph says who, not how much.',
    tooLarge: 'Each instance reads its strongest neighbour alone.',
    source: 'official code',
  }),
  branches: option({
    type: z.enum(['own', 'shared']),
    default: 'own',
    flag: 'standalone-branches',
    help: 'reconstructed: standalone: each modality has weights of its own, or both share them',
    source: 'reconstructed',
  }),
  crossReads: option({
    type: z.enum(['input', 'updated']),
    default: 'input',
    flag: 'standalone-reads',
    help: 'reconstructed: standalone: captions read the images as they enter a layer, or as they have just become',
    source: 'reconstructed',
  }),
  regulariserWeight: option({
    type: amount,
    default: 10,
    flag: 'edge-regulariser',
    help: 'weight of the divergence of learned edges from the distances of embeddings; 0 leaves it out',
    tooSmall: 'Edges across modalities learn from the losses alone.',
    tooLarge: 'They repeat the distances.',
    source: 'official code',
  }),
  temperature: option({
    type: positive,
    default: 1,
    flag: 'edge-temperature',
    help: 'temperature of the softmax in that divergence',
    source: 'official code',
  }),
});

export type HremValues = ValuesOf<(typeof hremOptions)['members']>;
export type RelationValues = ValuesOf<(typeof relationOptions)['members']>;

/** What is wrong between options; undefined when all is well. For the rules of a schema. */
export function hremFault(
  { graph, heads, density }: HremValues,
  { dimension, pairs }: { readonly dimension: number; readonly pairs: number },
): string | undefined {
  if (!graph) return undefined;
  if (dimension % heads !== 0) return `dimension ${dimension} cannot be shared evenly by ${heads} interaction heads`;
  if (Math.floor(density * pairs) < 1) return `density ${density} leaves nobody linked in a batch of ${pairs}`;
  return undefined;
}

/** The same for the fragment layer. */
export function relationFault({ layer, heads }: RelationValues, dimension: number): string | undefined {
  if (layer === 'none' || dimension % heads === 0) return undefined;
  return `dimension ${dimension} cannot be shared evenly by ${heads} heads of the fragment layer`;
}

/** The loss on a pair of embedding sets. @param negatives of the loss vse at this time of the run */
export function pairLossOf(values: HremValues, negatives: 'all' | 'hardest'): PairLoss {
  const { loss, margin, nceTemperature, draws, distanceFloor, distanceCut, sphere, farNegatives } = values;
  if (loss === 'infonce') return { kind: loss, temperature: nceTemperature };
  if (loss === 'vse') return { kind: loss, margin, negatives };
  return { kind: loss, margin, draws, floor: distanceFloor, cut: distanceCut, sphere, order: farNegatives };
}

/** Everything about the graph. */
export function graphOptionsOf({ matching, best, padding, ...values }: HremValues): GraphOptions {
  const { density, kernelWidth, interaction, layers, heads, hidden, dropout, edgeScale, branches, crossReads } = values;
  const { regulariserWeight, temperature } = values;
  return {
    ...{ density, kernelWidth, regulariserWeight, temperature },
    ...{ interaction, layers, heads, hidden, dropout, edgeScale, branches, crossReads },
    matching: { form: matching, best, padding },
  };
}

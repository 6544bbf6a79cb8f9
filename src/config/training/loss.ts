/** @file Options of the losses over the pairs of a batch. */
import { z } from 'zod';
import { group, option } from '../option.ts';
import { amount, positive } from '../types.ts';

export const loss = group('What is minimised', {
  kind: option({
    type: z.enum(['hinge-sum', 'hinge-hardest', 'infonce', 'siglip']),
    default: 'infonce',
    flag: 'loss',
    help: 'hinge over all or over the hardest negatives of the batch, InfoNCE, or the pairwise sigmoid loss',
    source: 'diptych',
  }),
  margin: option({
    type: amount,
    default: 0.2,
    help: 'hinge: by how much a pair must beat its negatives, in cosine',
    tooSmall: 'Pairs are barely separated; the loss is soon zero and nothing is learnt.',
    tooLarge: 'Captions that fit both pictures are pushed apart.',
    source: 'paper',
  }),
  warmupEpochs: option({
    type: amount,
    default: 1,
    help: 'hinge-hardest: epochs over all negatives before the hardest alone count',
    tooSmall: 'Random towers collapse to one point: the loss stays at twice the margin.',
    tooLarge: 'The easier loss wastes epochs.',
    source: 'official code',
  }),
  temperature: option({
    type: positive,
    default: 0.07,
    help: 'infonce, siglip: scores are divided by it; where it starts if it is learnt',
    tooSmall: 'Only the hardest negative counts; noisy captions dominate.',
    tooLarge: 'All negatives count alike; recall@1 stays low.',
    source: 'paper',
  }),
  learnTemperature: option({
    type: z.boolean(),
    default: true,
    help: 'infonce, siglip: the temperature is a parameter, its inverse held at 100 or below',
    tooSmall: 'The temperature must be searched for by hand.',
    tooLarge: 'Late in a long run it sharpens on noise.',
    source: 'paper',
  }),
  bias: option({
    type: z.number(),
    default: -10,
    help: 'siglip: where the learnt bias of the logits starts',
    tooSmall: 'All pairs look like negatives for many steps.',
    tooLarge: 'The many negatives cost so much at the start that the first steps are wild.',
    source: 'paper',
  }),
});

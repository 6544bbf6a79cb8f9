/** @file Options of how long a training is, and of what is logged, evaluated and kept on the way. */
import { z } from 'zod';
import { path } from '../form.ts';
import { group, option } from '../option.ts';
import { count, positive, seed } from '../types.ts';

export const training = group('How long, and what is kept', {
  batchSize: option({
    type: z.int().min(2),
    default: 128,
    help: 'pairs of a step; each is a negative of all others',
    tooSmall: 'Few negatives, none of them hard.',
    tooLarge: 'Memory; pictures that fit each other’s captions become negatives.',
    source: 'official code',
  }),
  epochs: option({
    type: positive,
    default: 10,
    help: 'times through the captions of the training splits; parts of one are allowed',
    tooSmall: 'The schedule ends before the towers agree.',
    tooLarge: 'Learnt by heart: val rSum falls while the loss still does. The best checkpoint is kept.',
    source: 'diptych',
  }),
  steps: option({
    type: count.nullable(),
    default: null,
    help: 'length of the run in steps instead of epochs',
    source: 'diptych',
  }),
  minutes: option({
    type: positive.nullable(),
    default: null,
    help: 'ends the run after so many minutes of training, over all sessions; rates, stages and rounds keep up with them',
    tooSmall: 'The plan is over before the towers agree; what time ends cannot be repeated bit for bit.',
    tooLarge: 'The run ends by its length, as if there were no limit.',
    source: 'diptych',
  }),
  evaluateEvery: option({
    type: positive,
    default: 1,
    help: 'evaluates on the val split, and saves, each time so many epochs or steps have passed',
    tooSmall: 'More time for evaluation than for training.',
    tooLarge: 'The best moment falls between two evaluations; more is lost by a crash.',
    source: 'diptych',
  }),
  evaluateUnit: option({
    type: z.enum(['epochs', 'steps']),
    default: 'epochs',
    help: 'what evaluateEvery counts',
    source: 'diptych',
  }),
  saveEvery: option({
    type: z.int().min(0),
    default: 0,
    help: 'saves each time so many steps are done, beside the saves at evaluations; 0 for those alone',
    tooSmall: 'Steps wait for the disk.',
    tooLarge: 'More is done again after a crash.',
    source: 'diptych',
  }),
  logEvery: option({
    type: count,
    default: 20,
    help: 'steps whose means make one line of the log',
    tooSmall: 'Large logs, of noise.',
    tooLarge: 'A run that goes wrong is noticed late.',
    source: 'diptych',
  }),
  warmStart: option({
    type: path.nullable(),
    default: null,
    help: 'folder of a run: parameters of the same names and shapes begin as those of its best checkpoint',
    source: 'diptych',
  }),
  prefetch: option({
    type: count,
    default: 2,
    help: 'batches made ahead while a step computes',
    tooSmall: 'Steps wait when a batch takes long.',
    tooLarge: 'Memory, and nothing gained once no step waits.',
    source: 'diptych',
  }),
  keepLast: option({
    type: count,
    default: 2,
    help: 'newest checkpoints kept beside the best',
    tooSmall: '1 leaves nothing to go back to but the best.',
    tooLarge: 'Each takes three times the weights on disk.',
    source: 'diptych',
  }),
  patience: option({
    type: z.int().min(0),
    default: 0,
    help: 'stops after so many evaluations without a better rSum; 0 never stops early',
    tooSmall: 'Stops at a chance dip, before the learning rate has fallen.',
    tooLarge: 'Waits for what does not come.',
    source: 'diptych',
  }),
  seed: option({
    type: seed,
    default: 0,
    help: 'all that is random follows from it: weights, order, dropout, augmentation',
    source: 'diptych',
  }),
});

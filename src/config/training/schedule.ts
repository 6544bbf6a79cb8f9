/** @file Options of the learning rate over time. */
import { z } from 'zod';
import { group, option } from '../option.ts';
import { amount, positive } from '../types.ts';

export const schedule = group('How the learning rate changes', {
  kind: option({
    type: z.enum(['constant', 'step', 'cosine']),
    default: 'cosine',
    flag: 'schedule',
    help: 'constant; step multiplies by gamma at each milestone; cosine falls to the floor by the end',
    source: 'diptych',
  }),
  warmupSteps: option({
    type: z.int().min(0),
    default: 100,
    help: 'steps over which the learning rate rises from zero',
    tooSmall: 'The first steps, with wild gradients, are taken at full length.',
    tooLarge: 'Time is spent at rates too low to learn from.',
    source: 'diptych',
  }),
  milestones: option({
    type: z.array(positive),
    default: [15, 25],
    help: 'step: epochs at whose start the learning rate is multiplied by gamma',
    source: 'official code',
  }),
  gamma: option({
    type: z.number().gt(0).max(1),
    default: 0.1,
    help: 'step: factor at each milestone',
    tooSmall: 'Learning all but ends at the first milestone.',
    tooLarge: 'The milestones change nothing.',
    source: 'official code',
  }),
  floor: option({
    type: amount,
    default: 0,
    help: 'cosine: learning rate at the end',
    tooLarge: 'The weights never settle.',
    source: 'diptych',
  }),
});

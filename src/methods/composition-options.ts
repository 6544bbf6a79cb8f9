/** @file The options that say which objectives a run sums. */
import { z } from 'zod';
import { group, option, type ValuesOf } from '../config/option.ts';
import { positive } from '../config/types.ts';

/** Families of objectives: each brings its own stages. */
export const families = ['vse', 'triplet', 'hrem', 'coder', 'icc'] as const;
export type Family = (typeof families)[number];

export const objectiveOptions = group('What is minimised: a sum of objectives', {
  terms: option({
    type: z.array(z.enum(families)).min(1),
    default: ['vse'],
    flag: 'objectives',
    help: 'objectives that are summed: vse is the loss of --loss; graded relevance joins by --relevance-weight',
    source: 'diptych',
  }),
  weights: option({
    type: z.array(positive),
    default: [],
    flag: 'objective-weights',
    help: 'their weights, in the same order; none given: 1 each',
    source: 'diptych',
  }),
});

export type ObjectiveValues = ValuesOf<(typeof objectiveOptions)['members']>;

/** What is wrong between options; undefined when all is well. For the rules of a schema. */
export function objectivesFault({ terms, weights }: ObjectiveValues): string | undefined {
  if (new Set(terms).size < terms.length) return 'an objective is named twice';
  if (weights.length === 0 || weights.length === terms.length) return undefined;
  return `${weights.length} weights for ${terms.length} objectives`;
}

/** @file Errors of layers and of the layout of ragged batches. */
import { entry } from './entry.ts';

export const nnErrors = {
  DIPTYCH_NN_LAYOUT: entry<{ problem: string }>({
    message: ({ problem }) => `batch layout: ${problem}`,
    why: 'Sequences of a batch are grouped by length and each group is padded to one width. A sequence is empty, longer than the widest group, or out of order.',
    cure: 'Cut sequences to the widest group, leave empty ones out, and sort the batch longest first.',
  }),
  DIPTYCH_NN_HEADS: entry<{ width: number; heads: number }>({
    message: ({ width, heads }) => `attention: width ${width} cannot be shared evenly by ${heads} heads`,
    why: 'Each attention head works on an equal share of the width.',
    cure: 'Choose a number of heads that divides the width.',
  }),
  DIPTYCH_NN_MEMORY: entry<{ queries: string; memory: string }>({
    message: ({ queries, memory }) =>
      `attention: queries in groups of ${queries} cannot read a memory in groups of ${memory}`,
    why: 'Cross attention pairs each group of queries with the memory of the same sequences.',
    cure: 'Group queries and memory alike, or keep the memory in a single group.',
  }),
} as const;

/** @file Errors of layers, of the layout of ragged batches, and of optimisers. */
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
  DIPTYCH_OPTIMISER_PATTERN: entry<{ pattern: string; names: readonly string[] }>({
    message: ({ pattern, names }) =>
      `optimiser group ${pattern}: no parameter has such a name; there are ${names.slice(0, 6).join(', ')}${names.length > 6 ? ` and ${names.length - 6} more` : ''}`,
    why: 'A parameter group names parameters by a pattern that none of them matches, so it would change nothing.',
    cure: 'Correct the pattern: it has to match the whole dotted name, and * stands for any text.',
  }),
} as const;

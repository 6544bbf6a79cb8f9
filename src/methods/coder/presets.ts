/** @file CODER as presets: values that a run takes, and the steps of its ablation. */
import type { PartialValuesOf } from '../../config/option.ts';
import type { Preset } from '../../config/presets.ts';
import type { coderGroup } from './options.ts';

export type CoderMembers = { coder: typeof coderGroup };

const notes =
  'A reconstruction of arXiv 2208.09843: architecture and losses at block level are the paper’s, every formula, size and weight is not, and no number measured with it is the paper’s. ' +
  'The concept branch is exact for CVSE, the first author’s earlier code.';
const expect = 'a higher rSum on val than the preset it builds on, at the same number of epochs';

function preset(name: string, summary: string, values: PartialValuesOf<CoderMembers>): Preset<CoderMembers> {
  return { name, summary, notes, expect, values };
}

/** The method, and what it is built up from: each adds one part to the one before. */
export const coderPresets: readonly Preset<CoderMembers>[] = [
  preset('coder', 'queues of momentum keys, adaptive weights, concepts and pseudo labels', {}),
  preset('coder-queue', 'step 1: InfoNCE with queues of momentum keys', {
    coder: { contrast: { sharpness: 0 }, concepts: { branch: false } },
  }),
  preset('coder-dcl', 'step 2: and negatives weighed by the spread of their scores', {
    coder: { concepts: { branch: false } },
  }),
  preset('coder-concepts', 'step 3: and the branch that asks the graph of concepts', {
    coder: { clusters: { labels: 'none' } },
  }),
  preset('coder-small', 'the method for thousands of images rather than a hundred thousand', {
    coder: { keys: { queue: 1024, momentum: 0.99 }, clusters: { prototypes: 128 } },
  }),
];

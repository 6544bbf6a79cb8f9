/** @file BCLS as presets: values that a run takes. */
import type { Preset } from '../../config/presets.ts';
import type { relevanceOptions, tripletOptions } from './options.ts';

export type BclsMembers = { relevance: typeof relevanceOptions; triplet: typeof tripletOptions };

export const bclsPresets: readonly Preset<BclsMembers>[] = [
  {
    name: 'bcls',
    summary: 'soft-negative triplet loss, and captions ranked by graded relevance',
    notes:
      'Both losses are reconstructed from the abstract of arXiv 2210.11319 and from later code of its first author; no number measured with it is the paper’s. ' +
      'Relevance is CIDEr between captions, which needs no model; sentence vectors of a file (all-mpnet-base-v2 in the sibling work) take its place with --relevance-labels vectors.',
    expect: 'scores that correlate better with relevance on val than those of the same run with --relevance-weight 0',
    values: { relevance: { weight: 1 } },
  },
  {
    name: 'bcls-successor',
    summary: 'hardest-negative triplet loss and the gap form, as the same author’s later code has them',
    notes:
      'Image-Text Matching Beyond Binary Supervision: gap 0.3, weight 1, no window. The t2i side uses transposed relevance, which that code does not.',
    expect: 'the same, with B³ comparisons in place of B²',
    values: { relevance: { weight: 1, ranking: 'gap' }, triplet: { negatives: 'hardest' } },
  },
];

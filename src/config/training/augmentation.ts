/** @file Options of what training leaves out at random. */
import { z } from 'zod';
import { group, option } from '../option.ts';
import { partialShare, share } from '../types.ts';

export const augmentation = group('What training leaves out at random', {
  regionDrop: option({
    type: partialShare,
    default: 0.2,
    help: 'probability with which each region or grid cell of a picture is left out',
    tooSmall: 'One telling region is enough, and gets all the weight.',
    tooLarge: 'The object of the caption is often gone.',
    source: 'official code',
  }),
  wordDrop: option({
    type: partialShare,
    default: 0.2,
    help: 'probability with which each word is masked, replaced or left out',
    tooSmall: 'One telling word is enough, and gets all the weight.',
    tooLarge: 'The caption no longer says what the picture shows.',
    source: 'official code',
  }),
  wordShares: option({
    type: z.tuple([share, share, share]),
    default: [0.5, 0.1, 0.4],
    help: 'of those words: shares that are masked, replaced by any word, and left out',
    source: 'official code',
  }),
});

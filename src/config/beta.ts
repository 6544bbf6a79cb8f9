/** @file The option that changes the weight of CODER's concept branch after training. */
import { z } from 'zod';
import { option } from './option.ts';

export const beta = option({
  type: z.number().min(0).max(1).nullable(),
  default: null,
  help: 'CODER: weight of the concept branch in the score; none takes that of training',
  tooSmall: 'Scores are those of the instances alone.',
  tooLarge: 'Coarse concepts outvote the instance.',
  source: 'reconstructed',
});

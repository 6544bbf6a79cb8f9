/** @file The option that changes the weight of CODER's concept branch after training. */
import { option } from './option.ts';
import { share } from './types.ts';

export const beta = option({
  type: share.nullable(),
  default: null,
  help: 'CODER: weight of the concept branch in the score; none takes that of training',
  tooSmall: 'Scores are those of the instances alone.',
  tooLarge: 'Coarse concepts outvote the instance.',
  source: 'reconstructed',
});

/** @file Options of the space that both towers meet in. */
import { group, option } from '../option.ts';
import { count } from '../types.ts';

export const embedding = group('The space both towers meet in', {
  dimension: option({
    type: count,
    default: 512,
    help: 'length d of the vectors of pictures and captions',
    tooSmall: 'Fine differences are lost; recall@1 falls first.',
    tooLarge: 'Steps, index and queries cost in proportion, and small data sets are learnt by heart.',
    source: 'diptych',
  }),
});

/** @file The options of `data check`. */
import { z } from 'zod';
import { dataset } from './dataset.ts';
import { group, option } from './option.ts';
import { defineSchema } from './schema.ts';
import { count } from './types.ts';

const check = group('What is looked at', {
  pictures: option({
    type: z.boolean(),
    default: true,
    help: 'decodes every picture',
    tooSmall: 'Unreadable and repeated pictures are not found.',
    source: 'diptych',
  }),
  maximumBytes: option({
    type: count,
    default: 2 ** 28,
    help: 'larger picture files are reported, not decoded',
    tooSmall: 'Good pictures are reported.',
    tooLarge: 'One file may take all memory.',
    source: 'diptych',
  }),
  maximumPixels: option({
    type: count,
    default: 200_000_000,
    help: 'pictures with more pixels are reported, not decoded; each takes three bytes',
    tooSmall: 'Good pictures are reported.',
    tooLarge: 'One picture may take all memory: a small file can hold very many pixels.',
    source: 'diptych',
  }),
});

export const dataCheckSchema = defineSchema({ data: dataset, check });

/** @file The options of `index duplicates`. */
import { z } from 'zod';
import { path } from './form.ts';
import { group, option } from './option.ts';
import { defineSchema } from './schema.ts';

export const duplicatesSchema = defineSchema({
  duplicates: group('What counts as the same, and what is written', {
    by: option({
      type: z.enum(['bytes', 'pixels', 'embedding', 'all']),
      default: 'all',
      help: 'the same file, the same decoded pixels, nearly the same vector, or any of these',
      source: 'diptych',
    }),
    threshold: option({
      type: z.number().min(-1).max(1),
      default: 0.97,
      help: 'cosine from which two vectors count as nearly the same; a value that fits the collection is suggested',
      tooSmall: 'Different pictures of one scene are called duplicates.',
      tooLarge: 'Cropped, darkened or recompressed copies are missed.',
      source: 'diptych',
    }),
    sheet: option({
      type: path.nullable(),
      default: null,
      help: 'writes the groups as pictures to look at: NAME.html',
      source: 'diptych',
    }),
  }),
});

/** @file GET /v1/indexes/{index}/duplicates: pictures that are nearly the same, in groups. */
import { z } from 'zod';
import { itemSchema } from './items.ts';

const likeness = z.enum(['bytes', 'pixels', 'embedding']);

export const duplicatesQuery = z.object({
  by: z
    .enum(['bytes', 'pixels', 'embedding'])
    .default('embedding')
    .meta({ description: 'the same file, the same pixels in another file too, or vectors that are nearly the same' }),
  threshold: z.coerce
    .number()
    .min(0.5)
    .max(1)
    .default(0.97)
    .meta({ description: 'cosine from which two pictures count as nearly the same' }),
  limit: z.coerce.number().int().min(1).max(1000).default(100).meta({ description: 'groups at most' }),
});

export const duplicatesSchema = z
  .object({
    threshold: z.number().nullable(),
    suggestedThreshold: z.number().nullable().meta({ description: 'what the collection itself suggests' }),
    total: z.int().meta({ description: 'groups there are' }),
    groups: z.array(
      z.object({
        kept: itemSchema.meta({ description: 'the largest picture of the group' }),
        others: z.array(z.object({ item: itemSchema, by: likeness, score: z.number() })),
      }),
    ),
  })
  .meta({ id: 'Duplicates' });

export type Duplicates = z.output<typeof duplicatesSchema>;
export type DuplicatesQuery = z.input<typeof duplicatesQuery>;

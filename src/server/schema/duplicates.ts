/** @file GET /v1/indexes/{index}/duplicates: pictures that are nearly the same, in groups. */
import { z } from 'zod';
import { itemSchema } from './items.ts';

export const duplicatesQuery = z.object({
  threshold: z.coerce
    .number()
    .min(0.5)
    .max(1)
    .default(0.95)
    .meta({ description: 'cosine from which two pictures count as the same' }),
  limit: z.coerce.number().int().min(1).max(1000).default(100).meta({ description: 'groups at most' }),
});

export const duplicatesSchema = z
  .object({
    threshold: z.number(),
    groups: z.array(
      z.object({
        reason: z.enum(['bytes', 'pixels', 'embedding']),
        score: z.number().meta({ description: 'the lowest cosine that holds the group together' }),
        items: z.array(itemSchema),
      }),
    ),
  })
  .meta({ id: 'Duplicates' });

export type Duplicates = z.output<typeof duplicatesSchema>;

/** @file POST /v1/embed: texts or pictures to vectors. */
import { z } from 'zod';
import { nameSchema } from './common.ts';
import { pictureSchema } from './search.ts';

export const embedRequestSchema = z
  .strictObject({
    bundle: nameSchema.optional().meta({ description: 'may be left out where there is one bundle' }),
    texts: z.array(z.string().min(1).max(4096)).min(1).max(100).optional(),
    images: z.array(pictureSchema).min(1).max(32).optional(),
  })
  .refine(({ texts, images }) => (texts === undefined) !== (images === undefined), 'needs texts or images, not both')
  .meta({ id: 'EmbedRequest' });

export const embedResponseSchema = z
  .object({
    fingerprint: z.string(),
    dimension: z.int(),
    vectors: z
      .array(z.array(z.number()).nullable())
      .meta({ description: 'unit length, in the order of the request; null where a picture could not be read' }),
    errors: z.array(z.object({ position: z.int(), detail: z.string() })),
  })
  .meta({ id: 'EmbedResponse' });

export type EmbedRequest = z.input<typeof embedRequestSchema>;
export type EmbedResponse = z.output<typeof embedResponseSchema>;

/** @file /v1/bundles: models, loaded when first needed and unloaded when idle. */
import { z } from 'zod';
import { nameSchema } from './common.ts';

export const bundleSchema = z
  .object({
    name: nameSchema,
    fingerprint: z.string(),
    dimension: z.int(),
    state: z.enum(['unloaded', 'loading', 'ready', 'failed']),
    error: z.string().nullable(),
    loaded: z.string().nullable().meta({ description: 'since when' }),
    indexes: z.array(z.string()).meta({ description: 'indexes of this model' }),
  })
  .meta({ id: 'Bundle' });

export const bundlesSchema = z.object({ bundles: z.array(bundleSchema) }).meta({ id: 'Bundles' });
export const bundleParams = z.object({ bundle: nameSchema });

export type BundleDescription = z.output<typeof bundleSchema>;

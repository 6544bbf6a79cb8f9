/** @file GET /v1/indexes: what there is to search in, and which fields can be filtered by. */
import { z } from 'zod';
import { nameSchema } from './common.ts';

export const fieldSchema = z
  .object({
    types: z.array(z.enum(['string', 'number', 'boolean', 'list'])).readonly(),
    values: z
      .array(z.object({ value: z.union([z.string(), z.number(), z.boolean()]), rows: z.int() }))
      .readonly()
      .optional()
      .meta({ description: 'the most frequent values, where they repeat; of a list, of its items' }),
    min: z.number().optional(),
    max: z.number().optional(),
  })
  .meta({ id: 'Field' });

export const indexSchema = z
  .object({
    name: nameSchema,
    rows: z.int(),
    images: z.int().nullable().meta({ description: 'null until counted' }),
    captions: z.int().nullable().meta({ description: 'rows of captions that can be searched' }),
    dimension: z.int(),
    fingerprint: z.string().meta({ description: 'the model whose vectors these are' }),
    version: z.string().meta({ description: 'changes with every change of the index' }),
    updated: z.string(),
    fields: z.record(z.string(), fieldSchema),
    bundle: z
      .string()
      .nullable()
      .meta({ description: 'the bundle that answers texts and pictures; null if there is none' }),
  })
  .meta({ id: 'Index' });

export const indexesSchema = z.object({ indexes: z.array(indexSchema) }).meta({ id: 'Indexes' });

export type IndexDescription = z.output<typeof indexSchema>;
export type FieldDescription = z.output<typeof fieldSchema>;

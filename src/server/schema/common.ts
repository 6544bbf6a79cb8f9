/** @file What the schemas of several resources share: ids, metadata, filters, pages, times. Plain zod, so that pages and clients can use it. */
import { z } from 'zod';
import type { Filter } from '../../index/filter.ts';

/** An id of an item, a name of an index or a bundle. */
export const idSchema = z.string().min(1).max(1024);

export const nameSchema = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/)
  .meta({ description: 'letters, digits, dot, dash and underscore' });

const fieldNameSchema = z.string().min(1).max(256);

export const metadataValueSchema = z
  .union([z.string().max(65_536), z.number(), z.boolean(), z.null(), z.array(z.string().max(65_536)).max(4096)])
  .meta({ id: 'MetadataValue', description: 'a string, number, boolean, list of strings, or null for no value' });

export const metadataSchema = z.record(fieldNameSchema, metadataValueSchema).meta({ id: 'Metadata' });

/** Its shape is checked by `checkFilter`, whose errors name the place and what was probably meant. */
export const filterSchema = z
  .custom<Filter>(
    (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
    'a filter is an object',
  )
  .meta({
    id: 'Filter',
    type: 'object',
    additionalProperties: true,
    description:
      'fields with a value or with operators (eq, ne, in, notIn, lt, lte, gt, gte, exists, contains); all, any and none with lists of filters',
    example: { year: { gte: 2020 }, any: [{ place: 'Rome' }, { captions: { contains: 'sea' } }] },
  });

/** A filter in an address: the JSON text of one. */
export const filterTextSchema = z
  .string()
  .max(8192)
  .meta({ description: 'a filter as JSON text', example: '{"year":{"gte":2020}}' });

export const cursorSchema = z
  .string()
  .max(4096)
  .meta({ description: 'what the page before gave as `next`; it belongs to one version of the index and one query' });

/** A vector as numbers. */
export const vectorSchema = z.array(z.number()).min(1).max(65_536);

/** Names in addresses. */
export const indexParams = z.object({ index: nameSchema });
export const itemParams = indexParams.extend({ id: idSchema });

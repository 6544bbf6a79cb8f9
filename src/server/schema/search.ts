/** @file POST /v1/search: what can be asked, and what is answered. */
import { z } from 'zod';
import { cursorSchema, filterSchema, idSchema, metadataSchema, nameSchema, vectorSchema } from './common.ts';

/** A picture within JSON. */
export const pictureSchema = z
  .union([
    z.strictObject({ base64: z.string().min(1).meta({ description: 'the bytes of a picture file' }) }),
    z.strictObject({
      url: z
        .url({ protocol: /^https?$/ })
        .max(2048)
        .meta({ description: 'only from hosts that the operator allows' }),
    }),
    z.strictObject({
      upload: z.string().min(1).meta({ description: 'name of a file part of the same multipart request' }),
    }),
  ])
  .meta({ id: 'Picture' });

const textPart = z.strictObject({ text: z.string().min(1).max(4096) });
const imagePart = z.strictObject({ image: pictureSchema });
const idPart = z.strictObject({ id: idSchema.meta({ description: 'an item of the index: more like this' }) });
const vectorPart = z.strictObject({ vector: vectorSchema });

const weight = z
  .number()
  .min(-100)
  .max(100)
  .refine((value) => value !== 0, 'a weight of 0 says nothing')
  .default(1)
  .meta({ description: 'how much it counts; below 0: less like this' });

export const queryPartSchema = z
  .union([
    textPart.extend({ weight }),
    imagePart.extend({ weight }),
    idPart.extend({ weight }),
    vectorPart.extend({ weight }),
  ])
  .meta({ id: 'QueryPart' });

export const querySchema = z
  .union([textPart, imagePart, idPart, vectorPart, z.strictObject({ parts: z.array(queryPartSchema).min(1).max(16) })])
  .meta({ id: 'Query', description: 'one text, picture, item or vector; or several with weights' });

const searchFields = {
  index: nameSchema.optional().meta({ description: 'may be left out where there is one index' }),
  kind: z.enum(['image', 'caption']).default('image').meta({ description: 'what to find' }),
  filter: filterSchema.optional(),
  limit: z.int().min(1).max(200).default(20),
  cursor: cursorSchema.optional(),
  threshold: z.number().min(-1).max(1).optional().meta({ description: 'only results with at least this score' }),
  within: z.array(idSchema).min(1).max(10_000).optional().meta({ description: 'search among these items alone' }),
  captions: z
    .boolean()
    .default(false)
    .meta({ description: 'ranks by words of the captions too (BM25, fused by reciprocal ranks)' }),
  beta: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .meta({ description: "weight of CODER's concept branch in the score; that of training unless given" }),
};

export const searchRequestSchema = z
  .strictObject({ query: querySchema, ...searchFields })
  .meta({ id: 'SearchRequest' });

/** The part `request` of a multipart request: the file part `image` is the query unless a query is given. */
export const searchUploadSchema = z
  .strictObject({ query: querySchema.optional(), ...searchFields })
  .meta({ id: 'SearchUpload' });

export const searchResultSchema = z
  .object({
    id: z.string(),
    score: z.number().meta({
      description: 'cosine of query and item, from -1 to 1; with another beta, the sum of both halves in those shares',
    }),
    percentile: z
      .number()
      .nullable()
      .meta({ description: 'share of random pairs with a lower score, 0 to 100; null until it has been measured' }),
    path: z.string().optional().meta({ description: 'where the picture is, if the operator shows paths' }),
    metadata: metadataSchema,
    thumbnail: z.string().meta({ description: 'address of a small picture; add &size=160, 320 or 640' }),
  })
  .meta({ id: 'SearchResult' });

export const searchResponseSchema = z
  .object({
    index: z.string(),
    results: z.array(searchResultSchema),
    next: z.string().nullable().meta({ description: 'cursor of the next page; null after the last' }),
    warnings: z
      .array(z.string())
      .meta({ description: 'sentences for people, such as about words the model never saw' }),
    timings: z.object({ encode: z.number(), search: z.number() }).meta({ description: 'milliseconds' }),
  })
  .meta({ id: 'SearchResponse' });

/** As written by a caller: what has a default may be left out. */
export type SearchRequest = z.input<typeof searchRequestSchema>;
export type SearchResponse = z.output<typeof searchResponseSchema>;
export type SearchResult = z.output<typeof searchResultSchema>;
export type Query = z.input<typeof querySchema>;
export type QueryPart = z.input<typeof queryPartSchema>;
export type Picture = z.input<typeof pictureSchema>;

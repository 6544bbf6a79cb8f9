/** @file /v1/indexes/{index}/items: items one by one and in batches. */
import { z } from 'zod';
import { cursorSchema, filterSchema, filterTextSchema, idSchema, metadataSchema, vectorSchema } from './common.ts';
import { pictureSchema } from './search.ts';

/** Items in one request. */
export const MOST_ITEMS = 100;

export const itemSchema = z
  .object({
    id: z.string(),
    kind: z.enum(['image', 'caption']),
    path: z.string().optional(),
    metadata: metadataSchema,
    captions: z.array(z.string()),
    thumbnail: z.string(),
    picture: z.string().meta({ description: 'address of the picture file itself' }),
  })
  .meta({ id: 'Item' });

export const itemsQuery = z.object({
  filter: filterTextSchema.optional(),
  kind: z.enum(['image', 'caption']).default('image'),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: cursorSchema.optional(),
});

export const itemsSchema = z
  .object({ items: z.array(itemSchema), total: z.int(), next: z.string().nullable() })
  .meta({ id: 'Items' });

const caption = z.string().trim().min(1).max(4096);

export const newItemSchema = z
  .strictObject({
    id: idSchema.optional().meta({ description: 'the name of the file, or a hash of its content, unless given' }),
    image: pictureSchema.optional(),
    vector: vectorSchema.optional().meta({ description: 'in place of a picture' }),
    metadata: metadataSchema.default({}),
    captions: z.array(caption).max(64).default([]),
  })
  .meta({ id: 'NewItem' });

export const addItemsSchema = z
  .strictObject({
    items: z.array(newItemSchema).min(1).max(MOST_ITEMS),
    mode: z.enum(['add', 'upsert']).default('upsert').meta({ description: 'add refuses ids that are there already' }),
  })
  .meta({ id: 'AddItems' });

/** The part `request` of a multipart request; file parts that no item names become items of their own. */
export const uploadItemsSchema = z
  .strictObject({
    items: z.array(newItemSchema).max(MOST_ITEMS).default([]),
    mode: z.enum(['add', 'upsert']).default('upsert'),
  })
  .meta({ id: 'UploadItems' });

/** What became of one item of a batch. */
export const itemResultSchema = z
  .object({
    id: z.string(),
    status: z.enum(['stored', 'refused']),
    code: z.string().optional(),
    detail: z.string().optional(),
  })
  .meta({ id: 'ItemResult' });

export const addedItemsSchema = z
  .object({ stored: z.int(), refused: z.int(), results: z.array(itemResultSchema) })
  .meta({ id: 'AddedItems' });

export const patchItemSchema = z
  .strictObject({
    metadata: metadataSchema.optional().meta({ description: 'merged; null takes a field away' }),
    captions: z.array(caption).max(64).optional().meta({ description: 'in place of those there are' }),
  })
  .meta({ id: 'PatchItem' });

export const deleteItemsSchema = z
  .strictObject({ ids: z.array(idSchema).max(10_000).optional(), filter: filterSchema.optional() })
  .refine(({ ids, filter }) => ids !== undefined || filter !== undefined, 'needs ids or a filter')
  .meta({ id: 'DeleteItems' });

export const deletedItemsSchema = z
  .object({ removed: z.int().meta({ description: 'rows, those of captions included' }) })
  .meta({ id: 'DeletedItems' });

export type Item = z.output<typeof itemSchema>;
export type Items = z.output<typeof itemsSchema>;
export type ItemsQuery = z.input<typeof itemsQuery>;
export type NewItem = z.output<typeof newItemSchema>;
export type AddItems = z.input<typeof addItemsSchema>;
export type UploadItems = z.input<typeof uploadItemsSchema>;
export type AddedItems = z.output<typeof addedItemsSchema>;
export type ItemResult = z.output<typeof itemResultSchema>;
export type PatchItem = z.input<typeof patchItemSchema>;
export type DeleteItems = z.input<typeof deleteItemsSchema>;

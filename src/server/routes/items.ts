/** @file /v1/indexes/{index}/items: listed, looked at, added, changed, removed. */
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { DiptychError } from '../../errors/error.ts';
import { parseFilter } from '../../index/filter-parse.ts';
import type { AppContext, AppEnv } from '../env.ts';
import { isForm, readForm, readJsonBody } from '../form.ts';
import { type AddRequest, addItems } from '../items/add.ts';
import { deleteItems, patchItem } from '../items/change.ts';
import { ItemLists } from '../items/list.ts';
import { itemOf } from '../items/view.ts';
import { pictureReader, type Uploads } from '../pictures/read.ts';
import { indexParams, itemParams } from '../schema/common.ts';
import {
  addedItemsSchema,
  addItemsSchema,
  deletedItemsSchema,
  deleteItemsSchema,
  itemSchema,
  itemsQuery,
  itemsSchema,
  MOST_ITEMS,
  type NewItem,
  patchItemSchema,
  uploadItemsSchema,
} from '../schema/items.ts';
import type { Service } from '../service.ts';
import { visibleFields } from '../views.ts';
import { json, jsonBody, jsonOrForm, routesApp } from './describe.ts';

const tags = ['items'];
const items = '/v1/indexes/{index}/items';

const listRoute = createRoute({
  method: 'get',
  path: items,
  tags,
  summary: 'Items in the order of their ids.',
  request: { params: indexParams, query: itemsQuery },
  responses: { 200: json(itemsSchema, 'one page') },
});

const showRoute = createRoute({
  method: 'get',
  path: `${items}/{id}`,
  tags,
  summary: 'One item with its captions.',
  request: { params: itemParams },
  responses: { 200: json(itemSchema, 'the item') },
});

const addRoute = createRoute({
  method: 'post',
  path: items,
  tags,
  summary: 'Adds pictures or vectors, or replaces them.',
  description: 'As a form, file parts that no item of the part "request" names become items, named as the files are.',
  request: { params: indexParams, body: jsonOrForm('AddItems', 'UploadItems', 'images') },
  responses: { 200: json(addedItemsSchema, 'what became of each item') },
});

const patchRoute = createRoute({
  method: 'patch',
  path: `${items}/{id}`,
  tags,
  summary: 'Changes what is known of an item; its vector stays.',
  request: { params: itemParams, body: jsonBody(patchItemSchema) },
  responses: { 200: json(itemSchema, 'the item as it is now') },
});

const deleteRoute = createRoute({
  method: 'delete',
  path: `${items}/{id}`,
  tags,
  summary: 'Removes an item with its captions; files in folders of the operator are left alone.',
  request: { params: itemParams },
  responses: { 200: json(deletedItemsSchema, 'what went') },
});

const deleteManyRoute = createRoute({
  method: 'post',
  path: `${items}/delete`,
  tags,
  summary: 'Removes items by id, or all that match.',
  request: { params: indexParams, body: jsonBody(deleteItemsSchema) },
  responses: { 200: json(deletedItemsSchema, 'what went') },
});

export function itemRoutes(service: Service): OpenAPIHono<AppEnv> {
  const app = routesApp();
  const lists = new ItemLists();
  app.openAPIRegistry.register('AddItems', addItemsSchema);
  app.openAPIRegistry.register('UploadItems', uploadItemsSchema);

  app.openapi(listRoute, async (c) => {
    const index = service.indexNamed(c.req.valid('param').index);
    const { filter: text, kind, limit, cursor } = c.req.valid('query');
    const { fields } = index.index.store.manifest();
    const filter = text === undefined ? undefined : parseFilter(text, visibleFields(fields, service.showPaths));
    const { rows, total, next } = await lists.page(index, { filter, kind, limit, cursor });
    return c.json({ items: rows.map((row) => itemOf(index.name, row, service.showPaths)), total, next }, 200);
  });

  app.openapi(showRoute, async (c) => {
    const { index: name, id } = c.req.valid('param');
    const index = service.indexNamed(name);
    const [row] = await index.reading(({ store }) => store.get([id]));
    if (row === undefined) throw new DiptychError('DIPTYCH_SERVER_ITEM_UNKNOWN', { id });
    return c.json(itemOf(index.name, row, service.showPaths), 200);
  });

  app.openapi(addRoute, async (c) => {
    const index = service.indexNamed(c.req.valid('param').index);
    const { request, uploads } = isForm(c) ? await fromForm(c) : await fromJson(c);
    const read = pictureReader(service.fetching, c.var, uploads);
    return c.json(await addItems(service, index, request, read, c.get('signal')), 200);
  });

  app.openapi(patchRoute, async (c) => {
    const { index: name, id } = c.req.valid('param');
    const index = service.indexNamed(name);
    const row = await patchItem(service, index, id, c.req.valid('json'), c.get('signal'));
    return c.json(itemOf(index.name, row, service.showPaths), 200);
  });

  app.openapi(deleteRoute, async (c) => {
    const { index, id } = c.req.valid('param');
    const removed = await deleteItems(service, service.indexNamed(index), { ids: [id] });
    if (removed === 0) throw new DiptychError('DIPTYCH_SERVER_ITEM_UNKNOWN', { id });
    return c.json({ removed }, 200);
  });

  app.openapi(deleteManyRoute, async (c) => {
    const index = service.indexNamed(c.req.valid('param').index);
    return c.json({ removed: await deleteItems(service, index, c.req.valid('json')) }, 200);
  });
  return app;
}

async function fromJson(c: AppContext): Promise<{ request: AddRequest; uploads: Uploads }> {
  return { request: await readJsonBody(c, addItemsSchema), uploads: new Map() };
}

/** Items of a form. Each file has a name of its own within the request: that of its part, or `part#2` where it repeats. */
async function fromForm(c: AppContext): Promise<{ request: AddRequest; uploads: Uploads }> {
  const { request, files } = await readForm(c, uploadItemsSchema);
  const uploads = new Map<string, File>();
  const named = new Set(request.items.flatMap(({ image }) => (image && 'upload' in image ? [image.upload] : [])));
  const items: NewItem[] = [...request.items];
  for (const { part, file } of files) {
    let name = part;
    for (let number = 2; uploads.has(name); number++) name = `${part}#${number}`;
    uploads.set(name, file);
    if (named.has(name)) continue;
    const id = file.name === '' || file.name === 'blob' ? undefined : file.name.slice(0, 1024);
    items.push({ ...(id !== undefined && { id }), image: { upload: name }, metadata: {}, captions: [] });
  }
  if (items.length === 0) throw new DiptychError('DIPTYCH_SERVER_FORM', { reason: 'it holds no item and no file' });
  if (items.length > MOST_ITEMS) {
    throw new DiptychError('DIPTYCH_SERVER_BATCH', { what: 'items', count: items.length, limit: MOST_ITEMS });
  }
  return { request: { items, mode: request.mode }, uploads };
}

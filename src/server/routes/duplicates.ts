/** @file GET /v1/indexes/{index}/duplicates: pictures that are the same, or nearly, in groups. */
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { LRUCache } from 'lru-cache';
import { type DuplicateReport, findDuplicates } from '../../index/duplicates/duplicates.ts';
import type { AppEnv } from '../env.ts';
import type { ServedIndex } from '../indexes/served-index.ts';
import { itemOf } from '../items/view.ts';
import { indexParams } from '../schema/common.ts';
import { type Duplicates, duplicatesQuery, duplicatesSchema } from '../schema/duplicates.ts';
import type { Service } from '../service.ts';
import { json, routesApp } from './describe.ts';

const duplicatesRoute = createRoute({
  method: 'get',
  path: '/v1/indexes/{index}/duplicates',
  tags: ['items'],
  summary:
    'Pictures that are the same by bytes or by pixels, or nearly by their vectors, in groups around the one to keep.',
  request: { params: indexParams, query: duplicatesQuery },
  responses: { 200: json(duplicatesSchema, 'groups, the largest first') },
});

export function duplicateRoutes(service: Service): OpenAPIHono<AppEnv> {
  const app = routesApp();
  const reports = new LRUCache<string, Promise<DuplicateReport>>({ max: 4 });
  app.openapi(duplicatesRoute, async (c) => {
    const index = service.indexNamed(c.req.valid('param').index);
    const { threshold, by, limit } = c.req.valid('query');
    const key = JSON.stringify([index.name, index.version, by, threshold]);
    let report = reports.get(key);
    if (report === undefined) {
      // Others may wait for the same report: it goes on when the one who asked first has left, but not beyond the service.
      const options = { by, threshold, signal: service.stopSignal };
      report = index.reading(({ store }) => findDuplicates(store, options));
      report.catch(() => reports.delete(key));
      reports.set(key, report);
    }
    return c.json(await answer(index, await report, limit, service.showPaths), 200);
  });
  return app;
}

async function answer(
  index: ServedIndex,
  report: DuplicateReport,
  limit: number,
  showPaths: boolean,
): Promise<Duplicates> {
  const shown = report.groups.slice(0, limit);
  const ids = shown.flatMap(({ kept, others }) => [kept.id, ...others.map(({ id }) => id)]);
  const rows = await index.reading(({ store }) => store.get(ids));
  const items = new Map(
    rows.flatMap((row) => (row === undefined ? [] : [[row.id, itemOf(index.name, row, showPaths)]])),
  );
  const { threshold, suggestedThreshold, groups } = report;
  return {
    threshold,
    suggestedThreshold,
    total: groups.length,
    groups: shown.flatMap(({ kept, others }) => {
      const item = items.get(kept.id);
      const there = others.flatMap(({ id, by, score }) => {
        const other = items.get(id);
        return other === undefined ? [] : [{ item: other, by, score }];
      });
      // Items may have gone since.
      return item === undefined || there.length === 0 ? [] : [{ kept: item, others: there }];
    }),
  };
}

/** @file Items page by page, in the order of their ids. The ids that match are found once for each state of the index. */
import { LRUCache } from 'lru-cache';
import type { Filter } from '../../index/filter.ts';
import type { Row } from '../../index/store.ts';
import { scopeOf } from '../../search/search.ts';
import type { ServedIndex } from '../indexes/served-index.ts';
import { readCursor, writeCursor } from '../search/cursor.ts';

/** Lists of ids that are kept. */
const LISTS = 4;

export interface Wanted {
  readonly kind: 'image' | 'caption';
  readonly filter: Filter | undefined;
  readonly limit: number;
  readonly cursor: string | undefined;
}

export interface Page {
  readonly rows: readonly Row[];
  readonly total: number;
  readonly next: string | null;
}

export class ItemLists {
  readonly #lists = new LRUCache<string, Promise<readonly string[]>>({ max: LISTS });

  /** @throws DIPTYCH_SERVER_CURSOR */
  async page(index: ServedIndex, { kind, filter, limit, cursor }: Wanted): Promise<Page> {
    return index.reading(async ({ store }) => {
      const { version } = index;
      const question = ['items', index.name, kind, filter ?? null];
      const start = readCursor(cursor, version, question);
      const key = JSON.stringify([version, ...question]);
      let list = this.#lists.get(key);
      if (list === undefined) {
        list = idsOf(store.scan(scopeOf(store, { kind, filter, within: undefined }).filter));
        list.catch(() => this.#lists.delete(key));
        this.#lists.set(key, list);
      }
      const ids = await list;
      const rows = await store.get(ids.slice(start, start + limit));
      const more = start + limit < ids.length;
      return {
        rows: rows.filter((row) => row !== undefined),
        total: ids.length,
        next: more ? writeCursor(version, question, start + limit) : null,
      };
    });
  }
}

async function idsOf(rows: AsyncIterable<Row>): Promise<readonly string[]> {
  const ids: string[] = [];
  for await (const { id } of rows) {
    if (ids.push(id) % 1024 === 0) await new Promise(setImmediate);
  }
  return ids.sort();
}

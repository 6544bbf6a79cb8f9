/** @file A search sent to the server, with the reader's own pictures and the set that it is kept to. */
import type { SearchRequest, SearchResponse } from '../../../src/server/schema/search.ts';
import { client } from '../api/server.svelte.ts';
import { keptPicture } from './kept.ts';
import { type Asked, type AskedSet, uploadsOf } from './state.ts';

/** Sends a request; pictures go with it as file parts. */
export async function askSearch(request: SearchRequest, signal?: AbortSignal): Promise<SearchResponse> {
  const keys = uploadsOf(request);
  if (keys.length === 0) return client.json('/v1/search', { method: 'POST', body: request, signal });
  const form = new FormData();
  form.set('request', new Blob([JSON.stringify(request)], { type: 'application/json' }));
  for (const key of new Set(keys)) form.set(key, (await keptPicture(key))!, key);
  return client.json('/v1/search', { method: 'POST', body: form, signal });
}

/** What a page of results brings. */
export type Page = Pick<SearchResponse, 'results' | 'warnings' | 'next' | 'timings'>;

const nothing: Page = { results: [], warnings: [], next: null, timings: { encode: 0, search: 0 } };

/** Searches, each kept to its set; the last set is remembered while one writes on. */
export class Asker {
  #key = '';
  #ids: readonly string[] = [];

  /** @param cursor of the page; the first unless given */
  async page({ request, within }: Asked, cursor: string | undefined, signal: AbortSignal): Promise<Page> {
    const paged = { ...request, ...(cursor !== undefined && { cursor }) };
    if (within === undefined) return askSearch(paged, signal);
    const ids = await this.#idsOf(within, signal);
    return ids.length === 0 ? nothing : askSearch({ ...paged, within: [...ids] }, signal);
  }

  async #idsOf(set: AskedSet, signal: AbortSignal): Promise<readonly string[]> {
    const key = JSON.stringify(set);
    if (key !== this.#key) {
      this.#ids = await best(set, signal);
      this.#key = key;
    }
    return this.#ids;
  }
}

/** Ids of a set, fetched page after page. */
async function best({ best, ...asked }: AskedSet, signal: AbortSignal): Promise<readonly string[]> {
  const asker = new Asker();
  const ids: string[] = [];
  let cursor: string | undefined;
  do {
    const { results, next } = await asker.page(asked, cursor, signal);
    ids.push(...results.map(({ id }) => id));
    cursor = next ?? undefined;
  } while (cursor !== undefined && ids.length < best);
  return ids.slice(0, best);
}

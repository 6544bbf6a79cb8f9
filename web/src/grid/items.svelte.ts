/** @file The items of an index, page after page, as state. */
import type { Item, Items } from '../../../src/server/schema/items.ts';
import { asProblem, isAbort, type Problem } from '../api/problem.ts';
import { client } from '../api/server.svelte.ts';

const PAGE = 100;

export class ItemList {
  items = $state.raw<readonly Item[]>([]);
  total = $state(0);
  next = $state<string | null>(null);
  busy = $state(false);
  loaded = $state(false);
  problem = $state.raw<Problem>();
  #index = '';
  #filter: object | undefined;
  #running: AbortController | undefined;

  /** Lists an index from its beginning. */
  async open(index: string, filter?: object): Promise<void> {
    this.#index = index;
    this.#filter = filter;
    await this.#fetch(null);
  }

  async more(): Promise<void> {
    if (!this.busy && this.next !== null) await this.#fetch(this.next);
  }

  async #fetch(cursor: string | null): Promise<void> {
    this.#running?.abort();
    const running = new AbortController();
    this.#running = running;
    this.busy = true;
    const query = new URLSearchParams({ limit: String(PAGE) });
    if (cursor !== null) query.set('cursor', cursor);
    if (this.#filter !== undefined) query.set('filter', JSON.stringify(this.#filter));
    const path = `/v1/indexes/${encodeURIComponent(this.#index)}/items?${query}`;
    try {
      const { items, total, next } = await client.json<Items>(path, { signal: running.signal });
      if (this.#running !== running) return;
      this.items = cursor === null ? items : [...this.items, ...items];
      this.total = total;
      this.next = next;
      this.loaded = true;
      this.problem = undefined;
    } catch (error) {
      if (isAbort(error) || this.#running !== running) return;
      this.problem = asProblem(error);
    }
    this.busy = false;
  }
}

/** @file The answers to a search, page after page, as state. */
import type { SearchRequest, SearchResponse, SearchResult } from '../../../src/server/schema/search.ts';
import { asProblem, isAbort, type Problem } from '../api/problem.ts';
import { client } from '../api/server.svelte.ts';
import { keptPicture } from './kept.ts';
import { uploadsOf } from './state.ts';

/** Sends a search; pictures go with it as file parts. */
export async function askSearch(request: SearchRequest, signal?: AbortSignal): Promise<SearchResponse> {
  const keys = uploadsOf(request);
  if (keys.length === 0) return client.json('/v1/search', { method: 'POST', body: request, signal });
  const form = new FormData();
  form.set('request', new Blob([JSON.stringify(request)], { type: 'application/json' }));
  for (const key of new Set(keys)) form.set(key, (await keptPicture(key))!, key);
  return client.json('/v1/search', { method: 'POST', body: form, signal });
}

export class Answers {
  /** Replaced as a whole, for tens of thousands of them need no watching one by one. */
  results = $state.raw<readonly SearchResult[]>([]);
  warnings = $state.raw<readonly string[]>([]);
  next = $state<string | null>(null);
  busy = $state(false);
  /** Whether an answer to the latest question is there. */
  answered = $state(false);
  problem = $state.raw<Problem>();
  milliseconds = $state<number>();
  #request: SearchRequest | undefined;
  #running: AbortController | undefined;

  /** Asks anew; what was asked before is given up. The results stay until others are there. */
  async ask(request: SearchRequest): Promise<void> {
    this.#request = request;
    await this.#send(request, ({ results, warnings, next, timings }) => {
      this.results = results;
      this.warnings = warnings;
      this.next = next;
      this.milliseconds = timings.encode + timings.search;
      this.answered = true;
    });
  }

  /** Fetches the next page. */
  async more(): Promise<void> {
    if (this.busy || this.next === null || this.#request === undefined) return;
    await this.#send({ ...this.#request, cursor: this.next }, ({ results, next }) => {
      this.results = [...this.results, ...results];
      this.next = next;
    });
  }

  /** Nothing is asked any more. */
  clear(): void {
    this.#running?.abort();
    this.results = [];
    this.warnings = [];
    this.next = null;
    this.busy = false;
    this.answered = false;
    this.problem = undefined;
  }

  async #send(request: SearchRequest, take: (answer: SearchResponse) => void): Promise<void> {
    this.#running?.abort();
    const running = new AbortController();
    this.#running = running;
    this.busy = true;
    try {
      const answer = await askSearch(request, running.signal);
      if (this.#running !== running) return;
      this.problem = undefined;
      take(answer);
    } catch (error) {
      if (isAbort(error) || this.#running !== running) return;
      this.problem = asProblem(error);
      this.answered = false;
    }
    this.busy = false;
  }
}

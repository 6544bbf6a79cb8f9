/** @file The answers to a search, page after page, as state. */
import type { SearchResult } from '../../../src/server/schema/search.ts';
import { asProblem, isAbort, type Problem } from '../api/problem.ts';
import { Asker, type Page } from './ask.ts';
import type { Asked } from './state.ts';

/** Milliseconds until a score without a percentile is asked for again, while the server draws pairs to compare with; longer each time. */
const LATER = [1000, 2000, 4000, 8000];

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
  readonly #asker = new Asker();
  #asked: Asked | undefined;
  #running: AbortController | undefined;
  #later: AbortController | undefined;

  /** Asks anew; what was asked before is given up. The results stay until others are there. */
  async ask(asked: Asked): Promise<void> {
    this.#asked = asked;
    this.#later?.abort();
    await this.#send(asked, undefined, ({ results, warnings, next, timings }) => {
      this.results = results;
      this.warnings = warnings;
      this.next = next;
      this.milliseconds = timings.encode + timings.search;
      this.answered = true;
      this.#completeLater(asked);
    });
  }

  /** Asks for the first page again until it says how rare its scores are. */
  #completeLater(asked: Asked, tries = 0): void {
    const { results } = this;
    if (tries === LATER.length || results.every(({ percentile }) => percentile !== null)) return;
    const later = new AbortController();
    this.#later = later;
    setTimeout(async () => {
      if (later.signal.aborted) return;
      const page = await this.#asker.page(asked, undefined, later.signal).catch(() => undefined);
      if (later.signal.aborted || page === undefined) return;
      const known = new Map(page.results.map(({ id, percentile }) => [id, percentile]));
      this.results = this.results.map((one) => ({ ...one, percentile: one.percentile ?? known.get(one.id) ?? null }));
      this.#completeLater(asked, tries + 1);
    }, LATER[tries]);
  }

  /** Fetches the next page. */
  async more(): Promise<void> {
    if (this.busy || this.next === null || this.#asked === undefined) return;
    await this.#send(this.#asked, this.next, ({ results, next }) => {
      this.results = [...this.results, ...results];
      this.next = next;
    });
  }

  /** Nothing is asked any more. */
  clear(): void {
    this.#running?.abort();
    this.#later?.abort();
    this.results = [];
    this.warnings = [];
    this.next = null;
    this.busy = false;
    this.answered = false;
    this.problem = undefined;
  }

  async #send(asked: Asked, cursor: string | undefined, take: (page: Page) => void): Promise<void> {
    this.#running?.abort();
    const running = new AbortController();
    this.#running = running;
    this.busy = true;
    try {
      const page = await this.#asker.page(asked, cursor, running.signal);
      if (this.#running !== running) return;
      this.problem = undefined;
      take(page);
    } catch (error) {
      if (isAbort(error) || this.#running !== running) return;
      this.problem = asProblem(error);
      this.answered = false;
    }
    this.busy = false;
  }
}

/** @file The answers to a search, page after page, as state. */
import type { SearchResult } from '../../../src/server/schema/search.ts';
import { asProblem, isAbort, type Problem } from '../api/problem.ts';
import { Asker, type Page } from './ask.ts';
import type { Asked } from './state.ts';

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

  /** Asks anew; what was asked before is given up. The results stay until others are there. */
  async ask(asked: Asked): Promise<void> {
    this.#asked = asked;
    await this.#send(asked, undefined, ({ results, warnings, next, timings }) => {
      this.results = results;
      this.warnings = warnings;
      this.next = next;
      this.milliseconds = timings.encode + timings.search;
      this.answered = true;
    });
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

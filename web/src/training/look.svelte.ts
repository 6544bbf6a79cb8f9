/** @file The last look at a run, as state: asked for, waited for, shown. */
import type { RunLookAnswer } from '../../../src/server/runs/schema.ts';
import { asProblem, type Problem } from '../api/problem.ts';
import { client } from '../api/server.svelte.ts';

const PERIOD = 1000;

export class Look {
  answer = $state.raw<RunLookAnswer>();
  problem = $state.raw<Problem>();
  readonly #path: string;
  #closed = false;

  constructor(run: string) {
    this.#path = `/v1/runs/${encodeURIComponent(run)}/look`;
    void this.fetch();
  }

  /** Asks what is known, and waits for a look that is under way. */
  async fetch(): Promise<void> {
    await this.#wait(() => client.json<RunLookAnswer>(this.#path));
  }

  /** Looks at a checkpoint now. */
  async ask(checkpoint: 'best' | 'last'): Promise<void> {
    await this.#wait(() => client.json<RunLookAnswer>(this.#path, { method: 'POST', body: { checkpoint } }));
  }

  close(): void {
    this.#closed = true;
  }

  async #wait(first: () => Promise<RunLookAnswer>): Promise<void> {
    try {
      this.answer = await first();
      this.problem = undefined;
      while (this.answer.state === 'working' && !this.#closed) {
        await new Promise((resolve) => setTimeout(resolve, PERIOD));
        this.answer = await client.json<RunLookAnswer>(this.#path);
      }
    } catch (error) {
      this.problem = asProblem(error);
    }
  }
}

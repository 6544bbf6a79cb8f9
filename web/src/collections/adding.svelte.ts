/** @file Pictures on their way into an index: request after request, as state. */
import type { AddedItems } from '../../../src/server/schema/items.ts';
import { asProblem } from '../api/problem.ts';
import { client } from '../api/server.svelte.ts';
import { type Adding, answered, batchesOf, begin, type Chosen, failed, formOf } from './batches.ts';

export class Uploads {
  now = $state.raw<Adding>();
  running = $state(false);
  #stopped = false;

  /** Adds files to an index; what is chosen meanwhile waits for nobody, so it is refused. */
  async add(index: string, files: readonly Chosen[]): Promise<void> {
    if (this.running || files.length === 0) return;
    this.running = true;
    this.#stopped = false;
    this.now = begin(files.length);
    const path = `/v1/indexes/${encodeURIComponent(index)}/items`;
    for (const batch of batchesOf(files)) {
      if (this.#stopped) break;
      try {
        const answer = await client.json<AddedItems>(path, { method: 'POST', body: formOf(batch) });
        this.now = answered(this.now, batch, answer);
      } catch (error) {
        this.now = failed(this.now, batch, asProblem(error).message);
      }
    }
    this.running = false;
  }

  /** Sends nothing more; what was stored stays. */
  stop(): void {
    this.#stopped = true;
  }
}

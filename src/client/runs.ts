/** @file Runs of training over HTTP: listed, compared, followed, looked at, begun and stopped. */
import type { z } from 'zod';
import type {
  askLookSchema,
  LookPage,
  Run,
  RunComparison,
  RunDetail,
  RunLookAnswer,
  Runs,
  runEventSchema,
  StartRun,
} from '../server/runs/schema.ts';
import { readEvents } from './events.ts';
import { at, type CallOptions, type Sender } from './send.ts';

export type RunEvent = z.output<typeof runEventSchema>;
export type { Run, RunComparison, RunDetail, RunLookAnswer, Runs, StartRun };

/** Every method rejects as those of `Client` do. Beginning and stopping take a key with the scope admin. */
export class RunsClient {
  readonly #sender: Sender;

  constructor(sender: Sender) {
    this.#sender = sender;
  }

  /** All runs, the one that logged last first, and what cannot be read as one. */
  async list(options?: CallOptions): Promise<Runs> {
    return this.#sender.json('GET', '/v1/runs', { ...options });
  }

  /** One run, with its configuration and what its logs tell. */
  async get(run: string, options?: CallOptions): Promise<RunDetail> {
    return this.#sender.json('GET', at('/v1/runs', run), { ...options });
  }

  /** Runs side by side, with their curves. */
  async compare(runs: readonly string[], options?: CallOptions): Promise<RunComparison> {
    return this.#sender.json('GET', '/v1/runs/compare', { query: { run: runs }, ...options });
  }

  /** The same as one page of HTML. */
  async comparisonPage(runs: readonly string[], options?: CallOptions): Promise<string> {
    return this.#sender.text('/v1/runs/compare/page', { query: { run: runs }, ...options });
  }

  /** All that a run has logged, then what it logs from now on, until the caller stops reading. */
  async *events(run: string, options?: CallOptions): AsyncGenerator<RunEvent> {
    const response = await this.#sender.send('GET', at('/v1/runs', run, 'events'), { ...options });
    for await (const { event, data } of readEvents(response)) yield { event, data: JSON.parse(data) } as RunEvent;
  }

  /** What a run retrieves on its validation split, as it was last looked at. */
  async look(run: string, options?: CallOptions): Promise<RunLookAnswer> {
    return this.#sender.json('GET', at('/v1/runs', run, 'look'), { ...options });
  }

  /** Looks at a run now; `look` tells when it is done. */
  async askLook(
    run: string,
    request: z.input<typeof askLookSchema> = {},
    options?: CallOptions,
  ): Promise<RunLookAnswer> {
    return this.#sender.json('POST', at('/v1/runs', run, 'look'), { json: request, ...options });
  }

  /** The report of the last look, or its diagnosis, as one page of HTML. */
  async page(run: string, page: LookPage, options?: CallOptions): Promise<string> {
    return this.#sender.text(at('/v1/runs', run, page), { ...options });
  }

  /** A small picture that the last look shows, as WebP. */
  async picture(run: string, id: string, size: 160 | 320 | 640 = 320, options?: CallOptions): Promise<Blob> {
    return this.#sender.blob(at('/v1/runs', run, 'pictures', id), { query: { size }, ...options });
  }

  /** Begins a run with the configuration of another. */
  async start(request: StartRun, options?: CallOptions): Promise<{ run: string }> {
    return this.#sender.json('POST', '/v1/runs', { json: request, ...options });
  }

  /** Takes a stopped run up where it stopped. */
  async resume(run: string, options?: CallOptions): Promise<{ run: string }> {
    return this.#sender.json('POST', at('/v1/runs', run, 'resume'), { ...options });
  }

  /** Asks a run to save and stop. */
  async stop(run: string, options?: CallOptions): Promise<{ run: string }> {
    return this.#sender.json('POST', at('/v1/runs', run, 'stop'), { ...options });
  }
}

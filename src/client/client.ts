/** @file A client of the service for programs and browsers: every operation of the API, typed by the schemas that it checks by. */
import type { BundleDescription } from '../server/schema/bundles.ts';
import type { Duplicates, DuplicatesQuery } from '../server/schema/duplicates.ts';
import type { EmbedRequest, EmbedResponse } from '../server/schema/embed.ts';
import type { IndexDescription } from '../server/schema/indexes.ts';
import type {
  AddedItems,
  AddItems,
  DeleteItems,
  Item,
  Items,
  ItemsQuery,
  PatchItem,
  UploadItems,
} from '../server/schema/items.ts';
import type { Job, JobEvent, NewJob } from '../server/schema/jobs.ts';
import type { SearchRequest, SearchResponse } from '../server/schema/search.ts';
import type { Session } from '../server/schema/session.ts';
import { readEvents } from './events.ts';
import { RunsClient } from './runs.ts';
import { at, type CallOptions, Sender } from './send.ts';

export type { Run, RunComparison, RunDetail, RunEvent, RunLookAnswer, Runs, StartRun } from './runs.ts';
export { type CallOptions, ServiceError } from './send.ts';
export type {
  AddedItems,
  AddItems,
  BundleDescription,
  DeleteItems,
  Duplicates,
  EmbedRequest,
  EmbedResponse,
  IndexDescription,
  Item,
  Items,
  Job,
  JobEvent,
  NewJob,
  PatchItem,
  SearchRequest,
  SearchResponse,
  Session,
};

export interface ClientOptions {
  /** Where the service is, such as `http://127.0.0.1:7700`. */
  readonly url: string;
  /** Key, where the service needs one. */
  readonly key?: string | undefined;
  /** What sends requests; the `fetch` of the platform unless given. */
  readonly fetch?: ((request: Request) => Promise<Response>) | undefined;
}

/**
 * Every method rejects with `ServiceError` where the service refuses, with its stable code, and with `TypeError` where nothing can
 * be sent: there is no service at the address, or an id is none that an address can hold.
 */
export class Client {
  /** Runs of training. */
  readonly runs: RunsClient;
  readonly #sender: Sender;

  constructor(options: ClientOptions) {
    this.#sender = new Sender(options);
    this.runs = new RunsClient(this.#sender);
  }

  /** Finds pictures or captions for a text, a picture, an item, a vector, or several of them. */
  async search(request: SearchRequest, options?: CallOptions): Promise<SearchResponse> {
    return this.#sender.json('POST', '/v1/search', { json: request, ...options });
  }

  /** Finds what is like a picture file. */
  async searchByPicture(
    picture: Blob,
    request: Omit<SearchRequest, 'query'> = {},
    options?: CallOptions,
  ): Promise<SearchResponse> {
    const form = new FormData();
    form.set('image', picture);
    form.set('request', JSON.stringify(request));
    return this.#sender.json('POST', '/v1/search', { form, ...options });
  }

  async indexes(options?: CallOptions): Promise<{ indexes: IndexDescription[] }> {
    return this.#sender.json('GET', '/v1/indexes', { ...options });
  }

  async index(index: string, options?: CallOptions): Promise<IndexDescription> {
    return this.#sender.json('GET', at('/v1/indexes', index), { ...options });
  }

  /** One page of items in the order of their ids. */
  async items(
    index: string,
    query: Omit<ItemsQuery, 'filter'> & { filter?: object } = {},
    options?: CallOptions,
  ): Promise<Items> {
    const { filter, ...rest } = query;
    const asked = { ...rest, ...(filter && { filter: JSON.stringify(filter) }) };
    return this.#sender.json('GET', at('/v1/indexes', index, 'items'), { query: asked, ...options });
  }

  async item(index: string, id: string, options?: CallOptions): Promise<Item> {
    return this.#sender.json('GET', at('/v1/indexes', index, 'items', id), { ...options });
  }

  /** Adds pictures or vectors, or replaces them; each item has an answer of its own. */
  async addItems(index: string, request: AddItems, options?: CallOptions): Promise<AddedItems> {
    return this.#sender.json('POST', at('/v1/indexes', index, 'items'), { json: request, ...options });
  }

  /** Adds picture files; those that no item of `request` names become items named as the files are. */
  async uploadItems(
    index: string,
    files: readonly File[],
    request: UploadItems = {},
    options?: CallOptions,
  ): Promise<AddedItems> {
    const form = new FormData();
    form.set('request', JSON.stringify(request));
    for (const file of files) form.append('images', file);
    return this.#sender.json('POST', at('/v1/indexes', index, 'items'), { form, ...options });
  }

  async patchItem(index: string, id: string, request: PatchItem, options?: CallOptions): Promise<Item> {
    return this.#sender.json('PATCH', at('/v1/indexes', index, 'items', id), { json: request, ...options });
  }

  async deleteItem(index: string, id: string, options?: CallOptions): Promise<{ removed: number }> {
    return this.#sender.json('DELETE', at('/v1/indexes', index, 'items', id), { ...options });
  }

  async deleteItems(index: string, request: DeleteItems, options?: CallOptions): Promise<{ removed: number }> {
    return this.#sender.json('POST', at('/v1/indexes', index, 'items', 'delete'), { json: request, ...options });
  }

  async duplicates(index: string, query: DuplicatesQuery = {}, options?: CallOptions): Promise<Duplicates> {
    return this.#sender.json('GET', at('/v1/indexes', index, 'duplicates'), { query, ...options });
  }

  /** A small picture of an item, as WebP. */
  async thumbnail(index: string, id: string, size: 160 | 320 | 640 = 320, options?: CallOptions): Promise<Blob> {
    return this.#sender.blob(at('/v1/indexes', index, 'thumbnails', id), { query: { size }, ...options });
  }

  /** The picture file of an item. */
  async picture(index: string, id: string, options?: CallOptions): Promise<Blob> {
    return this.#sender.blob(at('/v1/indexes', index, 'pictures', id), { ...options });
  }

  /** Texts or pictures to vectors. */
  async embed(request: EmbedRequest, options?: CallOptions): Promise<EmbedResponse> {
    return this.#sender.json('POST', '/v1/embed', { json: request, ...options });
  }

  async bundles(options?: CallOptions): Promise<{ bundles: BundleDescription[] }> {
    return this.#sender.json('GET', '/v1/bundles', { ...options });
  }

  async loadBundle(bundle: string, options?: CallOptions): Promise<BundleDescription> {
    return this.#sender.json('POST', at('/v1/bundles', bundle, 'load'), { ...options });
  }

  async unloadBundle(bundle: string, options?: CallOptions): Promise<BundleDescription> {
    return this.#sender.json('POST', at('/v1/bundles', bundle, 'unload'), { ...options });
  }

  /** Begins long work; it survives a restart of the service. */
  async startJob(index: string, request: NewJob, options?: CallOptions): Promise<{ job: Job }> {
    return this.#sender.json('POST', at('/v1/indexes', index, 'jobs'), { json: request, ...options });
  }

  async jobs(options?: CallOptions): Promise<{ jobs: Job[] }> {
    return this.#sender.json('GET', '/v1/jobs', { ...options });
  }

  async job(id: string, options?: CallOptions): Promise<{ job: Job }> {
    return this.#sender.json('GET', at('/v1/jobs', id), { ...options });
  }

  async cancelJob(id: string, options?: CallOptions): Promise<{ job: Job }> {
    return this.#sender.json('DELETE', at('/v1/jobs', id), { ...options });
  }

  /** What happens in a job, until it ends. */
  async *jobEvents(id: string, options?: CallOptions): AsyncGenerator<JobEvent> {
    const response = await this.#sender.send('GET', at('/v1/jobs', id, 'events'), { ...options });
    for await (const { event, data } of readEvents(response)) yield { event, data: JSON.parse(data) } as JobEvent;
  }

  /** Who is asking, and what they may do. */
  async session(options?: CallOptions): Promise<Session> {
    return this.#sender.json('GET', '/v1/session', { ...options });
  }
}

/** @file The service without HTTP: indexes, models, limits, and what routes need to answer. */
import { join } from 'node:path';
import { defaultLimits as defaultPictureLimits } from '../data/images/decode.ts';
import { DiptychError } from '../errors/error.ts';
import type { QueryEncoder } from './encoder.ts';
import { ServedIndex } from './indexes/served-index.ts';
import { Jobs } from './jobs/jobs.ts';
import { defaultLimits, type Limits } from './limits/limits.ts';
import { Readers } from './limits/readers.ts';
import { Slots } from './limits/slots.ts';
import { Turns } from './limits/turns.ts';
import { Metrics } from './metrics.ts';
import type { FetchPicture } from './pictures/fetch.ts';
import { Thumbnails } from './pictures/thumbnails.ts';
import { Workshop } from './pictures/workshop.ts';
import { Percentiles } from './search/percentile.ts';

/** What a model is doing. */
export interface ModelState {
  readonly state: 'unloaded' | 'loading' | 'ready' | 'failed';
  /** Why it failed. */
  readonly error: string | null;
  /** When it was loaded. */
  readonly loaded: string | null;
}

/** A model that is served, by name. */
export interface NamedEncoder {
  readonly name: string;
  readonly encoder: QueryEncoder;
  state(): ModelState;
  /** Loads it before somebody waits for it. */
  preload(): Promise<void>;
  /** Frees its memory until somebody asks again. */
  unload(): Promise<void>;
}

/** The models that are served. */
export interface ModelList {
  readonly list: readonly NamedEncoder[];
  /** Whether the model of an index can be asked, now that it has been looked for. */
  find(index: string, fingerprint: string): Promise<boolean>;
}

export interface ServiceOptions {
  readonly indexes: readonly { readonly name: string; readonly folder: string }[];
  readonly models: ModelList;
  /** Folder for thumbnails, jobs and uploads. */
  readonly state: string;
  readonly limits?: Partial<Limits> | undefined;
  /** Whether answers say where files lie on this machine. Default true. */
  readonly showPaths?: boolean | undefined;
  /** Fetches pictures by URL; off unless given. */
  readonly fetching?: FetchPicture | undefined;
  /** Folders whose pictures may be indexed, besides those that an index knows. */
  readonly folders?: readonly string[] | undefined;
  readonly metrics?: Metrics | undefined;
  /** Told of failures that no caller is told in full. */
  readonly report?: ((error: unknown, instance?: string) => void) | undefined;
}

export class Service {
  readonly limits: Limits;
  readonly slots: Slots;
  /** Whoever follows jobs and runs. */
  readonly readers: Readers;
  /** Shares the event loop among searches. */
  readonly turns = new Turns();
  readonly state: string;
  readonly showPaths: boolean;
  readonly indexes: ReadonlyMap<string, ServedIndex>;
  readonly report: (error: unknown, instance?: string) => void;
  readonly fetching: FetchPicture | undefined;
  readonly folders: readonly string[];
  readonly metrics: Metrics;
  readonly jobs: Jobs;
  /** Looks at pictures that are sent, with the limits of requests. */
  readonly uploads: Workshop;
  /** Reads pictures of indexes. */
  readonly workshop: Workshop;
  readonly thumbnails: Thumbnails;
  readonly #models: ModelList;
  readonly #stop = new AbortController();
  readonly #percentiles = new WeakMap<object, Percentiles>();

  private constructor(options: ServiceOptions, indexes: ReadonlyMap<string, ServedIndex>) {
    this.limits = { ...defaultLimits, ...options.limits };
    this.slots = new Slots(this.limits.concurrency, this.limits.waiting);
    this.readers = new Readers(this.limits.readers);
    this.state = options.state;
    this.showPaths = options.showPaths ?? true;
    this.#models = options.models;
    this.report = options.report ?? (() => {});
    this.indexes = indexes;
    this.fetching = options.fetching;
    this.folders = options.folders ?? [];
    this.metrics = options.metrics ?? new Metrics();
    this.workshop = new Workshop({ pixels: defaultPictureLimits.pixels, bytes: defaultPictureLimits.bytes });
    this.uploads = new Workshop({ pixels: this.limits.pixels, bytes: this.limits.body });
    this.jobs = new Jobs(this, join(this.state, 'jobs'));
    this.thumbnails = new Thumbnails(join(this.state, 'thumbnails'), this.limits.thumbnails, this.workshop);
  }

  /** Numbers that are asked for when metrics are. */
  #gauges(): void {
    const { metrics, slots } = this;
    const rows = () => [...this.indexes.values()].reduce((sum, { index }) => sum + index.store.manifest().rows, 0);
    const open = () => this.jobs.list().filter(({ ended }) => ended === null).length;
    metrics.gauge('diptych_requests_working', 'Requests being worked on.', () => slots.taken);
    metrics.gauge('diptych_requests_waiting', 'Requests that wait for their turn.', () => slots.waiting);
    metrics.gauge('diptych_event_readers', 'Readers of the events of jobs and runs.', () => this.readers.open);
    metrics.gauge('diptych_rows', 'Rows of all indexes.', rows);
    metrics.gauge('diptych_pictures_waiting', 'Pictures that wait to be read.', () => this.workshop.waiting);
    metrics.gauge('diptych_jobs_open', 'Jobs that have not ended.', open);
  }

  /** Opens every index. @throws what `openIndex` throws */
  static async open(options: ServiceOptions): Promise<Service> {
    const indexes = new Map<string, ServedIndex>();
    try {
      for (const { name, folder } of options.indexes) {
        const answers = (fingerprint: string) => options.models.find(folder, fingerprint);
        const index = await ServedIndex.open(name, folder, { answers, report: options.report });
        indexes.set(name, index);
        // Without its model an index still answers searches by id and by vector.
        await answers(index.index.store.manifest().fingerprint);
      }
    } catch (cause) {
      for (const index of indexes.values()) await index.close();
      throw cause;
    }
    const service = new Service(options, indexes);
    service.#gauges();
    await service.jobs.open();
    return service;
  }

  get encoders(): readonly NamedEncoder[] {
    return this.#models.list;
  }

  get stopping(): boolean {
    return this.#stop.signal.aborted;
  }

  /** Aborted when the service is told to stop: whoever would never end by itself ends then. */
  get stopSignal(): AbortSignal {
    return this.#stop.signal;
  }

  /** Takes nothing new from now on. */
  stop(): void {
    this.#stop.abort();
  }

  /** An index by its name; of one index alone the name may be left out. @throws DIPTYCH_SERVER_INDEX_UNKNOWN */
  indexNamed(name: string | undefined): ServedIndex {
    const known = [...this.indexes.keys()];
    const found = this.indexes.get(name ?? (known.length === 1 ? known[0] : ''));
    if (found !== undefined) return found;
    throw new DiptychError('DIPTYCH_SERVER_INDEX_UNKNOWN', { name: name ?? '', known });
  }

  /** A bundle by its name; of one bundle alone the name may be left out. @throws DIPTYCH_SERVER_BUNDLE_UNKNOWN */
  bundleNamed(name: string | undefined): NamedEncoder {
    const known = this.encoders.map((one) => one.name);
    const found = this.encoders.find((one) => one.name === (name ?? (known.length === 1 ? known[0] : undefined)));
    if (found !== undefined) return found;
    throw new DiptychError('DIPTYCH_SERVER_BUNDLE_UNKNOWN', { name: name ?? '', known });
  }

  /** The model of a fingerprint; undefined if it is not served. */
  encoderOf(fingerprint: string): NamedEncoder | undefined {
    return this.encoders.find(({ encoder }) => encoder.fingerprint === fingerprint);
  }

  /** @throws DIPTYCH_SERVER_BUNDLE_UNKNOWN */
  needEncoder(fingerprint: string): QueryEncoder {
    return this.needModel(fingerprint).encoder;
  }

  /** @throws DIPTYCH_SERVER_BUNDLE_UNKNOWN */
  needModel(fingerprint: string): NamedEncoder {
    const found = this.encoderOf(fingerprint);
    if (found !== undefined) return found;
    const known = this.encoders.map(({ name }) => name);
    throw new DiptychError('DIPTYCH_SERVER_BUNDLE_UNKNOWN', { name: `of model ${fingerprint}`, known });
  }

  /** Percentiles of an index; undefined until it has been counted. */
  percentilesOf(index: ServedIndex): Percentiles | undefined {
    const { counted } = index.overview;
    if (counted === undefined || counted.fingerprint !== index.index.store.manifest().fingerprint) return undefined;
    let made = this.#percentiles.get(counted);
    if (made === undefined) {
      made = new Percentiles(counted);
      this.#percentiles.set(counted, made);
    }
    return made;
  }

  /** Closes every index. */
  async close(): Promise<void> {
    this.stop();
    await this.jobs.close();
    await Promise.all([
      this.workshop.close(),
      this.uploads.close(),
      ...[...this.indexes.values()].map((index) => index.close()),
    ]);
  }
}

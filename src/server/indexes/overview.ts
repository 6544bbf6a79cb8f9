/** @file What is in an index, counted in one pass beside the answering of requests: rows by kind, values of fields, random vectors. */
import type { Index } from '../../index/index-folder.ts';
import type { Metadata } from '../../index/store.ts';
import { Random } from '../../random/random.ts';
import type { FieldDescription } from '../schema/indexes.ts';
import { FieldCounter } from './field-counter.ts';

/** Rows that are looked at before others get their turn. */
const STEP = 256;
/** Vectors of each kind that are kept. */
const SAMPLE = 1024;
/** After a change the pass begins again, but it takes at most one part in so many of the time. */
const REST = 20;
const LEAST_REST_MS = 2_000;

/** Random rows of one kind. */
export interface Sample {
  readonly ids: string[];
  readonly vectors: Float32Array[];
  readonly metadata: Metadata[];
}

/** The result of a pass. */
export interface Counted {
  /** State of the index that was counted. */
  readonly version: string;
  readonly fingerprint: string;
  readonly images: number;
  readonly captions: number;
  readonly fields: Readonly<Record<string, FieldDescription>>;
  readonly samples: Readonly<Record<'image' | 'caption', Sample>>;
}

export class Overview {
  /** The newest pass that came to its end; undefined before. */
  counted: Counted | undefined;
  #wanted = false;
  #running: Promise<void> | undefined;
  #stopped = false;
  #timer: NodeJS.Timeout | undefined;

  /** Asks for a pass; those asked for while one is under way make one more after it. */
  look(
    version: () => string,
    reading: (task: (index: Index) => Promise<void>) => Promise<void>,
    failed: (error: unknown) => void,
  ): void {
    this.#wanted = true;
    if (this.#running !== undefined || this.#timer !== undefined || this.#stopped) return;
    this.#wanted = false;
    const start = performance.now();
    this.#running = reading(async (index) => {
      const counted = await count(index, version(), () => this.#stopped);
      if (counted !== undefined) this.counted = counted;
    })
      .catch(failed)
      .finally(() => {
        this.#running = undefined;
        if (this.#stopped) return;
        this.#timer = setTimeout(
          () => {
            this.#timer = undefined;
            if (this.#wanted) this.look(version, reading, failed);
          },
          Math.max(LEAST_REST_MS, REST * (performance.now() - start)),
        );
        this.#timer.unref();
      });
  }

  /** Waits for the pass under way. */
  async settled(): Promise<void> {
    await this.#running;
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }
}

async function count({ store }: Index, version: string, stopped: () => boolean): Promise<Counted | undefined> {
  const { fields: types, fingerprint } = store.manifest();
  const counters = new Map(Object.entries(types).map(([name, kinds]) => [name, new FieldCounter(kinds)]));
  const samples = { image: emptySample(), caption: emptySample() };
  const seen = { image: 0, caption: 0 };
  const random = new Random('sample of an index', fingerprint);
  let step = 0;
  for await (const { id, vector, metadata } of store.scan()) {
    const kind = metadata.kind === 'caption' ? 'caption' : 'image';
    if (kind === 'image') for (const [name, value] of Object.entries(metadata)) counters.get(name)?.add(value);
    const place = seen[kind] < SAMPLE ? seen[kind] : random.integer(seen[kind] + 1);
    seen[kind]++;
    if (place < SAMPLE) {
      samples[kind].ids[place] = id;
      samples[kind].vectors[place] = vector.slice();
      samples[kind].metadata[place] = metadata;
    }
    if (++step % STEP !== 0) continue;
    await new Promise(setImmediate);
    if (stopped()) return undefined;
  }
  const fields = Object.fromEntries([...counters].map(([name, counter]) => [name, counter.describe()]));
  return { version, fingerprint, images: seen.image, captions: seen.caption, fields, samples };
}

function emptySample(): Sample {
  return { ids: [], vectors: [], metadata: [] };
}

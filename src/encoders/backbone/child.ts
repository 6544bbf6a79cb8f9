/** @file The process that runs a backbone: decodes, prepares, encodes, and writes or sends features. */
import { openSync, writeSync } from 'node:fs';
import { decodeImage, defaultLimits } from '../../data/images/decode.ts';
import { preprocess, valuesOf } from '../../data/images/preprocess.ts';
import { joined } from '../../data/vectors.ts';
import { isDiptychError } from '../../errors/error.ts';
import { bytesOf } from '../../files/bytes.ts';
import { unwritable } from '../../files/failures.ts';
import { serveChild } from '../../system/child.ts';
import { Backbone } from './backbone.ts';
import { Head } from './head.ts';
import type { Encoded, Job, Picture, Refused, Setup } from './protocol.ts';

/** A picture ready for the model: the pixels of its views, or why there are none. */
type Prepared = { readonly pixels: readonly Float32Array[] } | Refused;

class BackboneChild {
  readonly #backbone: Backbone;
  readonly #head: Head | undefined;
  readonly #setup: Setup;
  readonly #files = new Map<string, number>();
  /** Buffers of pixels to use again: fresh ones cost the system a page fault every 4 KiB. */
  readonly #buffers: Float32Array[] = [];

  constructor(backbone: Backbone, head: Head | undefined, setup: Setup) {
    this.#backbone = backbone;
    this.#head = head;
    this.#setup = setup;
  }

  /** Decoding begins when a job arrives, also while the model runs for the one before. */
  prepare(job: Job): Promise<Prepared>[] {
    return job.pictures.map((picture) => this.#prepare(picture));
  }

  encode(job: Job, prepared: readonly Promise<Prepared>[]): Promise<Encoded[]> {
    return this.#head ? this.#vectors(this.#head, prepared) : this.#features(job, prepared);
  }

  async #features(job: Job, prepared: readonly Promise<Prepared>[]): Promise<Encoded[]> {
    const results: Encoded[] = [];
    for (const [i, picture] of job.pictures.entries()) {
      const ready = await prepared[i];
      results.push('refused' in ready ? ready : await this.#encode(picture, ready.pixels, job.destination));
    }
    return results;
  }

  /** Vectors in place of features, one for each view; as many views as the head takes go through it together. */
  async #vectors(head: Head, prepared: readonly Promise<Prepared>[]): Promise<Encoded[]> {
    const refused = new Map<number, Refused>();
    const vectors = prepared.map((): Float32Array[] => []);
    /** The pictures whose views are in the head. */
    let held: number[] = [];
    const flush = async (): Promise<void> => {
      const made = await head.vectors(held.length);
      held.forEach((i, at) => {
        vectors[i].push(made[at]);
      });
      held = [];
    };
    for (const [i, each] of prepared.entries()) {
      const ready = await each;
      if ('refused' in ready) {
        refused.set(i, ready);
        continue;
      }
      for (const pixels of ready.pixels) {
        const place = head.place(held.length);
        await this.#backbone.featuresInto(pixels, place);
        this.#buffers.push(pixels);
        if (!allFinite(place)) refused.set(i, { refused: this.#beyond() });
        held.push(i);
        if (held.length === head.capacity) await flush();
      }
    }
    await flush();
    return vectors.map((views, i) => {
      const reason = refused.get(i);
      if (reason !== undefined) return reason;
      const vector = joined(views);
      return allFinite(vector) ? { features: vector } : { refused: 'its vector is not finite' };
    });
  }

  async #prepare({ source, views, maxPixels = defaultLimits.pixels }: Picture): Promise<Prepared> {
    const { preprocessing } = this.#setup.file;
    try {
      const image = await decodeImage(source, { limits: { ...defaultLimits, pixels: maxPixels } });
      const pixels = views.map((view) => {
        const buffer = this.#buffers.pop() ?? new Float32Array(valuesOf(preprocessing));
        return preprocess(image, preprocessing, view, buffer);
      });
      return { pixels };
    } catch (error) {
      return refusalOf(error);
    }
  }

  async #encode(picture: Picture, pixels: readonly Float32Array[], destination?: string): Promise<Encoded> {
    const views: (Float32Array | Uint16Array)[] = [];
    let position = picture.position ?? 0;
    for (const buffer of pixels) {
      const features = await this.#backbone.features(buffer);
      this.#buffers.push(buffer);
      if (!allFinite(features)) return { refused: this.#beyond() };
      if (destination === undefined) views.push(features.slice());
      else position += this.#write(bytesOf(features), position, destination);
    }
    return destination === undefined ? { features: joined(views) } : {};
  }

  #beyond(): string {
    return `its features are beyond ${this.#setup.dtype}`;
  }

  /** Writes bytes at a position of a file; returns how many. */
  #write(bytes: Uint8Array, position: number, path: string): number {
    try {
      const descriptor = this.#files.get(path) ?? openSync(path, 'r+');
      this.#files.set(path, descriptor);
      for (let done = 0; done < bytes.length; ) {
        done += writeSync(descriptor, bytes, done, bytes.length - done, position + done);
      }
      return bytes.length;
    } catch (cause) {
      throw unwritable(path, cause);
    }
  }
}

/** Whether every number is; half precision comes as 16-bit patterns, whose exponent is all ones where it is not. */
function allFinite(values: Float32Array | Uint16Array): boolean {
  if (values instanceof Uint16Array) {
    for (let i = 0; i < values.length; i++) if ((values[i] & 0x7c00) === 0x7c00) return false;
  } else {
    for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return false;
  }
  return true;
}

/** Why a picture gives no features, without its path. */
function refusalOf(error: unknown): Refused {
  if (isDiptychError(error, 'DIPTYCH_IMAGE_UNREADABLE')) return { refused: error.fields.reason };
  if (isDiptychError(error, 'DIPTYCH_IMAGE_TOO_LARGE')) {
    const { path: _, ...tooLarge } = error.fields;
    return { refused: `${tooLarge.size} ${tooLarge.what} are too many`, tooLarge };
  }
  return { refused: error instanceof Error ? error.message : String(error) };
}

serveChild<Setup, Job>(async (setup) => {
  const widened = setup.head !== undefined;
  const backbone = await Backbone.load(setup.file, setup.threads, setup.dtype, widened);
  const head = setup.head === undefined ? undefined : await Head.load(setup.head, backbone.shape, setup.threads);
  const child = new BackboneChild(backbone, head, setup);
  let last: Promise<unknown> = Promise.resolve();
  return {
    greeting: (head ?? backbone).shape,
    handle: (job) => {
      const prepared = child.prepare(job);
      const encoded = last.then(() => child.encode(job, prepared));
      last = encoded.catch(() => {});
      return encoded;
    },
  };
});

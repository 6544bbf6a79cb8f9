/** @file The process that runs a backbone: decodes, prepares, encodes, and writes or sends features. */
import { openSync, writeSync } from 'node:fs';
import { decodeImage } from '../data/images/decode.ts';
import { preprocess, valuesOf } from '../data/images/preprocess.ts';
import { isDiptychError } from '../errors/error.ts';
import { bytesOf } from '../files/bytes.ts';
import { unwritable } from '../files/failures.ts';
import { toFloat16 } from '../files/float16.ts';
import { Backbone } from './backbone.ts';
import type { Answer, Destination, Encoded, Failure, Job, Picture, Setup } from './backbone-protocol.ts';

/** A picture ready for the model: the pixels of its views, or why there are none. */
type Prepared = { readonly pixels: readonly Float32Array[] } | { readonly refused: string };

class Child {
  readonly #backbone: Backbone;
  readonly #setup: Setup;
  readonly #files = new Map<string, number>();
  /** Buffers of pixels to use again: fresh ones cost the system a page fault every 4 KiB. */
  readonly #buffers: Float32Array[] = [];

  constructor(backbone: Backbone, setup: Setup) {
    this.#backbone = backbone;
    this.#setup = setup;
  }

  /** Decoding begins when a job arrives, also while the model runs for the one before. */
  prepare(job: Job): Promise<Prepared>[] {
    return job.pictures.map((picture) => this.#prepare(picture));
  }

  async encode(job: Job, prepared: readonly Promise<Prepared>[]): Promise<Encoded[]> {
    const results: Encoded[] = [];
    for (const [i, picture] of job.pictures.entries()) {
      const ready = await prepared[i];
      results.push('refused' in ready ? ready : await this.#encode(picture, ready.pixels, job.destination));
    }
    return results;
  }

  async #prepare({ source, views }: Picture): Promise<Prepared> {
    const { preprocessing } = this.#setup.file;
    try {
      const image = await decodeImage(source);
      const pixels = views.map((view) => {
        const buffer = this.#buffers.pop() ?? new Float32Array(valuesOf(preprocessing));
        return preprocess(image, preprocessing, view, buffer);
      });
      return { pixels };
    } catch (error) {
      return { refused: reasonOf(error) };
    }
  }

  async #encode(picture: Picture, pixels: readonly Float32Array[], destination?: Destination): Promise<Encoded> {
    const { regions, dimension } = this.#backbone.shape;
    const size = regions * dimension;
    const features = new Float32Array(pixels.length * size);
    for (const [view, buffer] of pixels.entries()) {
      features.set(await this.#backbone.features(buffer), view * size);
      this.#buffers.push(buffer);
    }
    return destination === undefined ? { features } : this.#write(features, picture.position ?? 0, destination);
  }

  #write(features: Float32Array, position: number, { path, dtype }: Destination): Encoded {
    const values = dtype === 'float16' ? toFloat16(features) : features;
    if (!allFinite(values)) return { refused: `its features are beyond ${dtype}` };
    try {
      const descriptor = this.#files.get(path) ?? openSync(path, 'r+');
      this.#files.set(path, descriptor);
      const bytes = bytesOf(values);
      for (let done = 0; done < bytes.length; ) {
        done += writeSync(descriptor, bytes, done, bytes.length - done, position + done);
      }
      return {};
    } catch (cause) {
      throw unwritable(path, cause);
    }
  }
}

/** Whether every number is; half precision comes as 16-bit patterns, whose exponent is all ones where it is not. */
function allFinite(values: Float32Array | Uint16Array): boolean {
  if (values instanceof Float32Array) return values.every(Number.isFinite);
  for (let i = 0; i < values.length; i++) if ((values[i] & 0x7c00) === 0x7c00) return false;
  return true;
}

/** Why a picture gives no features, without its path. */
function reasonOf(error: unknown): string {
  if (isDiptychError(error, 'DIPTYCH_IMAGE_UNREADABLE')) return error.fields.reason;
  if (isDiptychError(error, 'DIPTYCH_IMAGE_TOO_LARGE')) return `${error.fields.size} ${error.fields.what} are too many`;
  return error instanceof Error ? error.message : String(error);
}

function failureOf(error: unknown): Failure {
  if (isDiptychError(error)) return { code: error.code, fields: error.fields };
  throw error;
}

function send(answer: Answer): void {
  process.send?.(answer);
}

async function main(setup: Setup): Promise<void> {
  const backbone = await Backbone.load(setup.file, setup.threads);
  const child = new Child(backbone, setup);
  let queue: Promise<void> = Promise.resolve();
  process.on('message', (job: Job) => {
    const prepared = child.prepare(job);
    queue = queue.then(async () => {
      try {
        send({ kind: 'encoded', id: job.id, results: await child.encode(job, prepared) });
      } catch (error) {
        send({ kind: 'failed', id: job.id, failure: failureOf(error) });
      }
    });
  });
  send({ kind: 'ready', shape: backbone.shape });
}

// An interrupt from the terminal reaches every process of the group; the parent decides what happens then.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});
process.on('disconnect', () => process.exit());
process.once('message', (setup: Setup) => {
  main(setup).catch((error) => send({ kind: 'failed', failure: failureOf(error) }));
});

/** @file The long part of an extraction: pieces of pictures through the pool, rows to the file, progress to the journal. */
import type { BackbonePool } from '../../encoders/backbone/pool.ts';
import type { Encoded, Picture } from '../../encoders/backbone/protocol.ts';
import { encodeHeader, npyDtypes } from '../../files/npy-header.ts';
import { type NpyWriter, partialPath } from '../../files/npy-writer.ts';
import type { Progress } from '../../system/progress.ts';
import type { Journal } from './journal.ts';
import type { Plan } from './sidecar.ts';
import { viewOf } from './views.ts';

/** Between writing down what is done, at least so many times what that takes: it then costs at most 5 % of the time. */
const FLUSH_SHARE = 20;

export interface RowsRequest {
  readonly pool: BackbonePool;
  readonly images: readonly { readonly id: string; readonly path?: string | undefined }[];
  readonly plan: Plan;
  /** A row for every picture; the processes write into its file themselves. */
  readonly writer: NpyWriter;
  readonly journal: Journal;
  readonly progress: Progress;
  readonly signal?: AbortSignal | undefined;
}

/** Pictures encoded by one call, and how long it took. */
export interface RowsDone {
  readonly encoded: number;
  readonly seconds: number;
}

/** Encodes what the journal does not name yet. Stops early if the signal says so. */
export async function encodeRows(request: RowsRequest): Promise<RowsDone> {
  const { images, journal, writer, signal } = request;
  const { piece: size } = journal.head;
  const pieces = Array.from({ length: Math.ceil(images.length / size) }, (_, piece) => piece);
  const missing = pieces.filter((piece) => !journal.done.has(piece));
  const meter = new Meter(request, Math.min(images.length, journal.done.size * size));
  const flush = spaced(() => journal.flush(() => writer.sync()));
  let failed = false;

  async function work(): Promise<void> {
    for (let piece = missing.shift(); piece !== undefined; piece = missing.shift()) {
      if (signal?.aborted || failed) return;
      const first = piece * size;
      const results = await encodePiece(request, first, images.slice(first, first + size));
      journal.note(piece, refusalsOf(results, first));
      meter.add(results.length);
      await flush();
    }
  }

  // One more than the pool takes at once, because one may be waiting for the disk.
  const ends = await Promise.allSettled(
    Array.from({ length: request.pool.capacity + 1 }, () =>
      work().catch((error) => {
        failed = true;
        throw error;
      }),
    ),
  );
  // What was done before a failure is kept, if it can be.
  const kept = journal.flush(() => writer.sync());
  const failure = ends.find((end) => end.status === 'rejected');
  if (failure !== undefined) {
    await kept.catch(() => {});
    throw failure.reason;
  }
  await kept;
  return { encoded: meter.encoded, seconds: meter.seconds };
}

/** Calls a function again only after a pause, and never while it runs. */
function spaced(call: () => Promise<void>): () => Promise<void> {
  let next = 0;
  let running = false;
  return async () => {
    const start = performance.now();
    if (running || start < next) return;
    running = true;
    try {
      await call();
    } finally {
      running = false;
      next = performance.now() + FLUSH_SHARE * (performance.now() - start);
    }
  };
}

/** Encodes some images in order; an image without a picture is refused here. */
async function encodePiece(request: RowsRequest, first: number, images: RowsRequest['images']): Promise<Encoded[]> {
  const { pool, plan, writer } = request;
  const { dtype, shape, path } = writer;
  const offset = encodeHeader(dtype, shape).length;
  const rowBytes = shape.slice(1).reduce((product, length) => product * length, npyDtypes[dtype].bytes);
  const views = Array.from({ length: 1 + plan.views }, (_, view) => view);
  const pictures = images.flatMap(({ id, path: source }, i): Picture[] => {
    if (source === undefined) return [];
    const position = offset + (first + i) * rowBytes;
    return [{ source, views: views.map((view) => viewOf(plan.seed, id, view)), position }];
  });
  const encoded = await pool.encode(pictures, partialPath(path));
  const results = encoded[Symbol.iterator]();
  return images.map(({ path: source }) =>
    source === undefined ? { refused: 'the data set names no picture' } : (results.next().value as Encoded),
  );
}

function refusalsOf(results: readonly Encoded[], first: number): [number, string][] {
  return results.flatMap((result, i): [number, string][] => ('refused' in result ? [[first + i, result.refused]] : []));
}

/** Reports how far it is, and at what rate this call goes. */
class Meter {
  readonly #request: RowsRequest;
  readonly #before: number;
  readonly #began = performance.now();
  encoded = 0;

  constructor(request: RowsRequest, before: number) {
    this.#request = request;
    this.#before = before;
  }

  get seconds(): number {
    return (performance.now() - this.#began) / 1000;
  }

  add(count: number): void {
    this.encoded += count;
    const { progress, images, journal } = this.#request;
    progress.update({
      done: this.#before + this.encoded,
      total: images.length,
      unit: 'images',
      figures: { 'images/s': (this.encoded / this.seconds).toFixed(1), unreadable: journal.refused.size },
    });
  }
}

/** @file Pictures that are the same, or nearly: by their bytes, by their pixels, by their vectors. */
import { setImmediate as breathe } from 'node:timers/promises';
import { type Progress, silent } from '../../system/progress.ts';
import { innerProducts } from '../flat/kernel.ts';
import type { Store } from '../store.ts';
import { Nearby } from './nearby.ts';
import { orderOfKeeping, type Pictures, readPictures } from './pictures.ts';
import { pixelHashes } from './pixels.ts';
import { suggestThreshold } from './threshold.ts';

/** What makes two pictures the same: the file, what it shows, or how the model sees it. */
export type Likeness = 'bytes' | 'pixels' | 'embedding';

export interface DuplicateOptions {
  /** Default `all`. */
  readonly by?: Likeness | 'all' | undefined;
  /** Cosine from which two pictures count as nearly the same. Default 0.97; what is high differs from model to model. */
  readonly threshold?: number | undefined;
  readonly progress?: Progress | undefined;
  /** Gives up, with its reason. */
  readonly signal?: AbortSignal | undefined;
}

export interface DuplicateItem {
  readonly id: string;
  readonly path: string | null;
  /** `WIDTHxHEIGHT` if known. */
  readonly size: string | null;
}

/** A picture that is like the one that is kept. */
export interface Duplicate extends DuplicateItem {
  /** The strictest likeness that holds between both. */
  readonly by: Likeness;
  /** Cosine of both. */
  readonly score: number;
}

/** The largest picture of several that are alike, and the others, most alike first. */
export interface DuplicateGroup {
  readonly kept: DuplicateItem;
  readonly others: readonly Duplicate[];
}

export interface DuplicateReport {
  readonly by: Likeness | 'all';
  /** Null where vectors were not compared. */
  readonly threshold: number | null;
  /** What the collection itself suggests; null where vectors were not compared or there are too few pictures. */
  readonly suggestedThreshold: number | null;
  readonly pictures: number;
  /** Largest first. */
  readonly groups: readonly DuplicateGroup[];
  /** Pictures whose pixels could not be looked at. */
  readonly unread: readonly { readonly path: string; readonly reason: string }[];
}

/** Pictures whose nearest neighbours the suggestion is made from. */
const SAMPLE = 256;
/** How long other work of the process waits. */
const TURN_MS = 20;

/**
 * Groups the pictures of an index around representatives: the largest picture comes first, then by id; one that is like
 * a representative joins it (the most alike of them), one that is like none becomes one. So every picture of a group is
 * like the one that is kept, which chains of pictures, each like the next, would not promise.
 *
 * Memory: the vectors (4 bytes a number) and 150 bytes for each of their 32 projections; nothing grows with pairs.
 *
 * @throws what reading the store throws; the reason of `signal`
 */
export async function findDuplicates(store: Store, options: DuplicateOptions = {}): Promise<DuplicateReport> {
  const { by = 'all', threshold = 0.97, progress = silent, signal = new AbortController().signal } = options;
  const pictures = await readPictures(store);
  const byEmbedding = by === 'embedding' || by === 'all';
  const work = { progress, signal };
  const { hashes, unread } =
    by === 'pixels' || by === 'all'
      ? await pixelsOf(pictures, work)
      : { hashes: new Map<number, string>(), unread: [] };
  const nearby = byEmbedding ? new Nearby(pictures.vectors, pictures.dimension) : undefined;
  // What is the same file shows the same, and its pixels are not looked at.
  const bytes = by === 'embedding' ? [] : pictures.sha256;
  const keptOf = await representatives(pictures, { bytes, hashes, nearby, threshold }, work);
  const suggested = nearby === undefined ? undefined : await suggestionFor(nearby, keptOf, work);
  progress.finish();
  return {
    by,
    threshold: byEmbedding ? threshold : null,
    suggestedThreshold: suggested ?? null,
    pictures: pictures.ids.length,
    groups: groupsOf(pictures, keptOf, hashes),
    unread,
  };
}

interface Work {
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** Only pictures of one size can have the same pixels, and those with the same bytes have. */
async function pixelsOf({ paths, sizes, sha256 }: Pictures, { progress, signal }: Work) {
  const bySize = new Map<string, Set<string>>();
  const contentOf = (i: number): string => sha256[i] ?? `picture ${i}`;
  sizes.forEach((size, i) => {
    if (size !== undefined) bySize.set(size, (bySize.get(size) ?? new Set()).add(contentOf(i)));
  });
  const wanted = [...paths.keys()].filter((i) => sizes[i] === undefined || bySize.get(sizes[i])!.size > 1);
  return pixelHashes(paths, wanted, {
    signal,
    done: (done) => progress.update({ done, total: wanted.length, unit: 'pictures decoded' }),
  });
}

interface Likenesses {
  readonly bytes: readonly (string | undefined)[];
  readonly hashes: ReadonlyMap<number, string>;
  readonly nearby: Nearby | undefined;
  readonly threshold: number;
}

/** For each picture the one that is kept in its stead: itself, if it is kept. */
async function representatives(
  pictures: Pictures,
  { bytes, hashes, nearby, threshold }: Likenesses,
  work: Work,
): Promise<Int32Array> {
  const order = orderOfKeeping(pictures);
  const keptOf = new Int32Array(order.length);
  const firstWith = new Map<string, number>();
  await inTurns(order, 'pictures compared', work, (i) => {
    const keys = [bytes[i], hashes.get(i)].filter((key) => key !== undefined);
    const known = keys.map((key) => firstWith.get(key)).find((kept) => kept !== undefined);
    keptOf[i] = known ?? nearby?.best(i, threshold)?.row ?? i;
    if (keptOf[i] === i) nearby?.add(i);
    for (const key of keys) if (!firstWith.has(key)) firstWith.set(key, keptOf[i]);
  });
  return keptOf;
}

/** Threshold that nearest neighbours of a sample suggest; those that are kept can be found already. */
async function suggestionFor(nearby: Nearby, keptOf: Int32Array, work: Work): Promise<number | undefined> {
  for (const [i, kept] of keptOf.entries()) if (kept !== i) nearby.add(i);
  const size = Math.min(SAMPLE, keptOf.length);
  const sample = Int32Array.from({ length: size }, (_, i) => Math.floor((i * keptOf.length) / size));
  const scores: number[] = [];
  await inTurns(sample, 'nearest neighbours', work, (i) => {
    const found = nearby.best(i, -1);
    if (found !== undefined) scores.push(found.score);
  });
  return suggestThreshold(scores);
}

/** Visits items in order, lets other work of the process go on between, and tells how far it is. */
async function inTurns(
  items: Int32Array,
  unit: string,
  { progress, signal }: Work,
  visit: (item: number) => void,
): Promise<void> {
  let turn = performance.now();
  for (const [done, item] of items.entries()) {
    visit(item);
    if (performance.now() - turn < TURN_MS) continue;
    progress.update({ done, total: items.length, unit });
    await breathe();
    signal.throwIfAborted();
    turn = performance.now();
  }
}

function groupsOf(pictures: Pictures, keptOf: Int32Array, hashes: ReadonlyMap<number, string>): DuplicateGroup[] {
  const { ids, paths, sizes, sha256, vectors, dimension } = pictures;
  const members = new Map<number, number[]>();
  for (const [i, kept] of keptOf.entries()) {
    if (kept !== i) members.set(kept, [...(members.get(kept) ?? []), i]);
  }
  const itemOf = (i: number): DuplicateItem => ({ id: ids[i], path: paths[i], size: sizes[i] ?? null });
  const likeness = (i: number, kept: number): Likeness => {
    if (sha256[i] !== undefined && sha256[i] === sha256[kept]) return 'bytes';
    return hashes.has(i) && hashes.get(i) === hashes.get(kept) ? 'pixels' : 'embedding';
  };
  const groups = [...members].map(([kept, others]): DuplicateGroup => {
    const scores = new Float64Array(others.length);
    const query = Float64Array.from(vectors.subarray(kept * dimension, (kept + 1) * dimension));
    innerProducts(vectors, dimension, query, Int32Array.from(others), 0, others.length, scores);
    const found = others.map((i, j): Duplicate => ({ ...itemOf(i), by: likeness(i, kept), score: scores[j] }));
    return { kept: itemOf(kept), others: found.sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1)) };
  });
  return groups.sort((a, b) => b.others.length - a.others.length || (a.kept.id < b.kept.id ? -1 : 1));
}

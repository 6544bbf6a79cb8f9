/**
 * @file Searching a flat store with a graph: the graph proposes, the store's own vectors score. What the graph does not
 * know of the version that is searched is looked at row by row: rows written after it was built are all scored, rows
 * deleted since are passed over.
 */
import type { Filter } from '../filter.ts';
import { type Place, rowOf, segmentOf } from '../flat/place.ts';
import { hitsOf, liveRows, scoreRows } from '../flat/read.ts';
import type { Part, Snapshot } from '../flat/snapshot.ts';
import { Top } from '../flat/top.ts';
import type { Hit, SearchOptions } from '../store.ts';
import type { Graph } from './graph.ts';
import type { GraphFile } from './graph-file.ts';
import { guidedWalks, worthScoring } from './signposts.ts';

/** When trying all rows that match is better than asking the graph. */
export interface Limits {
  /** Products (rows that match times dimension) that are computed rather than avoided: these take a few milliseconds. */
  readonly products: number;
  /** The share of the graph that a search may take from it. */
  readonly share: number;
}

export const usualLimits: Limits = { products: 2 ** 23, share: 1 / 8 };

/** A graph, and what is known of it. */
export interface Proposer {
  readonly graph: Graph;
  readonly signposts: Graph | undefined;
  readonly file: Pick<GraphFile, 'covered' | 'candidates'>;
  readonly limits: Limits;
}

/** The rows of each part that match, ascending, in the order of the parts. */
export type Matching = readonly Int32Array[];

export async function matchingRows(parts: readonly Part[], filter: Filter): Promise<Matching> {
  const rows: Int32Array[] = [];
  for (const part of parts) rows.push(await liveRows(part, filter));
  return rows;
}

/**
 * The best rows for a unit vector, about as surely as the graph's measured recall; scores are exact.
 *
 * @param matching the rows that match, if there is a filter
 */
export async function searchWithGraph(
  { manifest, parts }: Snapshot,
  proposer: Proposer,
  vector: Float32Array,
  { k, threshold }: SearchOptions,
  matching?: Matching,
): Promise<Hit[]> {
  const { file, limits } = proposer;
  const query = Float64Array.from(vector);
  const rows = matching === undefined ? manifest.rows : matching.reduce((sum, { length }) => sum + length, 0);
  const proposed =
    matching !== undefined && rows * manifest.dimension <= limits.products
      ? undefined
      : await propose(proposer, vector, k, rows, parts, allowed(parts, matching));
  const top = new Top(k, threshold);
  if (proposed === undefined) {
    for (const [i, part] of parts.entries()) {
      await scoreRows(part, query, matching?.[i] ?? (await liveRows(part, undefined)), top);
    }
    return hitsOf(parts, top, k);
  }
  const covered = new Map(file.covered.map(({ number, rows }) => [number, rows]));
  // Places ascend by segment, then by row.
  const ascending = Float64Array.from(proposed).sort();
  for (const [i, part] of parts.entries()) {
    const { number } = part.entry;
    const known = covered.get(number) ?? 0;
    const found = ascending.filter((place) => segmentOf(place) === number);
    if (found.length > 0) await scoreRows(part, query, Int32Array.from(found, rowOf), top, true);
    if (known < part.entry.rows) await scoreRows(part, query, tail(part, known, matching?.[i]), top);
  }
  return hitsOf(parts, top, k);
}

/**
 * The places of rows that are allowed and worth an exact score; undefined if trying all rows is cheaper.
 *
 * @param k how many hits are wanted: the graph is walked until as many candidates as it needs are allowed, or it has no more
 * @param rows how many are allowed
 */
async function propose(
  { graph, signposts, file, limits }: Proposer,
  vector: Float32Array,
  k: number,
  rows: number,
  parts: readonly Part[],
  isAllowed: (place: Place) => boolean,
): Promise<Place[] | undefined> {
  const { size } = graph;
  const wanted = Math.max(k, file.candidates);
  // As if what is allowed were spread evenly; twice as far wherever it is not.
  for (let count = Math.ceil((wanted * size) / Math.max(1, Math.min(rows, size))); ; count *= 2) {
    if (count > size * limits.share) return undefined;
    const walks = await guidedWalks(graph, signposts, vector, count, (place) => vectorAt(parts, place, vector.length));
    const left = walks.map((places) => places.filter(isAllowed));
    const enough = left[0].length >= wanted || new Set(left.flat()).size >= wanted;
    if (enough || walks[0].length < count) return worthScoring(left, k);
  }
}

/** The vector at a place, also of a row that was deleted; undefined if its segment is gone. */
async function vectorAt(parts: readonly Part[], place: Place, dimension: number): Promise<Float32Array | undefined> {
  const part = parts.find(({ entry }) => entry.number === segmentOf(place));
  if (part === undefined || rowOf(place) >= part.entry.rows) return undefined;
  const vector = new Float32Array(dimension);
  await part.segment.vectors.gather(Int32Array.of(rowOf(place)), 0, 1, vector);
  return vector;
}

/** Whether the row at a place is there, and matches. */
function allowed(parts: readonly Part[], matching: Matching | undefined): (place: Place) => boolean {
  const byNumber = new Map(
    parts.map((part, i) => [part.entry.number, { part, marks: marksOf(part, matching?.[i]) }] as const),
  );
  return (place) => {
    const found = byNumber.get(segmentOf(place));
    if (found === undefined) return false;
    const row = rowOf(place);
    if (found.marks !== undefined) return found.marks[row] === 1;
    return row < found.part.entry.rows && found.part.dead?.[row] !== 1;
  };
}

function marksOf({ entry }: Part, rows: Int32Array | undefined): Uint8Array | undefined {
  if (rows === undefined) return undefined;
  const marks = new Uint8Array(entry.rows);
  for (const row of rows) marks[row] = 1;
  return marks;
}

/** The rows from `known` on that are there, and match. */
function tail({ entry, dead }: Part, known: number, matching: Int32Array | undefined): Int32Array {
  if (matching !== undefined) return matching.filter((row) => row >= known);
  return Int32Array.from({ length: entry.rows - known }, (_, i) => known + i).filter((row) => dead?.[row] !== 1);
}

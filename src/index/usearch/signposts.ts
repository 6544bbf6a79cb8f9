/**
 * @file Signposts: a small graph of some of the rows, which tells where the walk through all of them went astray. That walk
 * goes down to its rows by one narrow path and may end in a cluster from which no link leads to the right one. Among few rows
 * the same candidates reach much further; where they come upon a nearer row than the walk did, two more walks are made: to that row,
 * which ends in its cluster, and to the middle between it and the query, which ends there most often, and nearer to the query.
 */
import type { Place } from '../flat/place.ts';
import { bytesPerRow, type Graph } from './graph.ts';
import { type GraphParameters, RECALL_AT } from './graph-file.ts';

/** One row in so many is a signpost: a cluster of a few dozen rows has one. */
const EVERY = 32;
/** Signposts that are looked at: with 16 of a million rows' signposts the walk among them goes astray itself. */
const LOOKED_AT = 96;

/** How signposts are linked. */
export function signpostParameters({ quantization }: GraphParameters): GraphParameters {
  return { quantization, connectivity: 16, expansion: 64 };
}

/** About how many bytes signposts take for each row of the graph. */
export function signpostBytesPerRow(parameters: GraphParameters, dimension: number): number {
  return bytesPerRow(signpostParameters(parameters), dimension) / EVERY;
}

/** The rows that are to be signposts, of all in any order. */
export function signpostsOf(places: readonly Place[]): Place[] {
  return places.filter((_, i) => i % EVERY === 0);
}

/**
 * The places that walks through the graph came to: about the nearest rows, nearest first, and where these lie astray, the rows
 * about a nearer signpost, and about the middle between it and the query.
 *
 * @param count how many places a walk is to come to
 * @param vectorOf the vector at a place; undefined if it is gone
 */
export async function guidedWalks(
  graph: Graph,
  signposts: Graph | undefined,
  vector: Float32Array,
  count: number,
  vectorOf: (place: Place) => Promise<Float32Array | undefined>,
): Promise<Place[][]> {
  const { places, distances } = graph.near(vector, count);
  if (signposts === undefined || places.length < count) return [places];
  // A walk went astray if a signpost that it did not come to is nearer than the last row that it must find.
  const last = distances[Math.min(RECALL_AT, places.length) - 1];
  const signs = signposts.near(vector, LOOKED_AT);
  const sign = signs.places.find((place, i) => signs.distances[i] < last && !places.includes(place));
  const from = sign === undefined ? undefined : await vectorOf(sign);
  if (from === undefined) return [places];
  return [places, [sign!, ...graph.search(from, count)], graph.search(middleOf(vector, from), count)];
}

/** Half the sum: to unit vectors, squared distances from it order as those from the unit vector of its direction do. */
function middleOf(a: Float32Array, b: Float32Array): Float32Array {
  return a.map((x, i) => (x + b[i]) / 2);
}

/**
 * Which of the places that walks came to are worth an exact score. A graph orders by quantized vectors, which put the best `k`
 * among the first half of many; what is found by way of a signpost is in another order, and all counts.
 */
export function worthScoring([first, ...astray]: readonly Place[][], k: number): Place[] {
  const nearer = first.slice(0, Math.max(4 * k, Math.ceil(first.length / 2)));
  return astray.length === 0 ? nearer : [...new Set([...nearer, ...astray.flat()])];
}

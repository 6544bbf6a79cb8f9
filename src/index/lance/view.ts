/** @file One version of a LanceDB store as it is read: never changed, so that a search sees one version from start to end. */
import { setImmediate as breathe } from 'node:timers/promises';
import type { Connection, Table } from '@lancedb/lancedb';
import { type Filter, matches } from '../filter.ts';
import { innerProducts } from '../flat/kernel.ts';
import type { Hit, Row, SearchOptions } from '../store.ts';
import { metadataOf, textsOf, vectorsOf } from './batches.ts';
import type { LanceManifest } from './manifest.ts';
import { sqlOf, text } from './sql.ts';
import { kept } from './text.ts';

/** Name of the table that holds the rows. */
export const TABLE = 'rows';

/** Rows that a search asks for beyond k, to order by exact scores. */
const MARGIN = 16;
/** By how much LanceDB's own score of a row may differ from the exact one: it sums in single precision. */
const SCORE_ERROR = { float32: 1e-5, float16: 2e-3 };
/** Rows that are handed out before other work of the process gets its turn. */
const TURN_ROWS = 512;
/** Ids in one statement. */
const MOST_IDS = 1000;

/** A version and its table. */
export interface View {
  readonly manifest: LanceManifest;
  readonly table: Table;
}

/** Opens the version that a manifest names. */
export async function openView(connection: Connection, manifest: LanceManifest): Promise<View> {
  const table = await connection.openTable(TABLE);
  await table.checkout(manifest.table);
  return { manifest, table };
}

/** How many rows match. */
export async function countRows(view: View, filter: Filter): Promise<number> {
  const where = sqlOf(filter, view.manifest);
  if (where !== undefined) return view.table.countRows(where);
  let count = 0;
  for await (const _ of rowsOf(view, filter)) count++;
  return count;
}

/** All rows that match. What SQL cannot say is tested row by row. */
export async function* rowsOf(view: View, filter?: Filter): AsyncGenerator<Row> {
  const where = filter === undefined ? undefined : sqlOf(filter, view.manifest);
  const untested = filter !== undefined && where === undefined ? filter : undefined;
  for await (const row of rowsWhere(view, where)) {
    if (untested === undefined || matches(untested, row.metadata)) yield row;
  }
}

/** The rows of these ids, those that are there. */
export async function rowsById(view: View, ids: readonly string[]): Promise<Map<string, Row>> {
  const found = new Map<string, Row>();
  const unique = [...new Set(ids)];
  for (const where of idsIn(unique)) for await (const row of rowsWhere(view, where)) found.set(row.id, row);
  return found;
}

/** SQL that holds of the rows of these ids, in as many statements as they need. */
export function* idsIn(ids: readonly string[]): Generator<string> {
  for (let first = 0; first < ids.length; first += MOST_IDS) {
    const some = ids.slice(first, first + MOST_IDS).map((id) => text(kept(id)));
    yield `id IN (${some.join(', ')})`;
  }
}

async function* rowsWhere({ table, manifest }: View, where: string | undefined): AsyncGenerator<Row> {
  const { dimension } = manifest;
  const query = table.query().select(['id', 'metadata', 'vector']);
  if (where !== undefined) query.where(where);
  for await (const batch of query) {
    const vectors = vectorsOf(batch, dimension);
    const ids = textsOf(batch, 'id');
    const metadata = textsOf(batch, 'metadata');
    for (let i = 0; i < ids.length; i++) {
      if (i % TURN_ROWS === TURN_ROWS - 1) await breathe();
      const vector = vectors.slice(i * dimension, (i + 1) * dimension);
      yield { id: ids[i], vector, metadata: metadataOf(metadata[i]) };
    }
  }
}

/** Rows that were written after a version of the store. */
export function rowsSince(view: View, version: number): AsyncGenerator<Row> {
  return rowsWhere(view, `revision > ${version.toExponential()}`);
}

/** The ids of all rows. */
export async function allIds({ table }: View): Promise<Set<string>> {
  const ids = new Set<string>();
  for await (const batch of table.query().select(['id'])) for (const id of textsOf(batch, 'id')) ids.add(id);
  return ids;
}

/**
 * The best rows for a unit vector, by score and then by id.
 *
 * LanceDB scans all rows that match; its own scores are approximate in the last digits and its order among equals is any,
 * so somewhat more than k rows are asked for and scored exactly. Unless the k-th is certainly better than all that were
 * left out, more are asked for.
 */
export async function searchRows(view: View, vector: Float32Array, options: SearchOptions): Promise<Hit[]> {
  const { k, filter, threshold = -Infinity } = options;
  const { rows } = view.manifest;
  if (rows === 0) return [];
  const where = filter === undefined ? undefined : sqlOf(filter, view.manifest);
  if (filter !== undefined && where === undefined) return searchByRow(view, vector, options);
  for (let limit = Math.min(rows, k + MARGIN); ; limit = Math.min(rows, 4 * limit)) {
    const { hits, left } = await nearest(view, vector, where, limit);
    const all = hits.length < limit || limit === rows;
    if (all || (hits.length >= k && hits[k - 1].score > left) || left < threshold) {
      return hits.filter(({ score }) => score >= threshold).slice(0, k);
    }
  }
}

/** So many of the best rows in exact order, and the score that none of the others can exceed. */
async function nearest(
  { table, manifest }: View,
  vector: Float32Array,
  where: string | undefined,
  limit: number,
): Promise<{ hits: Hit[]; left: number }> {
  const query = table.query().nearestTo(vector).distanceType('dot').bypassVectorIndex();
  query.select(['id', 'metadata', 'vector', '_distance']).limit(limit);
  if (where !== undefined) query.where(where);
  const hits: { id: string; score: number; metadata: string }[] = [];
  let worst = -Infinity;
  for await (const batch of query) {
    const scores = scoresOf(vectorsOf(batch, manifest.dimension), vector);
    const ids = textsOf(batch, 'id');
    const metadata = textsOf(batch, 'metadata');
    for (let i = 0; i < ids.length; i++) hits.push({ id: ids[i], score: scores[i], metadata: metadata[i] });
    for (const distance of batch.getChild('_distance')!) worst = Math.max(worst, distance);
  }
  return {
    hits: hits.sort(byScore).map((hit) => ({ ...hit, metadata: metadataOf(hit.metadata) })),
    left: 1 - worst + SCORE_ERROR[manifest.dtype],
  };
}

/** Exact inner products of rows with a vector. */
function scoresOf(vectors: Float32Array, vector: Float32Array): Float64Array {
  const count = vectors.length / vector.length;
  const scores = new Float64Array(count);
  const all = Int32Array.from({ length: count }, (_, i) => i);
  innerProducts(vectors, vector.length, Float64Array.from(vector), all, 0, count, scores);
  return scores;
}

async function searchByRow(view: View, query: Float32Array, options: SearchOptions): Promise<Hit[]> {
  const { k, filter, threshold = -Infinity } = options;
  let hits: Hit[] = [];
  for await (const { id, vector, metadata } of rowsOf(view, filter)) {
    const [score] = scoresOf(vector, query);
    if (score >= threshold) hits.push({ id, score, metadata });
    if (hits.length > 4 * k + TURN_ROWS) hits = hits.sort(byScore).slice(0, k);
  }
  return hits.sort(byScore).slice(0, k);
}

function byScore(a: { id: string; score: number }, b: { id: string; score: number }): number {
  return b.score - a.score || (a.id < b.id ? -1 : 1);
}

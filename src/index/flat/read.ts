/** @file Reading one snapshot: the rows that count, their scores, the rows themselves. */
import { setImmediate as breathe } from 'node:timers/promises';
import type { Filter } from '../filter.ts';
import type { Hit, Row, SearchOptions } from '../store.ts';
import { innerProducts } from './kernel.ts';
import { type Place, placeOf, rowOf, segmentOf } from './place.ts';
import type { Part } from './snapshot.ts';
import { Top } from './top.ts';

/** Rows that are scored before looking at the clock and the floor of the best k again. */
const BLOCK = 1024;
/** How long a search may go on before other work of the process gets its turn. */
const TURN_MS = 8;

/** The rows of a part that are not deleted and match, ascending. */
export async function liveRows({ entry, segment, dead }: Part, filter: Filter | undefined): Promise<Int32Array> {
  const rows = filter === undefined ? firstRows(entry.rows) : markedRows(await segment.columns.mask(filter, entry));
  if (dead === undefined) return rows;
  let count = 0;
  for (const row of rows) if (dead[row] !== 1) rows[count++] = row;
  return rows.subarray(0, count);
}

/** 0, 1, 2 … */
function firstRows(count: number): Int32Array {
  const rows = new Int32Array(count);
  for (let row = 0; row < count; row++) rows[row] = row;
  return rows;
}

/** The rows that have a 1, ascending. Where they are few, four marks together are 0 most often, and passed over at once. */
function markedRows(mask: Uint8Array): Int32Array {
  const fours = new Uint32Array(mask.buffer, 0, mask.length >> 2);
  const rows = new Int32Array(mask.length);
  let count = 0;
  for (let row = 0; row < mask.length; row++) {
    if ((row & 3) === 0 && fours[row >> 2] === 0) row += 3;
    else if (mask[row] === 1) rows[count++] = row;
  }
  return rows.subarray(0, count);
}

/** How many rows match. */
export async function countRows(parts: readonly Part[], filter: Filter): Promise<number> {
  let count = 0;
  for (const part of parts) count += (await liveRows(part, filter)).length;
  return count;
}

/** The best rows for a unit vector, by score and then by id. */
export async function searchRows(parts: readonly Part[], vector: Float32Array, options: SearchOptions): Promise<Hit[]> {
  const top = new Top(options.k, options.threshold);
  const query = Float64Array.from(vector);
  for (const part of parts) await scoreRows(part, query, await liveRows(part, options.filter), top);
  return hitsOf(parts, top, options.k);
}

/** What a search has found, by score and then by id. */
export async function hitsOf(parts: readonly Part[], top: Top, k: number): Promise<Hit[]> {
  const partOf = new Map(parts.map((part) => [part.entry.number, part]));
  const hits = top.candidates().map(async ({ score, place }) => {
    const { segment, entry } = partOf.get(segmentOf(place))!;
    await segment.lines.ensure(entry);
    return { score, ...(await segment.lines.line(rowOf(place))) };
  });
  return (await Promise.all(hits)).sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1)).slice(0, k);
}

/**
 * Scores rows of a part.
 *
 * @param few whether they are too few to load the vectors of all rows for them
 */
export async function scoreRows(
  { entry, segment }: Part,
  query: Float64Array,
  rows: Int32Array,
  top: Top,
  few = false,
): Promise<void> {
  const dimension = query.length;
  const scores = new Float64Array(Math.min(BLOCK, rows.length));
  if (!few) await segment.vectors.ensure(entry);
  const resident = segment.vectors.resident(entry.rows);
  const scratch = new Float32Array(resident === undefined ? scores.length * dimension : 0);
  let turn = performance.now();
  for (let first = 0; first < rows.length; first += BLOCK) {
    const count = Math.min(BLOCK, rows.length - first);
    if (resident === undefined) {
      await segment.vectors.gather(rows, first, count, scratch);
      innerProducts(scratch, dimension, query, COUNTING, 0, count, scores);
    } else innerProducts(resident, dimension, query, rows, first, count, scores);
    for (let j = 0; j < count; j++) {
      if (scores[j] >= top.floor) top.push(scores[j], placeOf(entry.number, rows[first + j]));
    }
    if (performance.now() - turn > TURN_MS) {
      await breathe();
      turn = performance.now();
    }
  }
}

const COUNTING = firstRows(BLOCK);

/** The row at a place. */
export async function rowAt(parts: readonly Part[], place: Place): Promise<Row> {
  const { entry, segment } = parts.find(({ entry }) => entry.number === segmentOf(place))!;
  await segment.lines.ensure(entry);
  const vector = new Float32Array(segment.vectors.layout.dimension);
  await segment.vectors.gather(Int32Array.of(rowOf(place)), 0, 1, vector);
  return { vector, ...(await segment.lines.line(rowOf(place))) };
}

/** The rows that are not deleted and match, a batch at a time, with their places. */
export async function* rowBatches(
  parts: readonly Part[],
  filter?: Filter,
): AsyncGenerator<{ rows: Row[]; places: Place[] }> {
  for (const part of parts) {
    const { entry, segment } = part;
    const live = await liveRows(part, filter);
    const { dimension } = segment.vectors.layout;
    await segment.lines.ensure(entry);
    let next = 0;
    for await (const { first, lines } of segment.lines.lines(live[0] ?? entry.rows, entry.rows)) {
      const from = next;
      while (next < live.length && live[next] < first + lines.length) next++;
      if (next === from) continue;
      const vectors = new Float32Array((next - from) * dimension);
      await segment.vectors.gather(live, from, next - from, vectors);
      const batch = live.subarray(from, next);
      yield {
        rows: Array.from(batch, (row, j) => ({
          vector: vectors.slice(j * dimension, (j + 1) * dimension),
          ...lines[row - first],
        })),
        places: Array.from(batch, (row) => placeOf(entry.number, row)),
      };
    }
  }
}

/** Where each id is. */
export async function placesById(parts: readonly Part[]): Promise<Map<string, Place>> {
  const places = new Map<string, Place>();
  for (const part of parts) await eachPlace(part, 0, (id, place) => places.set(id, place));
  return places;
}

/** The rows of a part, from one on, that are not deleted. */
async function eachPlace(
  { entry, segment, dead }: Part,
  from: number,
  tell: (id: string, place: Place) => void,
): Promise<void> {
  await segment.lines.ensure(entry);
  for await (const { first, lines } of segment.lines.lines(from, entry.rows)) {
    lines.forEach(({ id }, i) => {
      if (dead?.[first + i] !== 1) tell(id, placeOf(entry.number, first + i));
    });
  }
}

/** Where ids were, and where they are. */
export interface Moves {
  readonly gone: readonly (readonly [string, Place])[];
  readonly come: readonly (readonly [string, Place])[];
}

/** What came and went between two versions of a store; undefined if rows were compacted, so that all are elsewhere. */
export async function movesBetween(older: readonly Part[], newer: readonly Part[]): Promise<Moves | undefined> {
  const before = new Map(older.map((part) => [part.entry.number, part]));
  const there = new Set(newer.map(({ entry }) => entry.number));
  if (older.some(({ entry }) => !there.has(entry.number))) return undefined;
  const gone: [string, Place][] = [];
  const come: [string, Place][] = [];
  for (const part of newer) {
    const { entry, segment, dead } = part;
    const had = before.get(entry.number);
    const known = had?.entry.rows ?? 0;
    await eachPlace(part, known, (id, place) => come.push([id, place]));
    for (let row = 0; row < known; row++) {
      if (dead?.[row] !== 1 || had?.dead?.[row] === 1) continue;
      gone.push([(await segment.lines.line(row)).id, placeOf(entry.number, row)]);
    }
  }
  return { gone, come };
}

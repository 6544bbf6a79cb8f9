/** @file The pictures of an index as columns: what the search for duplicates reads of them. */
import type { Store } from '../store.ts';

/** Picture `i` has id `ids[i]` and vector `vectors[i * dimension …]`. Rows of captions are left out. */
export interface Pictures {
  readonly ids: readonly string[];
  readonly paths: readonly (string | null)[];
  /** Hash of the file's bytes, where the index has one. */
  readonly sha256: readonly (string | undefined)[];
  /** `WIDTHxHEIGHT` where the index knows them. */
  readonly sizes: readonly (string | undefined)[];
  /** Width times height; 0 where they are not known. */
  readonly areas: readonly number[];
  /** Row-major [pictures, dimension], of unit length. */
  readonly vectors: Float32Array;
  readonly dimension: number;
}

/** Reads the pictures of a store: 4 bytes for each number of a vector, and what is short for each picture. */
export async function readPictures(store: Store): Promise<Pictures> {
  const { rows, dimension, fields } = store.manifest();
  const filter = Object.hasOwn(fields, 'text') ? { kind: { ne: 'caption' } } : undefined;
  const count = filter === undefined ? rows : await store.count(filter);
  const vectors = new Float32Array(count * dimension);
  const ids: string[] = [];
  const paths: (string | null)[] = [];
  const sha256: (string | undefined)[] = [];
  const sizes: (string | undefined)[] = [];
  const areas: number[] = [];
  for await (const { id, vector, metadata } of store.scan(filter)) {
    vectors.set(vector, ids.length * dimension);
    ids.push(id);
    paths.push(typeof metadata.path === 'string' ? metadata.path : null);
    sha256.push(typeof metadata.sha256 === 'string' ? metadata.sha256 : undefined);
    const { width, height } = metadata;
    const known = typeof width === 'number' && typeof height === 'number';
    sizes.push(known ? `${width}x${height}` : undefined);
    areas.push(known ? width * height : 0);
  }
  return { ids, paths, sha256, sizes, areas, vectors, dimension };
}

/** Pictures in the order in which they are kept rather than others: the largest first, then by id. */
export function orderOfKeeping({ ids, areas }: Pick<Pictures, 'ids' | 'areas'>): Int32Array {
  const order = Int32Array.from(ids, (_, i) => i);
  return order.sort((a, b) => areas[b] - areas[a] || (ids[a] < ids[b] ? -1 : 1));
}

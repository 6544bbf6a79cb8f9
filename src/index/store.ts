/** @file What every vector store does, whatever it is made of: rows with string ids, exact pre-filters, versions. */
import type { DiptychError } from '../errors/error.ts';
import type { Filter } from './filter.ts';

/** A value of metadata. `null` and a missing field mean the same: no value. */
export type MetadataValue = string | number | boolean | null | string[];

/** What is known of a row besides its vector. */
export type Metadata = Record<string, MetadataValue>;

/** One item: its vector is kept with unit length. */
export interface Row {
  id: string;
  vector: Float32Array;
  metadata: Metadata;
}

/** A row that was not taken, and why; the others of its batch were. */
export interface Rejected {
  /** Position in the batch. */
  readonly index: number;
  readonly id: string;
  readonly error: DiptychError;
}

/** What became of a batch. When it arrives the batch is durable. */
export interface Receipt {
  /** Rows stored. */
  readonly written: number;
  readonly rejected: readonly Rejected[];
}

/** A row found by a search. */
export interface Hit {
  readonly id: string;
  /** Inner product of unit vectors: the cosine. */
  readonly score: number;
  readonly metadata: Metadata;
}

/** What to search for besides the vector. */
export interface SearchOptions {
  /** How many at most. */
  readonly k: number;
  /** Only rows that match are searched: the best k of these come back, not what is left of the best k of all. */
  readonly filter?: Filter | undefined;
  /** Only rows with at least this score. */
  readonly threshold?: number | undefined;
}

/** Kinds of values seen in a field. */
export type FieldType = 'string' | 'number' | 'boolean' | 'list';

/** What a store says of itself. */
export interface StoreManifest {
  /** Which implementation, such as `flat`. */
  readonly kind: string;
  /** Rises by one with every change. */
  readonly version: number;
  /** The model whose vectors these are. */
  readonly fingerprint: string;
  readonly dimension: number;
  readonly dtype: 'float32' | 'float16';
  /** Rows that are there: added and not deleted. */
  readonly rows: number;
  /** Metadata fields ever seen, with the kinds of their values. */
  readonly fields: Readonly<Record<string, readonly FieldType[]>>;
  readonly created: string;
  readonly updated: string;
}

/** Something wrong that `verify` found. */
export interface Damage {
  /** The file, or the id of the row. */
  readonly place: string;
  readonly reason: string;
}

/**
 * A vector store. One writer at a time, any number of readers; a reader sees the version it opened (or last
 * refreshed to) whatever the writer does. Each write is atomic and durable when its promise resolves.
 *
 * Vectors are scaled to unit length; scores are inner products. Equal scores are ordered by id.
 */
export interface Store {
  /** Adds new rows. Ids that are there already are rejected. */
  add(rows: readonly Row[]): Promise<Receipt>;
  /** Adds rows or replaces those with the same id. Of an id given twice the last one stands. */
  upsert(rows: readonly Row[]): Promise<Receipt>;
  /** Deletes rows; unknown ids are passed over. Returns how many there were. */
  delete(ids: readonly string[]): Promise<number>;
  /** The rows of these ids, in their order; undefined where there is none. */
  get(ids: readonly string[]): Promise<(Row | undefined)[]>;
  /**
   * All rows (that match) as of the first step, in no promised order.
   *
   * @throws DIPTYCH_INDEX_OVERTAKEN if rows of that version are removed for newer ones before they were read
   */
  scan(filter?: Filter): AsyncIterable<Row>;
  /** The best rows, highest score first, exactly. @throws DIPTYCH_INDEX_VECTOR, DIPTYCH_INDEX_OPTION */
  search(vector: Float32Array, options: SearchOptions): Promise<Hit[]>;
  /** How many rows (match). */
  count(filter?: Filter): Promise<number>;
  manifest(): StoreManifest;
  /** Moves a reader to the newest version; says whether there was one. */
  refresh(): Promise<boolean>;
  /** Frees the space of deleted rows. */
  compact(): Promise<void>;
  /** Reads everything and lists what is wrong: checksums, counts, repeated ids, vectors not finite or not unit. */
  verify(): Promise<Damage[]>;
  /** Ends the use of the store and lets the next writer in. */
  close(): Promise<void>;
}

/** How a new store is made. */
export interface NewStore {
  readonly fingerprint: string;
  readonly dimension: number;
  /** Half precision takes half the disk and memory; scores change by about 1e-4. Default float32. */
  readonly dtype?: 'float32' | 'float16' | undefined;
}

/** How a store is opened. */
export interface OpenStore {
  /** Whether to take the writer's lock. Default false. */
  readonly write?: boolean | undefined;
  /** The model in use; another model's store is refused. */
  readonly fingerprint?: string | undefined;
}

/** One implementation of `Store`: how to make and to open it. */
export interface StoreKind {
  readonly kind: string;
  /** @throws DIPTYCH_INDEX_EXISTS; opens for writing */
  create(folder: string, options: NewStore): Promise<Store>;
  /** @throws DIPTYCH_INDEX_MISSING, _DAMAGED, _FORMAT, _LOCKED, _FINGERPRINT */
  open(folder: string, options?: OpenStore): Promise<Store>;
}

/** @file What makes a row fit to be stored: a usable id, plain metadata, a finite vector of the right dimension and unit length. */
import { DiptychError } from '../errors/error.ts';
import type { FieldType, Metadata, MetadataValue, Row, StoreManifest } from './store.ts';

/** Squared lengths this close to 1 count as unit, so that a vector that was normalised once keeps its bits. */
const UNIT_TOLERANCE = 1e-6;

/** How far a stored length may be from 1: rounding to half precision moves it by up to 2^-11 of itself. */
export const LENGTH_TOLERANCE = { float32: 1e-4, float16: 1e-3 };

/**
 * A vector of unit length in float32, v / ||v||; the same array if it has unit length already.
 *
 * @param id names the vector in errors
 * @throws DIPTYCH_INDEX_VECTOR if its dimension is another, a number is not finite, or its length is zero
 */
export function unitVector(id: string, vector: Float32Array, dimension: number): Float32Array {
  const refuse = (problem: string) => new DiptychError('DIPTYCH_INDEX_VECTOR', { id, problem });
  if (!(vector instanceof Float32Array)) throw refuse('its vector is no Float32Array');
  if (vector.length !== dimension) throw refuse(`its vector has dimension ${vector.length}, the index ${dimension}`);
  let square = 0;
  for (let i = 0; i < dimension; i++) square += vector[i] * vector[i];
  if (!Number.isFinite(square)) {
    const at = vector.findIndex((x) => !Number.isFinite(x));
    throw refuse(`its vector has ${vector[at]} at position ${at}`);
  }
  if (square === 0) throw refuse('its vector has length zero');
  if (Math.abs(square - 1) <= UNIT_TOLERANCE) return vector;
  const scale = 1 / Math.sqrt(square);
  return vector.map((x) => x * scale);
}

/** The kind of a metadata value; undefined for null, which is no value. */
export function fieldTypeOf(value: MetadataValue): FieldType | undefined {
  if (value === null) return undefined;
  return Array.isArray(value) ? 'list' : (typeof value as FieldType);
}

/** The fields seen so far and those of new rows. */
export function withFields(fields: StoreManifest['fields'], rows: readonly Row[]): Record<string, FieldType[]> {
  const all = new Map(Object.entries(fields).map(([name, types]) => [name, new Set(types)]));
  for (const { metadata } of rows) {
    for (const [name, value] of Object.entries(metadata)) {
      const type = fieldTypeOf(value);
      const types = all.get(name) ?? new Set();
      if (type !== undefined) all.set(name, types.add(type));
    }
  }
  return Object.fromEntries([...all].map(([name, types]) => [name, [...types]]));
}

/** Whatever reads an address takes these for this folder and the one above, percent-encoded too. */
const unaddressable: readonly string[] = ['.', '..'];

/** @throws DIPTYCH_INDEX_ID if the id is not a non-empty string, or one that no address can end in */
export function checkId(id: unknown): void {
  if (typeof id !== 'string')
    throw new DiptychError('DIPTYCH_INDEX_ID', { id: String(id), problem: 'an id is a string' });
  if (id === '') throw new DiptychError('DIPTYCH_INDEX_ID', { id, problem: 'an id cannot be empty' });
  if (unaddressable.includes(id))
    throw new DiptychError('DIPTYCH_INDEX_ID', { id, problem: 'an address cannot end in this id' });
}

/** @throws DIPTYCH_INDEX_METADATA if a value is nested, not finite, or not of a kind that can be stored */
export function checkMetadata(id: string, metadata: Metadata): void {
  const refuse = (problem: string) => new DiptychError('DIPTYCH_INDEX_METADATA', { id, problem });
  if (metadata === null || typeof metadata !== 'object' || Array.isArray(metadata))
    throw refuse('its metadata is no object');
  for (const [field, value] of Object.entries(metadata)) {
    if (field === '' || field === '__proto__') throw refuse(`its metadata has a field named ${JSON.stringify(field)}`);
    if (!isStorable(value)) throw refuse(`its field "${field}" holds ${describe(value)}`);
  }
}

function isStorable(value: unknown): value is MetadataValue {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function describe(value: unknown): string {
  if (Array.isArray(value)) return 'a list with something other than strings';
  return typeof value === 'object' ? 'a nested object' : `${String(value)} (${typeof value})`;
}

/** A row as it will be stored. @throws DIPTYCH_INDEX_ID, DIPTYCH_INDEX_METADATA, DIPTYCH_INDEX_VECTOR */
export function checkRow(row: Row, dimension: number): Row {
  checkId(row.id);
  checkMetadata(row.id, row.metadata);
  return { id: row.id, vector: unitVector(row.id, row.vector, dimension), metadata: row.metadata };
}

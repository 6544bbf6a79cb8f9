/** @file Sentence vectors that another program wrote: rows of an npy or safetensors file, matched with captions. */
import { existsSync } from 'node:fs';
import { z } from 'zod';
import type { Caption } from '../../../data/dataset.ts';
import { captionsOf } from '../../../data/relation.ts';
import { DiptychError } from '../../../errors/error.ts';
import { fromFloat16 } from '../../../files/float16.ts';
import { readJson } from '../../../files/json.ts';
import { openNpy } from '../../../files/npy.ts';
import { readSafetensors } from '../../../files/safetensors.ts';
import { cosineRelevance, take } from './cosines.ts';
import type { Aggregate, Relevance, Subject } from './relevance.ts';

/** Rows as they are in the file: [rows, width]. */
interface Table {
  readonly rows: number;
  readonly width: number;
  readonly data: Float32Array;
}

const sidecarSchema = z.looseObject({ ids: z.array(z.string()) });

/**
 * Relevance as the cosine of sentence vectors of a file: see `cosineRelevance`.
 *
 * @param path npy [captions, width], or safetensors with the one tensor, or one named `vectors`; NAME.json beside it may list the
 *   caption id of each row, else rows are the captions of the data set, or of the images in question, in order
 * @throws DIPTYCH_RELEVANCE_SHAPE, DIPTYCH_RELEVANCE_IDS, DIPTYCH_RELEVANCE_NOT_FINITE, and what reading the file throws
 */
export async function sentenceRelevance(path: string, subject: Subject, aggregate: Aggregate): Promise<Relevance> {
  const captions = captionsOf(subject.images);
  const table = path.endsWith('.safetensors') ? await fromSafetensors(path) : await fromNpy(path);
  const rows = await rowsOf(path, table, captions, subject);
  requireFinite(path, table, rows, captions);
  return cosineRelevance(take(table.data, rows, table.width), table.width, subject.images, aggregate);
}

async function fromNpy(path: string): Promise<Table> {
  const file = await openNpy(path);
  try {
    const { shape, rows, rowLength: width } = file;
    requireTable(path, shape);
    return { rows, width, data: await file.readRows(0, rows) };
  } finally {
    await file.close();
  }
}

async function fromSafetensors(path: string): Promise<Table> {
  const { tensors } = await readSafetensors(path);
  const tensor = tensors.get('vectors') ?? (tensors.size === 1 ? [...tensors.values()][0] : undefined);
  if (tensor === undefined || !(tensor.dtype === 'F16' || tensor.dtype === 'F32' || tensor.dtype === 'F64')) {
    const found = [...tensors].map(([name, { dtype }]) => `${name} (${dtype})`).join(', ') || 'none';
    throw new DiptychError('DIPTYCH_RELEVANCE_SHAPE', { path, expected: 'one tensor of floats, or `vectors`', found });
  }
  requireTable(path, tensor.shape);
  const [rows, width] = tensor.shape;
  const data = tensor.dtype === 'F16' ? fromFloat16(tensor.data) : Float32Array.from(tensor.data);
  return { rows, width, data };
}

function requireTable(path: string, shape: readonly number[]): void {
  if (shape.length === 2 && shape[1] > 0) return;
  throw new DiptychError('DIPTYCH_RELEVANCE_SHAPE', { path, expected: '[captions, width]', found: `[${shape}]` });
}

/** The row of each caption. */
async function rowsOf(path: string, table: Table, captions: readonly Caption[], { all }: Subject): Promise<number[]> {
  const sidecar = path.replace(/\.[^.]+$/, '.json');
  if (existsSync(sidecar)) {
    const { ids } = await readJson(sidecar, sidecarSchema);
    if (ids.length !== table.rows) throw rowsError(path, `${ids.length} rows (ids in ${sidecar})`, table);
    return rowsByIds(path, ids, captions);
  }
  const ids = captionsOf(all).map(({ id }) => id);
  if (table.rows === ids.length) return rowsByIds(path, ids, captions);
  if (table.rows === captions.length) return captions.map((_, i) => i);
  throw rowsError(path, `${captions.length} rows (captions used) or ${ids.length} (all captions)`, table);
}

function rowsError(path: string, expected: string, { rows }: Table) {
  return new DiptychError('DIPTYCH_RELEVANCE_SHAPE', { path, expected, found: `${rows}` });
}

function rowsByIds(path: string, ids: readonly string[], captions: readonly Caption[]): number[] {
  const places = new Map(ids.map((id, row) => [id, row]));
  const missing = captions.filter(({ id }) => !places.has(id));
  if (missing.length > 0) {
    throw new DiptychError('DIPTYCH_RELEVANCE_IDS', { path, missing: missing.length, first: missing[0].id });
  }
  return captions.map(({ id }) => places.get(id)!);
}

function requireFinite(
  path: string,
  { width, data }: Table,
  rows: readonly number[],
  captions: readonly Caption[],
): void {
  rows.forEach((row, caption) => {
    const vector = data.subarray(row * width, (row + 1) * width);
    const faulty = vector.findIndex((x) => !Number.isFinite(x));
    if (faulty < 0) return;
    const place = `row ${row}, number ${faulty} (caption ${captions[caption].id})`;
    throw new DiptychError('DIPTYCH_RELEVANCE_NOT_FINITE', { path, place, value: vector[faulty] });
  });
}

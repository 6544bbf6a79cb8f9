/** @file Vectors that another program wrote: rows of an npy or safetensors file, matched with captions or with images. */
import { existsSync } from 'node:fs';
import { z } from 'zod';
import { captionsOf } from '../../../data/relation.ts';
import { DiptychError } from '../../../errors/error.ts';
import { fromFloat16 } from '../../../files/float16.ts';
import { readJson } from '../../../files/json.ts';
import { openNpy } from '../../../files/npy.ts';
import { readSafetensors } from '../../../files/safetensors.ts';
import { cosineRelevance, imageCosineRelevance, take } from './cosines.ts';
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
  const { data, width } = await chosenRows(path, captions, captionsOf(subject.all), 'captions');
  return cosineRelevance(data, width, subject.images, aggregate);
}

/**
 * Relevance as the cosine of vectors of the pictures: see `imageCosineRelevance`.
 *
 * @param path npy [images, width], or safetensors as for `sentenceRelevance`; NAME.json beside it may list the image id of each row
 * @throws as `sentenceRelevance`
 */
export async function imageRelevance(path: string, { images, all }: Subject): Promise<Relevance> {
  const { data, width } = await chosenRows(path, images, all, 'images');
  return imageCosineRelevance(data, width, images);
}

type Identified = { readonly id: string };

/** The rows of a file that belong to some captions or images, in their order: [used, width]. */
async function chosenRows(
  path: string,
  used: readonly Identified[],
  all: readonly Identified[],
  what: 'captions' | 'images',
): Promise<{ data: Float32Array; width: number }> {
  const table = await (path.endsWith('.safetensors') ? fromSafetensors(path, what) : fromNpy(path, what));
  const rows = await rowsOf(path, table, used, all, what);
  requireFinite(path, table, rows, used);
  return { data: take(table.data, rows, table.width), width: table.width };
}

async function fromNpy(path: string, what: string): Promise<Table> {
  const file = await openNpy(path);
  try {
    const { shape, rows, rowLength: width } = file;
    requireTable(path, shape, what);
    return { rows, width, data: await file.readRows(0, rows) };
  } finally {
    await file.close();
  }
}

async function fromSafetensors(path: string, what: string): Promise<Table> {
  const { tensors } = await readSafetensors(path);
  const tensor = tensors.get('vectors') ?? (tensors.size === 1 ? [...tensors.values()][0] : undefined);
  if (tensor === undefined || !(tensor.dtype === 'F16' || tensor.dtype === 'F32' || tensor.dtype === 'F64')) {
    const found = [...tensors].map(([name, { dtype }]) => `${name} (${dtype})`).join(', ') || 'none';
    throw new DiptychError('DIPTYCH_RELEVANCE_SHAPE', { path, expected: 'one tensor of floats, or `vectors`', found });
  }
  requireTable(path, tensor.shape, what);
  const [rows, width] = tensor.shape;
  const data = tensor.dtype === 'F16' ? fromFloat16(tensor.data) : Float32Array.from(tensor.data);
  return { rows, width, data };
}

function requireTable(path: string, shape: readonly number[], what: string): void {
  if (shape.length === 2 && shape[1] > 0) return;
  throw new DiptychError('DIPTYCH_RELEVANCE_SHAPE', { path, expected: `[${what}, width]`, found: `[${shape}]` });
}

/** The row of each caption or image. */
async function rowsOf(
  path: string,
  table: Table,
  used: readonly Identified[],
  all: readonly Identified[],
  what: string,
): Promise<number[]> {
  const sidecar = path.replace(/\.[^.]+$/, '.json');
  if (existsSync(sidecar)) {
    const { ids } = await readJson(sidecar, sidecarSchema);
    if (ids.length !== table.rows) throw rowsError(path, `${ids.length} rows (ids in ${sidecar})`, table);
    return rowsByIds(path, ids, used);
  }
  const ids = all.map(({ id }) => id);
  if (table.rows === ids.length) return rowsByIds(path, ids, used);
  if (table.rows === used.length) return used.map((_, i) => i);
  throw rowsError(path, `${used.length} rows (${what} used) or ${ids.length} (all ${what})`, table);
}

function rowsError(path: string, expected: string, { rows }: Table) {
  return new DiptychError('DIPTYCH_RELEVANCE_SHAPE', { path, expected, found: `${rows}` });
}

function rowsByIds(path: string, ids: readonly string[], used: readonly Identified[]): number[] {
  const places = new Map(ids.map((id, row) => [id, row]));
  const missing = used.filter(({ id }) => !places.has(id));
  if (missing.length > 0) {
    throw new DiptychError('DIPTYCH_RELEVANCE_IDS', { path, missing: missing.length, first: missing[0].id });
  }
  return used.map(({ id }) => places.get(id)!);
}

function requireFinite(
  path: string,
  { width, data }: Table,
  rows: readonly number[],
  used: readonly Identified[],
): void {
  rows.forEach((row, place) => {
    const vector = data.subarray(row * width, (row + 1) * width);
    const faulty = vector.findIndex((x) => !Number.isFinite(x));
    if (faulty < 0) return;
    const where = `row ${row}, number ${faulty} (${used[place].id})`;
    throw new DiptychError('DIPTYCH_RELEVANCE_NOT_FINITE', { path, place: where, value: vector[faulty] });
  });
}

/**
 * @file Feature arrays with captions as distributed with SCAN and VSE-infinity: `{split}_ims.npy`, `{split}_caps.txt`
 * and perhaps `{split}_ids.txt`.
 */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { DiptychError } from '../../errors/error.ts';
import { readJson } from '../../files/json.ts';
import { type NpyFile, openNpy } from '../../files/npy.ts';
import { type Line, readLines } from '../../files/text.ts';
import type { Reader, Reading, Split } from '../dataset.ts';
import type { Draft, Gatherer } from './gather.ts';

/**
 * Two layouts are in use. One row an image: line c of the captions belongs to row c div k, k = lines / rows. One row a
 * caption, each image's row repeated: equal ids, or without an ids file equal neighbouring rows, are one image.
 */
export const readPrecomp: Reader = async function readPrecomp(reading) {
  const mapping = await readMapping(reading.source.root);
  for (const { path, split } of reading.source.files) await readPart(reading, path, split ?? 'all', mapping);
  return undefined;
};

async function readPart(
  { gatherer, pictures }: Reading,
  captionsFile: string,
  split: Split,
  mapping: Readonly<Record<string, string>>,
): Promise<void> {
  const stem = captionsFile.slice(0, -'_caps.txt'.length);
  const features = `${stem}_ims.npy`;
  const captions = await allLines(captionsFile);
  const file = await openNpy(features);
  try {
    const { rows } = file;
    if (rows === 0 || captions.length % rows !== 0) {
      const reason = `${captions.length} captions for the ${rows} rows of ${features}`;
      throw new DiptychError('DIPTYCH_DATA_BROKEN', { path: captionsFile, reason });
    }
    const perRow = captions.length / rows;
    const ids = await rowIds(stem, file, captions.length);
    let image: Draft | undefined;
    for (let row = 0; row < rows; row++) {
      const id = ids[row];
      const place = { file: captionsFile, line: row * perRow + 1 };
      const known = perRow === 1 ? gatherer.find(id) : undefined;
      if (known?.split === split) image = known;
      else image = gatherer.addImage({ id, path: await picture(id), row, features, split }, place);
      addCaptions(gatherer, image, captionsFile, captions.slice(row * perRow, (row + 1) * perRow));
    }
  } finally {
    await file.close();
  }

  async function picture(id: string): Promise<string | undefined> {
    return Object.hasOwn(mapping, id) ? pictures?.find(mapping[id]) : undefined;
  }
}

function addCaptions(gatherer: Gatherer, image: Draft | undefined, file: string, lines: readonly Line[]): void {
  if (image === undefined) return;
  for (const { line, text } of lines) gatherer.addCaption(image, text, { file, line });
}

/** The image id of each row. */
async function rowIds(stem: string, file: NpyFile, captions: number): Promise<string[]> {
  const path = `${stem}_ids.txt`;
  if (!existsSync(path)) return inventedIds(stem, file, captions);
  const ids = (await allLines(path)).map(({ text }) => text?.trim() ?? '');
  const { rows } = file;
  if (ids.length === rows) return ids;
  const repeats = captions / rows;
  const each = Array.from({ length: rows }, (_, row) => ids[row * repeats]);
  if (ids.length === captions && ids.every((id, line) => id === each[Math.floor(line / repeats)])) return each;
  const reason = `${ids.length} ids do not fit ${captions} captions and the ${rows} rows of ${file.path}`;
  throw new DiptychError('DIPTYCH_DATA_BROKEN', { path, reason });
}

/** Ids `SPLIT-ROW` where the files bring none. */
async function inventedIds(stem: string, file: NpyFile, captions: number): Promise<string[]> {
  const name = stem.slice(dirname(stem).length + 1);
  const first =
    captions === file.rows ? await firstEqualRows(file) : Int32Array.from({ length: file.rows }, (_, r) => r);
  return Array.from(first, (row) => `${name}-${row}`);
}

/** For each row the first of the run of equal rows that it stands in. */
async function firstEqualRows(file: NpyFile): Promise<Int32Array> {
  const first = new Int32Array(file.rows);
  let before = await file.readRows(0, 1);
  let spare: Float32Array = new Float32Array(file.rowLength);
  for (let row = 1; row < file.rows; row++) {
    const current = await file.readRows(row, 1, spare);
    first[row] = sameNumbers(current, before) ? first[row - 1] : row;
    [before, spare] = [current, before];
  }
  return first;
}

function sameNumbers(a: Float32Array, b: Float32Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** `id_mapping.json` gives the picture of an id. */
async function readMapping(root: string): Promise<Readonly<Record<string, string>>> {
  const path = join(root, 'id_mapping.json');
  return existsSync(path) ? readJson(path, z.record(z.string(), z.string())) : {};
}

async function allLines(path: string): Promise<Line[]> {
  const lines: Line[] = [];
  for await (const line of readLines(path)) lines.push(line);
  return lines;
}

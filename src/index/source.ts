/** @file Where pictures come from: a folder, a data set, a list. All become items with an id, a path and captions. */
import { dirname, join, relative, resolve, sep } from 'node:path';
import { z } from 'zod';
import type { Caption, Dataset } from '../data/dataset.ts';
import { isPictureName, listFolder } from '../data/readers/pictures.ts';
import { describeProblems } from '../files/json.ts';
import { readLines } from '../files/text.ts';
import { checkMetadata } from './rows.ts';
import type { Metadata } from './store.ts';

/** A picture to be indexed. */
export interface SourceItem {
  readonly id: string;
  /** Absolute path of the picture. */
  readonly path: string;
  readonly captions: readonly Caption[];
  /** What else the source says of it. */
  readonly columns: Metadata;
}

/** Something that could not be indexed, and why. */
export interface Quarantined {
  readonly file: string;
  readonly line?: number | undefined;
  readonly id?: string | undefined;
  readonly reason: string;
}

/** Pictures that are indexed and updated together. */
export interface Source {
  readonly kind: 'folder' | 'dataset' | 'list';
  /** Absolute path of the folder or file: updating it again means the same pictures. */
  readonly place: string;
  readonly items: readonly SourceItem[];
  readonly quarantined: readonly Quarantined[];
}

/**
 * All pictures in a folder and the folders in it, by file name; ids are paths relative to it, with `/`. Captions are
 * the lines of `NAME.txt` beside `NAME.jpg`, if there is one. Hidden files and folders are passed over.
 *
 * @throws DIPTYCH_FILE_MISSING, DIPTYCH_FILE_UNREADABLE
 */
export async function folderSource(folder: string): Promise<Source> {
  const place = resolve(folder);
  const items: SourceItem[] = [];
  const quarantined: Quarantined[] = [];
  const open = [place];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const current = next;
    const entries = (await listFolder(current)).filter(({ name }) => !name.startsWith('.'));
    const names = new Set(entries.map(({ name }) => name));
    for (const entry of entries) {
      const path = join(current, entry.name);
      if (entry.isDirectory()) open.push(path);
      else if (isPictureName(entry.name)) {
        const id = relative(place, path).split(sep).join('/');
        const text = entry.name.replace(/\.\w+$/, '.txt');
        const captions = names.has(text) ? await captionsIn(join(current, text), id, quarantined) : [];
        items.push({ id, path, captions, columns: {} });
      }
    }
  }
  return { kind: 'folder', place, items: byId(items), quarantined };
}

async function captionsIn(file: string, id: string, quarantined: Quarantined[]): Promise<Caption[]> {
  const captions: Caption[] = [];
  for await (const { line, text } of readLines(file)) {
    if (text === undefined) quarantined.push({ file, line, id, reason: 'a caption that is not UTF-8' });
    else if (text.trim() !== '') captions.push({ id: `${id}#${captions.length}`, text: text.trim() });
  }
  return captions;
}

/** The pictures of a data set with their captions and columns. Records without a picture file are set aside. */
export function datasetSource(place: string, dataset: Dataset): Source {
  const items: SourceItem[] = [];
  const quarantined: Quarantined[] = [...dataset.quarantined];
  for (const { id, path, captions, split, metadata } of dataset.images) {
    const columns: Metadata = split === 'all' ? { ...metadata } : { ...metadata, split };
    if (path === undefined)
      quarantined.push({ file: dataset.root, id, reason: 'the data set has no picture file for it' });
    else items.push({ id, path, captions, columns });
  }
  return { kind: 'dataset', place: resolve(place), items: byId(items), quarantined };
}

/**
 * A list of pictures: one path a line, or one JSON object a line with `path` and, if wanted, `id`, `captions` and
 * further columns. Paths are relative to the list; ids are the paths as written unless given.
 *
 * @throws DIPTYCH_FILE_MISSING, DIPTYCH_FILE_UNREADABLE
 */
export async function listSource(file: string): Promise<Source> {
  const place = resolve(file);
  const items: SourceItem[] = [];
  const quarantined: Quarantined[] = [];
  for await (const { line, text } of readLines(file)) {
    if (text?.trim() === '') continue;
    const item = text === undefined ? 'not UTF-8' : itemOf(place, text.trim());
    if (typeof item === 'string') quarantined.push({ file: place, line, reason: item });
    else items.push(item);
  }
  return { kind: 'list', place, items: byId(items), quarantined };
}

const listed = z.looseObject({
  path: z.string().min(1),
  id: z.string().min(1).optional(),
  captions: z.union([z.string(), z.array(z.string())]).optional(),
});

/** The item that a line of a list stands for, or what is wrong with the line. */
function itemOf(place: string, text: string): SourceItem | string {
  try {
    const given = listed.safeParse(text.startsWith('{') ? JSON.parse(text) : { path: text });
    if (!given.success) return describeProblems(given.error).join('; ');
    const { path, id = path, captions = [], ...columns } = given.data;
    checkMetadata(id, columns as Metadata);
    const texts = [captions].flat().map((one) => one.trim());
    return {
      id,
      path: resolve(dirname(place), path),
      captions: texts.filter((one) => one !== '').map((one, i) => ({ id: `${id}#${i}`, text: one })),
      columns: columns as Metadata,
    };
  } catch (error) {
    return error instanceof SyntaxError ? `not JSON (${error.message})` : (error as Error).message;
  }
}

function byId(items: SourceItem[]): SourceItem[] {
  return items.sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** @file Which data set lies at a path: its format, its files and its folder. */
import { promises } from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { DiptychError } from '../../errors/error.ts';
import { openForReading, readFully } from '../../files/bytes.ts';
import { unreadable } from '../../files/failures.ts';
import type { DatasetFormat, Split } from '../dataset.ts';
import { splitNamed } from '../splits.ts';
import { isPictureName, listFolder, stemOf } from './pictures.ts';

/** A data set as files. */
export interface Source {
  readonly format: DatasetFormat;
  /** Absolute path of its folder. */
  readonly root: string;
  /** The files that hold captions, with the split that a file's name says; none for pairs. */
  readonly files: readonly { readonly path: string; readonly split?: Split }[];
}

/**
 * Finds the data set at a path.
 *
 * @param format what it must be; recognised unless given
 * @throws DIPTYCH_FILE_MISSING, DIPTYCH_FILE_UNREADABLE, DIPTYCH_DATA_FORMAT_UNKNOWN, DIPTYCH_DATA_FORMAT_AMBIGUOUS
 */
export async function detectSource(path: string, format?: DatasetFormat): Promise<Source> {
  const absolute = resolve(path);
  const stat = await promises.stat(absolute).catch((cause) => {
    throw unreadable(path, cause);
  });
  if (!stat.isDirectory()) {
    const known = format ?? (await formatOfFile(absolute));
    if (known !== undefined && known !== 'pairs') return sourceOfFile(absolute, known);
    throw new DiptychError('DIPTYCH_DATA_FORMAT_UNKNOWN', { path, found: 'a file of another kind' });
  }
  if (format === 'pairs') return { format, root: absolute, files: [] };
  const sources = (await sourcesIn(absolute)).filter((source) => format === undefined || source.format === format);
  if (sources.length === 1) return sources[0];
  if (sources.length > 1) {
    const candidates = sources.map((source) => source.files.map((file) => basename(file.path)).join(' + '));
    throw new DiptychError('DIPTYCH_DATA_FORMAT_AMBIGUOUS', { path, candidates });
  }
  if (format === undefined && (await hasPair(absolute, 2))) return { format: 'pairs', root: absolute, files: [] };
  throw new DiptychError('DIPTYCH_DATA_FORMAT_UNKNOWN', { path, found: await describeFolder(absolute) });
}

/** A lone table states no split by its name: `quick-test.csv` may hold all there is. Arrays always do. */
function sourceOfFile(path: string, format: DatasetFormat): Source {
  const folder = dirname(path);
  const root = basename(folder) === 'annotations' ? dirname(folder) : folder;
  return { format, root, files: [format === 'precomp' ? fileWithSplit(path) : { path }] };
}

/** The split that the last part of a file's name says: `train.csv`, `flickr30k_val.jsonl`, `dev_caps.txt`. */
function fileWithSplit(path: string): { path: string; split?: Split } {
  const stem = basename(path)
    .replace(/_caps\.txt$/, '')
    .replace(/\.\w+$/, '');
  const split = splitNamed(stem.split(/[_-]/).at(-1) ?? '');
  return split === undefined ? { path } : { path, split };
}

async function formatOfFile(path: string): Promise<DatasetFormat | undefined> {
  const name = basename(path).toLowerCase();
  if (name.endsWith('_caps.txt')) return 'precomp';
  switch (extname(name)) {
    case '.jsonl':
    case '.ndjson':
      return 'jsonl';
    case '.csv':
      return 'csv';
    case '.tsv':
      return 'tsv';
    case '.json':
      return formatOfJson(await beginning(path));
    case '.txt':
      return formatOfText(await beginning(path));
    default:
      return undefined;
  }
}

/** The first 64 KiB, which hold the first record of any caption file. */
async function beginning(path: string): Promise<string> {
  const { handle } = await openForReading(path);
  try {
    const bytes = Buffer.alloc(65536);
    return bytes.subarray(0, await readFully(handle, bytes, 0)).toString('latin1');
  } finally {
    await handle.close();
  }
}

function formatOfJson(text: string): DatasetFormat | undefined {
  if (/"(?:sentences|sentids)"\s*:/.test(text)) return 'karpathy';
  if (/"(?:annotations|image_id|file_name)"\s*:/.test(text)) return 'coco';
  return /^\s*\{[^\n]*\}\s*\n\s*\{/.test(text) ? 'jsonl' : undefined;
}

/** `captions.txt` as some archives have it: a table whose header names a picture and a caption. */
function formatOfText(text: string): DatasetFormat | undefined {
  const [header] = text.toLowerCase().split(/\r?\n/, 1);
  if (!/image|file|path/.test(header) || !/caption|comment|text|sentence/.test(header)) return undefined;
  if (header.includes('\t')) return 'tsv';
  return /[,;|]/.test(header) ? 'csv' : undefined;
}

/** The data sets whose captions lie directly in a folder, or in its `annotations`. */
async function sourcesIn(root: string): Promise<Source[]> {
  const files = new Map<DatasetFormat, string[]>();
  const entries = await listFolder(root);
  const pictures = new Set(entries.filter(({ name }) => isPictureName(name)).map(({ name }) => stemOf(name)));
  for (const entry of entries) {
    // A file beside a picture of its name describes that picture alone; there may be a hundred thousand of them.
    if (pictures.has(stemOf(entry.name))) continue;
    const path = join(root, entry.name);
    const inner = entry.isDirectory() && entry.name === 'annotations' ? await listFolder(path) : [];
    const candidates = entry.isDirectory() ? inner.map(({ name }) => join(path, name)) : [path];
    for (const candidate of candidates) {
      const format = await formatOfFile(candidate);
      // Beside its captions, COCO has files of objects and of persons, which begin alike.
      if (format === undefined || (format === 'coco' && !/^captions/.test(basename(candidate)))) continue;
      files.set(format, [...(files.get(format) ?? []), candidate]);
    }
  }
  return [...files].flatMap(([format, paths]) => grouped(format, root, paths));
}

/** Several files are one data set if each holds a split of its own; else each is one for itself. */
function grouped(format: DatasetFormat, root: string, paths: readonly string[]): Source[] {
  if (format === 'coco') return [{ format, root, files: paths.map((path) => ({ path })) }];
  // COCO's `test` arrays are a part of its `testall`.
  const wholeTest = paths.some((path) => path.endsWith('testall_caps.txt'));
  const chosen = paths.filter((path) => !(wholeTest && path.endsWith('test_caps.txt')));
  const files = chosen.map(fileWithSplit);
  const splits = new Set(files.map((file) => file.split));
  if (chosen.length > 1 && splits.size === chosen.length && !splits.has(undefined)) return [{ format, root, files }];
  return chosen.map((path) => ({ ...sourceOfFile(path, format), root }));
}

/** Whether a picture has a text file of its name beside it, `depth` folders down at most. */
async function hasPair(folder: string, depth: number): Promise<boolean> {
  const entries = await listFolder(folder);
  const names = new Set(entries.map(({ name }) => name));
  const pictures = entries.filter(({ name }) => isPictureName(name));
  if (pictures.some(({ name }) => names.has(`${stemOf(name)}.txt`))) return true;
  for (const entry of entries) {
    if (depth > 0 && entry.isDirectory() && (await hasPair(join(folder, entry.name), depth - 1))) return true;
  }
  return false;
}

async function describeFolder(folder: string): Promise<string> {
  const counts = new Map<string, number>();
  for (const entry of await listFolder(folder)) {
    const kind = entry.isDirectory() ? 'folders' : extname(entry.name).toLowerCase() || 'files without an ending';
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return [...counts].map(([kind, count]) => `${count} ${kind}`).join(', ') || 'the folder is empty';
}

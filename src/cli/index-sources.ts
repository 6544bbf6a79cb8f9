/** @file From a path to what is indexed of it: a folder of pictures, a data set, or a list. */
import { stat } from 'node:fs/promises';
import type { datasetMembers } from '../config/dataset.ts';
import type { ValuesOf } from '../config/option.ts';
import { type DatasetFormat, readDataset } from '../data/dataset.ts';
import { detectSource } from '../data/readers/detect.ts';
import { isDiptychError } from '../errors/error.ts';
import { unreadable } from '../files/failures.ts';
import { datasetSource, folderSource, listSource, type Source } from '../index/source.ts';
import { datasetOptions } from './dataset.ts';

type DatasetValues = ValuesOf<typeof datasetMembers>;

/**
 * Reads a source.
 *
 * @param kind what it is; `auto` looks: a folder with captions in one of the formats is a data set, any other folder is all
 *   the pictures in it; a file is a data set if it reads as one, and else a list
 * @throws what `folderSource`, `readDataset` and `listSource` throw
 */
export async function sourceAt(path: string, kind: Source['kind'] | 'auto', data: DatasetValues): Promise<Source> {
  if (kind !== 'auto') return read(path, kind, data);
  if (data.format !== 'auto') return read(path, 'dataset', data);
  const format = await formatAt(path);
  if (await isFolder(path)) return read(path, format === undefined || format === 'pairs' ? 'folder' : 'dataset', data);
  if (format === undefined) return read(path, 'list', data);
  return read(path, 'dataset', data).catch((error) => {
    // One object a line may be a list without captions as well.
    if (format !== 'jsonl' || !isDiptychError(error, 'DIPTYCH_DATA_COLUMN_MISSING')) throw error;
    return read(path, 'list', data);
  });
}

async function read(path: string, kind: Source['kind'], data: DatasetValues): Promise<Source> {
  if (kind === 'folder') return folderSource(path);
  if (kind === 'list') return listSource(path);
  return datasetSource(path, await readDataset(path, datasetOptions(data)));
}

async function formatAt(path: string): Promise<DatasetFormat | undefined> {
  try {
    return (await detectSource(path)).format;
  } catch (error) {
    if (isDiptychError(error, 'DIPTYCH_DATA_FORMAT_UNKNOWN')) return undefined;
    throw error;
  }
}

async function isFolder(path: string): Promise<boolean> {
  const status = await stat(path).catch((cause) => {
    throw unreadable(path, cause);
  });
  return status.isDirectory();
}

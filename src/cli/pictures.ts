/** @file The pictures at a path: those of a data set, or of a plain folder without captions. */
import type { datasetMembers } from '../config/dataset.ts';
import type { ValuesOf } from '../config/option.ts';
import { type Quarantined, readDataset } from '../data/dataset.ts';
import type { FeatureImage } from '../data/features/extract.ts';
import { isDiptychError } from '../errors/error.ts';
import { folderSource } from '../index/source.ts';
import { datasetOptions } from './dataset.ts';

export interface Pictures {
  readonly images: readonly FeatureImage[];
  /** Whether captions stand beside them. */
  readonly captioned: boolean;
  readonly quarantined: readonly Pick<Quarantined, 'file' | 'reason'>[];
}

/**
 * Finds pictures with their ids. In a plain folder ids are the paths in it.
 *
 * @throws what `readDataset` throws
 */
export async function picturesAt(path: string, values: ValuesOf<typeof datasetMembers>): Promise<Pictures> {
  try {
    return { ...(await readDataset(path, datasetOptions(values))), captioned: true };
  } catch (error) {
    if (!isDiptychError(error, 'DIPTYCH_DATA_FORMAT_UNKNOWN') || values.format !== 'auto') throw error;
    const plain = await folderSource(path).catch(() => undefined);
    if (plain === undefined || plain.items.length === 0) throw error;
    return { images: plain.items, captioned: false, quarantined: plain.quarantined };
  }
}

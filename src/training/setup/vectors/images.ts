/** @file The image side over stored vectors: mean and maximum of the cells in one feature file, held in memory. */
import type { ImageRecord } from '../../../data/dataset.ts';
import type { FeatureFile } from '../../../data/features/file.ts';
import { DiptychError } from '../../../errors/error.ts';
import type { Progress } from '../../../system/progress.ts';
import { type VectorOptions, VectorSide, type VectorTable } from '../../batches/vectors.ts';
import { type FeatureFiles, placesOf } from '../features.ts';
import { pooledTable } from './pooled.ts';

/** Images as rows of a table of vectors. */
export interface VectorImages {
  readonly side: VectorSide;
  readonly table: VectorTable;
  readonly rows: Int32Array;
  readonly file: FeatureFile;
}

/** Tables of open files: the parts of a data set share theirs. */
const tables = new WeakMap<FeatureFile, Promise<VectorTable>>();

/**
 * @param path the feature file; undefined takes the one that the records name
 * @param cache folder that keeps pooled vectors
 * @throws DIPTYCH_TRAINING_FEATURES if an image has none, or they lie in several files, and what feature files throw
 */
export async function vectorImages(
  files: FeatureFiles,
  images: readonly ImageRecord[],
  path: string | undefined,
  options: VectorOptions & { readonly cache: string; readonly progress: Progress },
): Promise<VectorImages> {
  const places = await placesOf(files, images, path);
  const [{ file }] = places;
  const other = places.find((place) => place.file !== file);
  if (other) {
    const reason = 'vectors are pooled from one feature file, and the pictures have several';
    throw new DiptychError('DIPTYCH_TRAINING_FEATURES', { id: other.file.path, reason });
  }
  let pooled = tables.get(file);
  if (!pooled) {
    pooled = pooledTable(file, options.cache, options.progress);
    tables.set(file, pooled);
  }
  const table = await pooled;
  const rows = Int32Array.from(places, ({ row }) => row);
  return { side: new VectorSide(table, rows, options), table, rows, file };
}

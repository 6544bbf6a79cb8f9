/** @file The data set of a run, where it was or where it is now. */
import { valuesOfRun } from '../bundle/trained.ts';
import { readsPictures } from '../config/training.ts';
import { type Dataset, readDataset } from '../data/dataset.ts';
import { DiptychError, isDiptychError } from '../errors/error.ts';
import { readRun } from '../training/run/record.ts';
import { datasetOptions } from './dataset.ts';

/**
 * Reads the data set that a run was made of.
 *
 * @param moved where it and its pictures are now, if not where they were
 * @throws DIPTYCH_RUN_MISSING, DIPTYCH_RUN_DAMAGED, DIPTYCH_EXPORT_INPUTS
 */
export async function datasetOfRun(
  run: string,
  moved: { readonly data: string | null; readonly images: string | null },
): Promise<Dataset> {
  const { data, image } = valuesOfRun(run, await readRun(run));
  const path = moved.data ?? data.path;
  const options = datasetOptions({ ...data, images: moved.images ?? data.images });
  try {
    return await readDataset(path, options).catch((error) => {
      // Stored features stand for pictures that are not at hand.
      if (readsPictures(image.kind) || !isDiptychError(error, 'DIPTYCH_DATA_PICTURES_MISSING')) throw error;
      return readDataset(path, { ...options, images: false });
    });
  } catch (cause) {
    if (!isDiptychError(cause)) throw cause;
    throw new DiptychError('DIPTYCH_EXPORT_INPUTS', { run, reason: cause.message }, { cause });
  }
}

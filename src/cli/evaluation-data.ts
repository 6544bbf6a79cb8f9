/** @file The images that a model is evaluated on: of the data set that is named, or of the one its run learnt from. */
import { existsSync } from 'node:fs';
import { valuesOfRun } from '../bundle/trained.ts';
import type { datasetMembers } from '../config/dataset.ts';
import type { ValuesOf } from '../config/option.ts';
import { readsPictures } from '../config/training.ts';
import { type Dataset, type DatasetOptions, type ImageRecord, readDataset } from '../data/dataset.ts';
import { DiptychError } from '../errors/error.ts';
import { readRun, recordPath } from '../training/run/record.ts';
import { requireImages } from '../training/setup/materials.ts';
import { datasetOptions } from './dataset.ts';

type DataValues = ValuesOf<typeof datasetMembers> & { readonly path: string | null };

interface Wanted {
  /** A run or a bundle. */
  readonly model: string;
  readonly data: DataValues;
  readonly split: string;
  /** Whether features are named, which stand for the pictures. */
  readonly features: boolean;
}

/**
 * The images of a split. Where features stand for the pictures all records count, and those whose picture is at hand have
 * its path, for reports; else records without a picture are set aside, as in training.
 *
 * @throws DIPTYCH_CONFIG_REQUIRED for a bundle without a data set, DIPTYCH_TRAINING_SPLIT, and what `readDataset` throws
 */
export async function imagesToEvaluate(wanted: Wanted): Promise<ImageRecord[]> {
  const { path, options, overFeatures } = await sourceOf(wanted);
  if (!overFeatures) return requireImages(await readDataset(path, options), [wanted.split]);
  const images = requireImages(await readDataset(path, { ...options, images: false }), [wanted.split]);
  const seen: Pick<Dataset, 'images'> = await readDataset(path, options).catch(() => ({ images: [] }));
  const paths = new Map(seen.images.map((image) => [image.id, image.path]));
  return images.map((image) => {
    const picture = paths.get(image.id);
    return picture === undefined ? image : { ...image, path: picture };
  });
}

interface Source {
  readonly path: string;
  readonly options: DatasetOptions;
  readonly overFeatures: boolean;
}

async function sourceOf({ model, data, features }: Wanted): Promise<Source> {
  const isRun = existsSync(recordPath(model));
  const trained = isRun ? valuesOfRun(model, await readRun(model)) : undefined;
  const overFeatures = features || (trained !== undefined && !readsPictures(trained.image.kind));
  if (data.path !== null) return { path: data.path, options: datasetOptions(data), overFeatures };
  if (trained) {
    const images = data.images ?? trained.data.images;
    return { path: trained.data.path, options: datasetOptions({ ...trained.data, images }), overFeatures };
  }
  const variable = 'DIPTYCH_DATA_PATH';
  throw new DiptychError('DIPTYCH_CONFIG_REQUIRED', { option: 'data.path', flag: 'data', variable });
}

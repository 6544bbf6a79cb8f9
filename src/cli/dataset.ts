/** @file From the options of a data set to the data set. */
import type { datasetMembers } from '../config/dataset.ts';
import type { ValuesOf } from '../config/option.ts';
import type { Columns, DatasetOptions } from '../data/dataset.ts';

/** What `readDataset` is asked for. */
export function datasetOptions(values: ValuesOf<typeof datasetMembers>): DatasetOptions {
  const { format, images, columns, delimiter, quotes, captionsPerImage, splitSeed, splitShares } = values;
  const [train, val, test] = splitShares;
  return {
    ...(format !== 'auto' && { format }),
    ...(images !== null && { images }),
    columns: columnsOf(columns),
    ...(delimiter !== null && { delimiter }),
    quotes,
    ...(splitSeed !== null && { split: { seed: splitSeed, fractions: { train, val, test } } }),
    ...(captionsPerImage !== null && { captionsPerImage }),
  };
}

/** The columns that were named. */
function columnsOf({ image, captions, id, captionId, split }: ValuesOf<typeof datasetMembers>['columns']): Columns {
  return {
    ...(image !== null && { image }),
    ...(captions.length > 0 && { captions }),
    ...(id !== null && { id }),
    ...(captionId !== null && { captionId }),
    ...(split !== null && { split }),
  };
}

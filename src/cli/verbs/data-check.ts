/** @file `data check`: what is wrong with a data set, before training finds out. */
import { dataCheckSchema } from '../../config/data-check-options.ts';
import { datasetOptions } from '../dataset.ts';
import { defineVerb } from '../verb.ts';

export const verb = defineVerb({
  schema: dataCheckSchema,
  words: [{ name: 'path', help: 'a file of captions, or the folder that holds it' }],
  async run({ words: [path], values: { data, check }, progress, print }) {
    const [{ readDataset }, { checkDataset }, { formatCheck }] = await Promise.all([
      import('../../data/dataset.ts'),
      import('../../data/check/check.ts'),
      import('../../data/check/format.ts'),
    ]);
    const dataset = await readDataset(path, datasetOptions(data));
    const limits = { bytes: check.maximumBytes, pixels: check.maximumPixels };
    const report = await checkDataset(dataset, { pictures: check.pictures, limits, progress });
    progress.finish();
    print(formatCheck(report).trimEnd());
    return { json: report, exit: report.clean ? 0 : 1 };
  },
});

/** @file A trained model from its folder, whichever it is: a run, or a bundle. */
import { existsSync } from 'node:fs';
import { manifestPath } from '../bundle/manifest.ts';
import { DiptychError } from '../errors/error.ts';
import { recordPath } from '../training/run/record.ts';
import { openBundleModel } from './bundle-model.ts';
import type { TrainedModel } from './model.ts';
import { openRunModel, type RunModelOptions } from './run-model.ts';

/** @throws DIPTYCH_MODEL_UNKNOWN, and as `openRunModel` and `openBundleModel` */
export async function openModel(folder: string, options: RunModelOptions): Promise<TrainedModel> {
  if (existsSync(recordPath(folder))) return openRunModel(folder, options);
  if (existsSync(manifestPath(folder))) return openBundleModel(folder, options);
  throw new DiptychError('DIPTYCH_MODEL_UNKNOWN', { path: folder });
}

/** @file Where the vectors of frozen towers are kept. */
import { cacheFolder } from '../../../files/kept.ts';
import type { TrainingValues } from '../../../methods/schema.ts';

/** The folder of the options, or that of the user. */
export function vectorCache({ heads }: Pick<TrainingValues, 'heads'>): string {
  return heads.cache ?? cacheFolder();
}

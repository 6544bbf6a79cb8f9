/** @file The configuration of a run that is resumed, where the command does not give one. */

import { valuesIn } from '../../config/recorded.ts';
import type { Layers } from '../../config/resolve.ts';

/**
 * For `--resume --run DIR`: what `run.json` of the folder says.
 *
 * @throws DIPTYCH_RUN_MISSING, DIPTYCH_RUN_DAMAGED
 */
export async function recordedConfiguration(flags: NonNullable<Layers['flags']>): Promise<Layers['file']> {
  const folder = flags['run.directory'];
  if (flags['run.resume'] !== true || typeof folder !== 'string') return undefined;
  const { readRun, recordPath } = await import('../../training/run/record.ts');
  return { path: recordPath(folder), content: valuesIn(await readRun(folder)) };
}

/** @file The weights of a frozen encoder in a run folder: written once, read when the model is exported or encodes. */
import { join } from 'node:path';
import { DiptychError, isDiptychError } from '../../errors/error.ts';
import { checksumOf } from '../../files/checksum.ts';
import type { NamedTensors } from '../../graph/runtime/protocol.ts';
import { readTensors, writeTensors } from '../checkpoint/tensors.ts';

/** Name of the file. */
export const frozenFile = 'frozen.safetensors';

/** @returns the SHA-256 of the file @throws DIPTYCH_FILE_UNWRITABLE */
export async function writeFrozen(folder: string, weights: NamedTensors): Promise<string> {
  const path = join(folder, frozenFile);
  await writeTensors(path, weights);
  return (await checksumOf(path)).sha256;
}

/** @throws DIPTYCH_RUN_FROZEN if it is not what was written */
export async function readFrozen(folder: string, sha256: string): Promise<NamedTensors> {
  const path = join(folder, frozenFile);
  try {
    if ((await checksumOf(path)).sha256 === sha256) return await readTensors(path);
  } catch (cause) {
    if (!isDiptychError(cause)) throw cause;
    throw new DiptychError('DIPTYCH_RUN_FROZEN', { path, reason: cause.message }, { cause });
  }
  throw new DiptychError('DIPTYCH_RUN_FROZEN', { path, reason: 'it does not match its checksum' });
}

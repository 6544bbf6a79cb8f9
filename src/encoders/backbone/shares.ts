/** @file How the processes of a pool share the cores and the memory. */
import { stat } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { unreadable } from '../../files/failures.ts';

/**
 * One process a core, each with one thread of ONNX Runtime, decodes and encodes most: nothing is handed over, and no core
 * waits for another. A model so large that it does not fit so many times runs in fewer processes of more threads.
 *
 * @param model path of the ONNX file
 * @param threads cores to use
 * @throws DIPTYCH_FILE_MISSING, DIPTYCH_FILE_UNREADABLE
 */
export async function sharesOf(model: string, threads: number): Promise<{ processes: number; threads: number }> {
  const { size } = await stat(model).catch((cause) => {
    throw unreadable(model, cause);
  });
  const each = 3 * size + 2 ** 28;
  const processes = Math.max(1, Math.min(threads, Math.floor(totalmem() / 2 / each)));
  return { processes, threads: Math.max(1, Math.floor(threads / processes)) };
}

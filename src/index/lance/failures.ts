/** @file Failures of LanceDB as coded errors. */
import { DiptychError, isDiptychError } from '../../errors/error.ts';
import { damaged } from '../manifest-file.ts';

const missing = /not found|no such file/i;
const senseless = /corrupt|invalid|out of range|unexpected/i;

/** Whether LanceDB failed because a file is not there. */
export function isMissing(cause: unknown): boolean {
  return cause instanceof Error && !isDiptychError(cause) && missing.test(firstLine(cause));
}

/** What to throw for a failure: of a file that is not there or makes no sense DIPTYCH_INDEX_DAMAGED, else DIPTYCH_INDEX_LANCE. */
export function codedError(path: string, cause: unknown): unknown {
  if (isDiptychError(cause) || !(cause instanceof Error)) return cause;
  const reason = firstLine(cause);
  if (missing.test(reason) || senseless.test(reason)) return damaged(path, reason, cause);
  return new DiptychError('DIPTYCH_INDEX_LANCE', { path, reason }, { cause });
}

/** Runs a task whose failures become coded errors. @throws DIPTYCH_INDEX_DAMAGED, DIPTYCH_INDEX_LANCE, what the task throws */
export async function guarded<T>(path: string, task: () => Promise<T>): Promise<T> {
  try {
    return await task();
  } catch (cause) {
    throw codedError(path, cause);
  }
}

function firstLine({ message }: Error): string {
  return message.split('\n')[0].slice(0, 500);
}

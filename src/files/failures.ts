/** @file What the operating system refuses, as coded errors that name the path. */
import { DiptychError } from '../errors/error.ts';

/** Whether an error comes from the operating system (it has a code such as ENOSPC). */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && typeof (error as NodeJS.ErrnoException).code === 'string' && 'syscall' in error;
}

/** A failure to read as a coded error; anything that is not from the operating system is returned as it is. */
export function unreadable(path: string, cause: unknown): unknown {
  if (!isSystemError(cause)) return cause;
  if (cause.code === 'ENOENT') return new DiptychError('DIPTYCH_FILE_MISSING', { path }, { cause });
  return new DiptychError('DIPTYCH_FILE_UNREADABLE', { path, reason: cause.code ?? cause.message }, { cause });
}

/** A failure to write as a coded error; anything that is not from the operating system is returned as it is. */
export function unwritable(path: string, cause: unknown): unknown {
  if (!isSystemError(cause)) return cause;
  return new DiptychError('DIPTYCH_FILE_UNWRITABLE', { path, reason: cause.code ?? cause.message }, { cause });
}

/** @file Writing a file so that a reader sees the old content or the new, never a part: temporary name, fsync, rename. */
import { randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DiptychError } from '../errors/error.ts';

/**
 * Writes a file atomically. A crash at any moment leaves what was there before, or the whole new content.
 *
 * @param path where to write; its folder is made if needed
 * @param content the bytes, or a function that writes them to an open file handle
 * @throws DIPTYCH_FILE_UNWRITABLE on a full disk, a read-only folder or a path that is taken
 */
export async function writeAtomically(
  path: string,
  content: string | Uint8Array | ((file: FileHandle) => Promise<void>),
): Promise<void> {
  const temporary = `${path}.${process.pid}.${randomUUID().slice(0, 8)}.tmp`;
  try {
    await mkdir(dirname(path), { recursive: true });
    const file = await open(temporary, 'wx');
    try {
      if (typeof content === 'function') await content(file);
      else await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => {});
    if (!isSystemError(cause)) throw cause;
    throw new DiptychError('DIPTYCH_FILE_UNWRITABLE', { path, reason: cause.code ?? cause.message }, { cause });
  }
}

/** Makes a rename durable. Some file systems cannot sync a folder; the rename is still atomic there. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined);
  try {
    await handle?.sync().catch(() => {});
  } finally {
    await handle?.close();
  }
}

/** Whether an error comes from the operating system (it has a code such as ENOSPC). */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && typeof (error as NodeJS.ErrnoException).code === 'string' && 'syscall' in error;
}

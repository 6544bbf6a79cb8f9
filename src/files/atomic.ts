/** @file Writing a file so that a reader sees the old content or the new, never a part: temporary name, fsync, rename. */
import { randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { unwritable } from './failures.ts';

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
    await renameDurably(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => {});
    throw unwritable(path, cause);
  }
}

/** Renames a synced file and makes the new name durable. Some file systems cannot sync a folder; the rename stays atomic. */
export async function renameDurably(from: string, to: string): Promise<void> {
  await rename(from, to);
  const folder = await open(dirname(to), 'r').catch(() => undefined);
  try {
    await folder?.sync().catch(() => {});
  } finally {
    await folder?.close();
  }
}

/** @file Files of pictures that were sent: kept by their content beside the index, removed with the last item that shows them. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { writeAtomically } from '../../files/atomic.ts';
import { unwritable } from '../../files/failures.ts';
import type { Metadata, Store } from '../../index/store.ts';

/** Where the files of an index lie that were sent to it; also the `source` of their rows. */
export function uploadsFolder(index: string): string {
  return join(index, 'uploads');
}

/** Hash of content, as rows have it. */
export function contentHash(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Keeps a file. @returns its path @throws DIPTYCH_FILE_UNWRITABLE */
export async function keepUpload(index: string, bytes: Uint8Array, sha256: string, ending: string): Promise<string> {
  const path = join(uploadsFolder(index), sha256.slice(0, 2), `${sha256}.${ending}`);
  if (!existsSync(path)) await writeAtomically(path, bytes);
  return path;
}

/**
 * Removes files that were sent, of rows that are gone, unless another row shows them too.
 *
 * @throws DIPTYCH_FILE_UNWRITABLE for the first that cannot be removed, once all others are
 */
export async function dropUploads(index: string, store: Store, gone: readonly Metadata[]): Promise<void> {
  const folder = uploadsFolder(index);
  const failures: unknown[] = [];
  for (const path of new Set(gone.map((metadata) => metadata.path))) {
    if (typeof path !== 'string' || !within(folder, path) || (await store.count({ path })) > 0) continue;
    await rm(path, { force: true }).catch((cause) => failures.push(unwritable(path, cause)));
  }
  if (failures.length > 0) throw failures[0];
}

/** Whether a path lies in a folder. */
export function within(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !way.startsWith(sep);
}

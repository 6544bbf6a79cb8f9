/** @file Writing a bundle's folder as a whole: filled under another name, then renamed to its own. */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { DiptychError } from '../errors/error.ts';
import { renameDurably } from '../files/atomic.ts';
import { isSystemError, unwritable } from '../files/failures.ts';
import { manifestPath } from './manifest.ts';

/**
 * Refuses a place where something is: a folder that is no bundle always, a bundle unless it may be replaced.
 *
 * @throws DIPTYCH_BUNDLE_EXISTS
 */
export async function requireFree(folder: string, replace: boolean): Promise<void> {
  const taken = (what: string) => new DiptychError('DIPTYCH_BUNDLE_EXISTS', { path: folder, what });
  const names = await readdir(folder).catch((cause) => {
    if (isSystemError(cause) && cause.code === 'ENOENT') return [];
    throw taken('there is something that is no folder');
  });
  if (names.length === 0) return;
  if (!existsSync(manifestPath(folder))) throw taken('there are other files already');
  if (!replace) throw taken('there is a bundle already');
}

/**
 * Fills a new folder and gives it its name when all is written. After a crash at any moment the name stands for the old
 * folder, or the new one, or nothing; never for a part of one.
 *
 * @param replace whether a bundle of that name goes
 * @param fill writes into the folder it is given
 * @throws DIPTYCH_BUNDLE_EXISTS, DIPTYCH_FILE_UNWRITABLE, and what `fill` throws: nothing is left then
 */
export async function writeFolder(
  folder: string,
  replace: boolean,
  fill: (temporary: string) => Promise<void>,
): Promise<void> {
  await requireFree(folder, replace);
  const place = resolve(folder);
  const name = join(dirname(place), `.${basename(place)}.${process.pid}.${randomUUID().slice(0, 8)}`);
  const [temporary, old] = [`${name}.new`, `${name}.old`];
  try {
    await mkdir(temporary, { recursive: true });
    await fill(temporary);
    await requireFree(folder, replace);
    const wasThere = await rename(place, old).then(
      () => true,
      () => false,
    );
    await renameDurably(temporary, place).catch(async (cause) => {
      if (wasThere) await rename(old, place);
      throw cause;
    });
    if (wasThere) await rm(old, { recursive: true });
  } catch (cause) {
    await rm(temporary, { recursive: true, force: true }).catch(() => {});
    throw unwritable(folder, cause);
  }
}

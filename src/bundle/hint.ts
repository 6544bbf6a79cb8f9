/** @file Where the bundle of an index was when it was last used: a hint, believed only if the fingerprint is the same. */
import { join, relative, resolve } from 'node:path';
import { z } from 'zod';
import { DiptychError } from '../errors/error.ts';
import { readJson, writeJson } from '../files/json.ts';
import { readManifest } from './manifest.ts';

const hintSchema = z.object({
  /** Absolute path of the bundle. */
  path: z.string(),
  /** The same from the folder of the index: both may have been moved together. */
  relative: z.string(),
});

function hintPath(index: string): string {
  return join(index, 'bundle.json');
}

/** Notes where the bundle of an index is. @throws DIPTYCH_FILE_UNWRITABLE */
export async function rememberBundle(index: string, bundle: string): Promise<void> {
  const path = resolve(bundle);
  await writeJson(hintPath(index), { path, relative: relative(resolve(index), path) } satisfies z.infer<
    typeof hintSchema
  >);
}

/**
 * The bundle that was remembered, if it is still the one of the index.
 *
 * @param fingerprint of the index
 * @throws DIPTYCH_BUNDLE_UNKNOWN
 */
export async function rememberedBundle(index: string, fingerprint: string): Promise<string> {
  const hint = await readJson(hintPath(index), hintSchema).catch(() => undefined);
  for (const path of hint ? [hint.path, join(index, hint.relative)] : []) {
    const manifest = await readManifest(path).catch(() => undefined);
    if (manifest?.fingerprint === fingerprint) return path;
  }
  throw new DiptychError('DIPTYCH_BUNDLE_UNKNOWN', { index, bundle: hint?.path });
}

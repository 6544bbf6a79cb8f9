/** @file The bundle that processes load: still the one that was chosen, although its folder may be replaced at any time. */
import { type Manifest, manifestPath, readManifest } from '../bundle/manifest.ts';
import { DiptychError } from '../errors/error.ts';

/** A bundle by its place and what it was there. */
export interface Bundled {
  readonly folder: string;
  readonly fingerprint: string;
}

/**
 * What a bundle says of itself.
 *
 * @throws DIPTYCH_BUNDLE_DAMAGED if another bundle is there now: its vectors would be mixed with those of the first;
 *   DIPTYCH_BUNDLE_…
 */
export async function requireManifest({ folder, fingerprint }: Bundled): Promise<Manifest> {
  const manifest = await readManifest(folder);
  if (manifest.fingerprint === fingerprint) return manifest;
  const reason = `it was ${fingerprint.slice(0, 16)}… when it was opened, now it is ${manifest.fingerprint.slice(0, 16)}…`;
  throw new DiptychError('DIPTYCH_BUNDLE_DAMAGED', { path: manifestPath(folder), reason });
}

/** @file The bundle of an index: the one that is named, or the one that made it. */

import { rememberedBundle } from '../bundle/hint.ts';
import { type Bundle, openBundle } from '../bundle/open.ts';
import type { machine } from '../config/machine.ts';
import type { ValuesOf } from '../config/option.ts';
import { type IndexSettings, openIndex, readSettings } from '../index/index-folder.ts';

type MachineValues = ValuesOf<(typeof machine)['members']>;

/** Opens a bundle on the cores and the device that were asked for. @throws what `openBundle` throws */
export function openOn(folder: string, { device, threads }: MachineValues): Promise<Bundle> {
  return openBundle(folder, { device, ...(threads > 0 && { threads }) });
}

/**
 * What an index was built from, and the path of its bundle.
 *
 * @param named the bundle as it was named, if it was
 * @throws DIPTYCH_BUNDLE_UNKNOWN, and what `openIndex` throws
 */
export async function bundleOfIndex(
  folder: string,
  named: string | null,
): Promise<{ bundle: string; settings: IndexSettings }> {
  const index = await openIndex(folder);
  try {
    const { fingerprint } = index.store.manifest();
    return { bundle: named ?? (await rememberedBundle(folder, fingerprint)), settings: await readSettings(index) };
  } finally {
    await index.store.close();
  }
}

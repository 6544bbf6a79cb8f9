/** @file An index replaced by a new version of itself while it is served: each time another kind of store. */
import { beginVersion, readSettings, type StoreName, switchTo, writeSettings } from '../../../index/index-folder.ts';
import { whyNoLance } from '../../../index/lance/binding.ts';
import type { Row } from '../../../index/store.ts';
import type { ServedIndex } from '../../indexes/served-index.ts';

const kinds: readonly StoreName[] = (await whyNoLance()) === undefined ? ['flat', 'lance'] : ['flat'];

/** Puts a version of these rows alone into use, and has it served. @param time how often that was done before */
export async function replaceIndex(served: ServedIndex, rows: readonly Row[], time: number): Promise<void> {
  const current = served.index;
  const { fingerprint, dimension } = current.store.manifest();
  const settings = await readSettings(current);
  const kind = kinds[time % kinds.length];
  const next = await beginVersion(served.folder, { fingerprint, dimension }, kind);
  try {
    await next.store.upsert(rows);
    await writeSettings(next, { ...settings, kind });
    await switchTo(next);
  } finally {
    await next.store.close();
  }
  await served.refresh();
}

/** All rows of an index. */
export async function rowsOf({ index }: ServedIndex): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const row of index.store.scan()) rows.push(row);
  return rows;
}

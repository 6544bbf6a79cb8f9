/** @file Changing what is known of an item, and removing items. */
import { DiptychError } from '../../errors/error.ts';
import { checkFilter } from '../../index/filter-parse.ts';
import { readSettings } from '../../index/index-folder.ts';
import { removeRows } from '../../index/manage.ts';
import type { Metadata, Row } from '../../index/store.ts';
import type { ServedIndex } from '../indexes/served-index.ts';
import type { DeleteItems, PatchItem } from '../schema/items.ts';
import type { Service } from '../service.ts';
import { visibleFields } from '../views.ts';
import { refuseOwnFields } from './add.ts';
import { captionIdsOf, captionRows } from './captions.ts';
import { dropUploads } from './uploads.ts';

/** Merges metadata, replaces captions. @throws DIPTYCH_SERVER_ITEM_UNKNOWN, DIPTYCH_SERVER_ITEM_FIELD, DIPTYCH_INDEX_… */
export async function patchItem(
  service: Service,
  index: ServedIndex,
  id: string,
  { metadata = {}, captions }: PatchItem,
  signal: AbortSignal,
): Promise<Row> {
  refuseOwnFields(metadata);
  return index.changing(async (open) => {
    const { store } = open;
    const [row] = await store.get([id]);
    if (row === undefined) throw new DiptychError('DIPTYCH_SERVER_ITEM_UNKNOWN', { id });
    const merged: Metadata = { ...row.metadata, ...metadata };
    if (captions !== undefined) merged.captions = captions.length === 0 ? null : captions;
    const kept = Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null));
    const next = { ...row, metadata: kept };
    const own = captions !== undefined && (await readSettings(open)).captions;
    const { fingerprint } = store.manifest();
    const rows = own ? await captionRows([next], () => service.needEncoder(fingerprint), signal) : [];
    const { rejected } = await store.upsert([next]);
    if (rejected.length > 0) throw rejected[0].error;
    if (own) {
      const stale = new Set(await captionIdsOf(store, [id]));
      for (const { id } of rows) stale.delete(id);
      await store.upsert(rows);
      await store.delete([...stale]);
    }
    return next;
  });
}

/** Removes items with their captions, and files that were sent for them. @returns how many rows went */
export async function deleteItems(service: Service, index: ServedIndex, { ids, filter }: DeleteItems): Promise<number> {
  return index.changing(async ({ store }) => {
    const { fields } = store.manifest();
    const checked = filter && checkFilter(filter, visibleFields(fields, service.showPaths));
    const gone: Metadata[] = (await store.get(ids ?? [])).flatMap((row) => (row === undefined ? [] : [row.metadata]));
    if (checked !== undefined) for await (const { metadata } of store.scan(checked)) gone.push(metadata);
    const removed = await removeRows(store, { ...(ids && { ids }), ...(checked && { filter: checked }) });
    await dropUploads(index.folder, store, gone);
    return removed;
  });
}

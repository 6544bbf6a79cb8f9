/** @file Adding items: pictures are looked at, encoded together and kept; each item has an answer of its own. */
import { DiptychError, isDiptychError } from '../../errors/error.ts';
import { readSettings } from '../../index/index-folder.ts';
import type { Row } from '../../index/store.ts';
import { ownFields } from '../../index/wanted.ts';
import type { QueryEncoder } from '../encoder.ts';
import type { ServedIndex } from '../indexes/served-index.ts';
import type { Inspected } from '../pictures/protocol.ts';
import type { AddedItems, ItemResult, NewItem } from '../schema/items.ts';
import { type ReadPicture, vectorOf } from '../search/parts.ts';
import type { Service } from '../service.ts';
import { captionIdsOf, captionRows } from './captions.ts';
import { contentHash, dropUploads, keepUpload, uploadsFolder } from './uploads.ts';

/** An item on its way into the index. */
interface Coming {
  readonly item: NewItem;
  id: string;
  row?: Row;
  error?: DiptychError;
}

interface Sent {
  readonly bytes: Uint8Array;
  readonly sha256: string;
  readonly facts: Inspected;
}

export interface AddRequest {
  readonly items: readonly NewItem[];
  readonly mode: 'add' | 'upsert';
}

/** @throws DIPTYCH_INDEX_LOCKED, what the encoder throws; what is wrong with one item is told of that item */
export async function addItems(
  service: Service,
  index: ServedIndex,
  { items, mode }: AddRequest,
  read: ReadPicture,
  signal: AbortSignal,
): Promise<AddedItems> {
  const { fingerprint } = index.index.store.manifest();
  const coming = items.map((item): Coming => ({ item, id: item.id ?? '' }));
  const sent = new Map<Coming, Sent>();
  await Promise.all(
    coming.map((one) =>
      attempt(one, async () => {
        refuseOwnFields(one.item.metadata);
        if ((one.item.image === undefined) === (one.item.vector === undefined)) {
          throw new DiptychError('DIPTYCH_SERVER_REQUEST', {
            problems: ['items: each needs an image or a vector, not both'],
          });
        }
        if (one.item.image !== undefined) sent.set(one, await look(service, await read(one.item.image)));
        one.id ||= sent.get(one)?.sha256.slice(0, 16) ?? '';
        if (one.id.startsWith('caption:'))
          throw new DiptychError('DIPTYCH_INDEX_ID', { id: one.id, problem: 'ids of captions begin so' });
      }),
    ),
  );
  const pictures = [...sent];
  const encoder = (): QueryEncoder => service.needEncoder(fingerprint);
  const { pixels } = service.limits;
  const vectors =
    pictures.length === 0
      ? []
      : await encoder().encodePictures(
          pictures.map(([, { bytes }]) => bytes),
          { signal, maxPixels: pixels },
        );
  await Promise.all(
    pictures.map(([one, picture], i) =>
      attempt(one, async () => {
        const vector = vectorOf(vectors[i]);
        one.row = { id: one.id, vector, metadata: await metadataOf(index, one.item, picture) };
      }),
    ),
  );
  for (const one of coming) {
    const { vector, metadata, captions } = one.item;
    if (one.error !== undefined || vector === undefined) continue;
    const told = captions.length === 0 ? {} : { captions };
    one.row = {
      id: one.id,
      vector: Float32Array.from(vector),
      metadata: { ...metadata, kind: 'image', source: 'vectors', ...told },
    };
  }
  await store(index, coming, mode, encoder, signal);
  return report(coming);
}

/** Runs a step of one item; what is refused is told of this item alone. */
async function attempt(one: Coming, step: () => Promise<void>): Promise<void> {
  if (one.error !== undefined) return;
  try {
    await step();
  } catch (error) {
    if (!isDiptychError(error)) throw error;
    one.error = error;
  }
}

/** @throws DIPTYCH_SERVER_ITEM_FIELD */
export function refuseOwnFields(metadata: object): void {
  const field = Object.keys(metadata).find((name) => ownFields.includes(name));
  if (field !== undefined) throw new DiptychError('DIPTYCH_SERVER_ITEM_FIELD', { field });
}

async function look(service: Service, bytes: Uint8Array): Promise<Sent> {
  const facts = await service.metrics.timed('decode', () => service.uploads.inspect(bytes));
  return { bytes, sha256: contentHash(bytes), facts };
}

async function metadataOf(index: ServedIndex, { metadata, captions }: NewItem, { bytes, sha256, facts }: Sent) {
  const path = await keepUpload(index.folder, bytes, sha256, facts.ending);
  const { width, height } = facts;
  const told = captions.length === 0 ? {} : { captions };
  return { ...metadata, kind: 'image', path, source: uploadsFolder(index.folder), sha256, width, height, ...told };
}

/** Writes the rows, with rows for their captions where the index has such. */
async function store(
  index: ServedIndex,
  coming: readonly Coming[],
  mode: 'add' | 'upsert',
  encoder: () => QueryEncoder,
  signal: AbortSignal,
): Promise<void> {
  const ready = coming.filter((one) => one.row !== undefined && one.error === undefined);
  if (ready.length === 0) return;
  await index.changing(async (open) => {
    const { store } = open;
    const { captions } = await readSettings(open);
    const written = captions
      ? await captionRows(
          ready.map(({ row }) => row!),
          encoder,
          signal,
        )
      : [];
    const before = await store.get(ready.map(({ id }) => id));
    const rows = ready.map(({ row }) => row!);
    const { rejected } = mode === 'add' ? await store.add(rows) : await store.upsert(rows);
    for (const { index: i, error } of rejected) ready[i].error = error;
    const refused = new Set(rejected.map(({ id }) => id));
    const replaced = before.filter((row) => row !== undefined && !refused.has(row.id));
    if (captions) {
      await store.delete(
        await captionIdsOf(
          store,
          replaced.map((row) => row!.id),
        ),
      );
      await store.upsert(written.filter(({ metadata }) => !refused.has(String(metadata.image))));
    }
    await dropUploads(
      index.folder,
      store,
      replaced.map((row) => row!.metadata),
    );
  });
}

function report(coming: readonly Coming[]): AddedItems {
  const results = coming.map(
    ({ id, error }): ItemResult =>
      error === undefined
        ? { id, status: 'stored' }
        : { id, status: 'refused', code: error.code, detail: error.message },
  );
  const refused = results.filter(({ status }) => status === 'refused').length;
  return { stored: results.length - refused, refused, results };
}

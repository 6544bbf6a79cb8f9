/** @file Files to add, cut into requests of bounded size, and what became of them. */
import type { AddedItems } from '../../../src/server/schema/items.ts';

/** Files and bytes of one request at most. */
export const MOST_FILES = 24;
export const MOST_BYTES = 12_000_000;

/** A file with the path that it had in the folder that was dropped: its id. */
export interface Chosen {
  readonly id: string;
  readonly file: Blob;
}

/** Cuts files into requests, in order. A file larger than a request is one by itself, and the server says what it thinks of it. */
export function batchesOf(files: readonly Chosen[], most = { files: MOST_FILES, bytes: MOST_BYTES }): Chosen[][] {
  const batches: Chosen[][] = [];
  let bytes = 0;
  for (const chosen of files) {
    const last = batches.at(-1);
    if (last === undefined || last.length === most.files || bytes + chosen.file.size > most.bytes) {
      batches.push([chosen]);
      bytes = chosen.file.size;
    } else {
      last.push(chosen);
      bytes += chosen.file.size;
    }
  }
  return batches;
}

/** A file that was not taken, and why. */
export interface Refused {
  readonly id: string;
  readonly reason: string;
}

/** How far adding has come. */
export interface Adding {
  readonly total: number;
  readonly done: number;
  readonly stored: number;
  readonly refused: readonly Refused[];
}

export function begin(total: number): Adding {
  return { total, done: 0, stored: 0, refused: [] };
}

/** After a request was answered. */
export function answered(adding: Adding, batch: readonly Chosen[], { stored, results }: AddedItems): Adding {
  const refused = results.flatMap(({ id, status, detail, code }) =>
    status === 'refused' ? [{ id, reason: detail ?? code ?? 'refused' }] : [],
  );
  return {
    ...adding,
    done: adding.done + batch.length,
    stored: adding.stored + stored,
    refused: [...adding.refused, ...refused],
  };
}

/** After a request failed as a whole. */
export function failed(adding: Adding, batch: readonly Chosen[], reason: string): Adding {
  const refused = batch.map(({ id }) => ({ id, reason }));
  return { ...adding, done: adding.done + batch.length, refused: [...adding.refused, ...refused] };
}

/** The form of a request: each file is an item, named by its path. */
export function formOf(batch: readonly Chosen[]): FormData {
  const form = new FormData();
  const items = batch.map(({ id }, i) => ({ id, image: { upload: `file${i}` } }));
  form.set('request', new Blob([JSON.stringify({ items, mode: 'upsert' })], { type: 'application/json' }));
  batch.forEach(({ id, file }, i) => {
    form.set(`file${i}`, file, id.split('/').at(-1));
  });
  return form;
}

/** @file The words of an index's captions: built once for each version of its store, kept beside it on disk. */
import { join } from 'node:path';
import { isDiptychError } from '../../errors/error.ts';
import { readSafetensors, type StoredTensor, writeSafetensors } from '../../files/safetensors.ts';
import { type Index, versionFolder } from '../../index/index-folder.ts';
import type { Store } from '../../index/store.ts';
import { type CaptionIndex, CaptionIndexBuilder } from './inverted.ts';

/** Rises when words are split or kept in another way. */
const FORMAT = '1';
const FILE = 'captions.safetensors';
const columns = ['starts', 'captions', 'counts', 'lengths', 'images'] as const;

/** What was read or built, by the store it belongs to. */
const known = new WeakMap<Store, { readonly version: number; readonly index: Promise<CaptionIndex> }>();

/**
 * The captions of an index by their words: those of its pictures, and those that have rows of their own. The file on
 * disk is used if it was made from the version of the store that is open, else it is made anew; where that cannot be
 * written the words are kept in memory alone.
 */
export async function captionIndexOf(index: Pick<Index, 'folder' | 'version' | 'store'>): Promise<CaptionIndex> {
  const { version, created, updated } = index.store.manifest();
  const there = known.get(index.store);
  if (there?.version === version) return there.index;
  const made = readOrBuild(index, [FORMAT, version, created, updated].join(' '));
  known.set(index.store, { version, index: made });
  made.catch(() => known.delete(index.store));
  return made;
}

async function readOrBuild(index: Pick<Index, 'folder' | 'version' | 'store'>, key: string): Promise<CaptionIndex> {
  const path = join(versionFolder(index), FILE);
  const kept = await readKept(path, key);
  if (kept !== undefined) return kept;
  const built = await build(index.store);
  await writeKept(path, key, built).catch((error) => {
    if (!isDiptychError(error)) throw error;
  });
  return built;
}

async function build(store: Store): Promise<CaptionIndex> {
  const builder = new CaptionIndexBuilder();
  for await (const { id, metadata } of store.scan()) {
    if (metadata.kind === 'caption') builder.add(String(metadata.image), String(metadata.text));
    else if (Array.isArray(metadata.captions)) for (const text of metadata.captions) builder.add(id, text);
  }
  return builder.build();
}

/** What the file holds; undefined if it is not there, of another version, or not what was written: it is made anew then. */
async function readKept(path: string, key: string): Promise<CaptionIndex | undefined> {
  try {
    const { tensors, metadata } = await readSafetensors(path);
    if (metadata.key !== key) return undefined;
    const column = (name: string) => tensors.get(name)!.data as Int32Array<ArrayBuffer>;
    const strings = (name: string): string[] =>
      JSON.parse(Buffer.from(tensors.get(name)!.data as Uint8Array).toString());
    const [starts, captions, counts, lengths, images] = columns.map(column);
    const words = new Map(strings('words').map((word, number) => [word, number]));
    return { words, starts, captions, counts, lengths, images, ids: strings('ids') };
  } catch {
    return undefined;
  }
}

async function writeKept(path: string, key: string, index: CaptionIndex): Promise<void> {
  const tensors = new Map<string, StoredTensor>(
    columns.map((name): [string, StoredTensor] => [
      name,
      { dtype: 'I32', shape: [index[name].length], data: index[name] },
    ]),
  );
  for (const [name, list] of [
    ['words', [...index.words.keys()]],
    ['ids', index.ids],
  ] as const) {
    const data = new Uint8Array(Buffer.from(JSON.stringify(list)));
    tensors.set(name, { dtype: 'U8', shape: [data.length], data });
  }
  await writeSafetensors(path, tensors, { key });
}

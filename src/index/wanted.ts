/** @file The rows that a source wants an index to hold: one for each picture and, if asked, one for each caption. */
import { isDiptychError } from '../errors/error.ts';
import type { Task } from './partitions.ts';
import { readPictureFacts } from './picture.ts';
import type { Quarantined, Source, SourceItem } from './source.ts';
import type { Metadata } from './store.ts';

/** Pictures whose files are read at once. */
const AT_ONCE = 16;

/** Fields that an index writes; columns of the same names are kept under `column.NAME`. */
export const ownFields = ['kind', 'path', 'source', 'sha256', 'width', 'height', 'captions', 'text', 'image'];

/** Some of what a source wants, and what of it cannot be had. */
export interface WantedBatch {
  readonly tasks: readonly Task[];
  /** Pictures that cannot be read now; what the index holds of them stays. */
  readonly unreadable: readonly (Quarantined & { readonly id: string })[];
}

/** The id of the row of a picture. */
export function imageId(prefix: string, item: SourceItem): string {
  return prefix + item.id;
}

/** The id of the row of a caption. */
export function captionId(prefix: string, caption: { readonly id: string }): string {
  return `caption:${prefix}${caption.id}`;
}

/** The rows of the pictures of a source. Each file is read once, for its hash and its size. */
export async function* wantedImages(source: Source, prefix: string): AsyncGenerator<WantedBatch> {
  for (let at = 0; at < source.items.length; at += AT_ONCE) {
    const tasks: Task[] = [];
    const unreadable: (Quarantined & { id: string })[] = [];
    const items = source.items.slice(at, at + AT_ONCE);
    const facts = await Promise.all(items.map(({ path }) => readPictureFacts(path).catch(reasonOf)));
    items.forEach((item, i) => {
      const { path } = item;
      const fact = facts[i];
      const id = imageId(prefix, item);
      if (typeof fact === 'string') unreadable.push({ file: path, id, reason: fact });
      else tasks.push({ id, metadata: imageMetadata(source, item, fact), input: { path } });
    });
    yield { tasks, unreadable };
  }
}

function reasonOf(error: unknown): string {
  if (isDiptychError(error)) return error.message;
  throw error;
}

function imageMetadata(source: Source, { path, captions, columns }: SourceItem, facts: object): Metadata {
  const known = Object.entries(facts).filter(([, value]) => value !== undefined);
  return {
    ...columnsOf(columns),
    kind: 'image',
    path,
    source: source.place,
    ...Object.fromEntries(known),
    ...(captions.length === 0 ? {} : { captions: captions.map(({ text }) => text) }),
  };
}

function columnsOf(columns: Metadata): Metadata {
  const entries = Object.entries(columns).map(([name, value]) => [
    ownFields.includes(name) ? `column.${name}` : name,
    value,
  ]);
  return Object.fromEntries(entries);
}

/** The rows of the captions of those pictures that the index holds. */
export async function* wantedCaptions(
  source: Source,
  prefix: string,
  has: (id: string) => boolean,
): AsyncGenerator<WantedBatch> {
  for (let at = 0; at < source.items.length; at += AT_ONCE) {
    const tasks = source.items.slice(at, at + AT_ONCE).flatMap((item) => {
      const image = imageId(prefix, item);
      if (!has(image)) return [];
      return item.captions.map((caption) => {
        const metadata = { kind: 'caption', path: item.path, source: source.place, text: caption.text, image };
        return { id: captionId(prefix, caption), metadata, input: { text: caption.text } };
      });
    });
    yield { tasks, unreadable: [] };
  }
}

/** What a vector depends on: rows that agree in it need not be encoded again. */
export function contentOf(metadata: Metadata): string {
  return metadata.kind === 'caption' ? `text ${metadata.text}` : `sha256 ${metadata.sha256}`;
}

/** @file Captions that have rows of their own, so that they can be found: made and found for the pictures they belong to. */
import type { Metadata, Row, Store } from '../../index/store.ts';
import { captionId } from '../../index/wanted.ts';
import type { QueryEncoder } from '../encoder.ts';

/** The rows of the captions of pictures. @throws what the encoder throws */
export async function captionRows(
  rows: readonly Pick<Row, 'id' | 'metadata'>[],
  encoder: () => QueryEncoder,
  signal: AbortSignal,
): Promise<Row[]> {
  const captions = rows.flatMap(({ id, metadata }) => textsOf(metadata).map((text, i) => ({ id, metadata, text, i })));
  if (captions.length === 0) return [];
  const vectors = await encoder().encodeTexts(
    captions.map(({ text }) => text),
    { signal },
  );
  return captions.map(({ id, metadata: { path, source }, text, i }, n) => ({
    id: captionId('', { id: `${id}#${i}` }),
    vector: vectors[n],
    metadata: {
      kind: 'caption',
      text,
      image: id,
      ...(path !== undefined && { path }),
      ...(source !== undefined && { source }),
    },
  }));
}

/** Ids of the rows of the captions of pictures. */
export async function captionIdsOf(store: Store, images: readonly string[]): Promise<string[]> {
  if (images.length === 0) return [];
  const ids: string[] = [];
  for await (const { id } of store.scan({ all: [{ kind: 'caption' }, { image: { in: images } }] })) ids.push(id);
  return ids;
}

function textsOf({ captions }: Metadata): readonly string[] {
  return Array.isArray(captions) ? captions : [];
}

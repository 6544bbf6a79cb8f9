/** @file A row as an item that callers see. */
import type { Row } from '../../index/store.ts';
import type { Item } from '../schema/items.ts';
import { pictureAddress, thumbnailAddress, visibleMetadata, visiblePath } from '../views.ts';

/** @param index name of the index */
export function itemOf(index: string, { id, metadata }: Pick<Row, 'id' | 'metadata'>, showPaths: boolean): Item {
  const { captions, text } = metadata;
  const own = Array.isArray(captions) ? captions : typeof text === 'string' ? [text] : [];
  return {
    id,
    kind: metadata.kind === 'caption' ? 'caption' : 'image',
    ...visiblePath(metadata, showPaths),
    metadata: visibleMetadata(metadata, showPaths),
    captions: own,
    thumbnail: thumbnailAddress(index, id, metadata),
    picture: pictureAddress(index, id),
  };
}

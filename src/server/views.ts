/** @file Rows of an index as callers see them: addresses of pictures, and paths only where they may be shown. */
import type { Metadata } from '../index/store.ts';

/** Fields that say where files lie on this machine. */
const privateFields = ['path', 'source'];

/** Address of the thumbnail of a picture; with its content in it, so that it may be kept for ever. */
export function thumbnailAddress(index: string, id: string, metadata: Metadata): string {
  // A caption is shown by the picture it was written for.
  const own = metadata.kind !== 'caption' || typeof metadata.image !== 'string';
  const content = own && typeof metadata.sha256 === 'string' ? contentKey(metadata.sha256) : '';
  return `${addressOf(index, 'thumbnails', own ? id : String(metadata.image))}?v=${content}`;
}

/** Address of the picture file itself. */
export function pictureAddress(index: string, id: string): string {
  return addressOf(index, 'pictures', id);
}

function addressOf(index: string, what: string, id: string): string {
  return `/v1/indexes/${encodeURIComponent(index)}/${what}/${encodeURIComponent(wellFormed(id))}`;
}

/** An id as it can stand in an address, where half of a surrogate pair cannot; an item that has one is found by search alone. */
export function wellFormed(id: string): string {
  return id.replace(/\p{Surrogate}/gu, '\ufffd');
}

/** The part of a content hash that stands in addresses. */
export function contentKey(sha256: string): string {
  return sha256.slice(0, 16);
}

/** Metadata without what callers may not see. */
export function visibleMetadata(metadata: Metadata, showPaths: boolean): Metadata {
  if (showPaths) return metadata;
  return Object.fromEntries(Object.entries(metadata).filter(([name]) => !privateFields.includes(name)));
}

/** The path of a row, to be spread into an answer. */
export function visiblePath({ path }: Metadata, showPaths: boolean): { path?: string } {
  return showPaths && typeof path === 'string' ? { path } : {};
}

/** Names of fields that callers may see and filter by. */
export function visibleFields(fields: Readonly<Record<string, unknown>>, showPaths: boolean): string[] {
  return Object.keys(fields).filter((name) => showPaths || !privateFields.includes(name));
}

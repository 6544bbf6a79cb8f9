/** @file What a picture of the index is to a page: its shape, its words, its small picture. */
import { shapeOf } from './justified.ts';

/** An item or a result, as far as a grid shows it. */
export interface Shown {
  readonly id: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly thumbnail: string;
}

/** Width over height. */
export function pictureShape({ metadata }: Shown): number {
  return shapeOf(metadata.width, metadata.height);
}

/** What is said of a picture that cannot be seen: its first caption, else its id. */
export function wordsFor({ id, metadata }: Pick<Shown, 'id' | 'metadata'>): string {
  const { captions, text } = metadata;
  if (Array.isArray(captions) && typeof captions[0] === 'string') return captions[0];
  return typeof text === 'string' ? text : id;
}

/** The last part of an id that looks like a path. */
export function shortId(id: string): string {
  return id.split('/').at(-1) || id;
}

/** Address of a small picture that is sharp at a width shown, in pixels of the screen. */
export function thumbnailAt(thumbnail: string, longest: number): string {
  const size = [160, 320, 640].find((side) => side >= longest) ?? 640;
  const address = new URL(thumbnail, location.origin);
  address.searchParams.set('size', String(size));
  return address.pathname + address.search;
}

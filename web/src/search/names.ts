/** @file What searches and their parts are called. */
import { asking, type PicturePart, type SearchState } from './state.ts';

export function partName({ kind, id }: PicturePart): string {
  return kind === 'item' ? `like ${id}` : 'your picture';
}

/** The words of a search, and its other parts. */
export function questionName(search: SearchState): string {
  const { words, parts } = asking(search);
  return [words.trim(), ...parts.map(partName)].filter((name) => name !== '').join(' + ');
}

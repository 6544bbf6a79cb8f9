/** @file Which columns of a table mean what: as named by the reader of the table, else by usual names. */
import { DiptychError } from '../../errors/error.ts';
import type { Columns } from '../dataset.ts';

/** Positions of columns by meaning. */
export interface Roles {
  readonly image: number | undefined;
  readonly captions: readonly number[];
  readonly id: number | undefined;
  /** Whether `id` was found by its name alone. */
  readonly idGuessed: boolean;
  readonly captionId: number | undefined;
  readonly split: number | undefined;
  /** All other columns. */
  readonly metadata: readonly number[];
}

/** Usual names in order of preference. */
const usual = {
  image: ['image', 'image_path', 'img_path', 'filepath', 'file_path', 'path', 'file_name', 'filename', 'image_name'],
  caption: ['caption', 'captions', 'text', 'sentence', 'sentences', 'raw', 'comment', 'description', 'title'],
  id: ['image_id', 'imgid', 'img_id', 'id'],
  captionId: ['caption_id', 'sentid', 'sentence_id'],
  split: ['split', 'subset', 'partition'],
} as const;

const numberedCaption = /^(caption|text|sentence|description)[ _-]?\d+$/;

/**
 * Gives columns their meaning.
 *
 * @param path named in errors
 * @param header names of the columns
 * @param asked columns that were named
 * @throws DIPTYCH_DATA_COLUMN_MISSING if a named column is not there, or captions, or both picture and id
 */
export function resolveColumns(path: string, header: readonly string[], asked: Columns = {}): Roles {
  const columns = header.map((name) => name.trim());
  const lower = columns.map((name) => name.toLowerCase());
  const taken = new Set<number>();
  const take = (position: number | undefined) => {
    if (position !== undefined) taken.add(position);
    return position;
  };
  const missing = (role: string): never => {
    throw new DiptychError('DIPTYCH_DATA_COLUMN_MISSING', { path, role, columns });
  };
  const named = (name: string | undefined) => {
    if (name === undefined) return undefined;
    const exact = columns.indexOf(name);
    const position = exact >= 0 ? exact : lower.indexOf(name.toLowerCase());
    return take(position >= 0 ? position : missing(`column "${name}"`));
  };
  const guessed = (names: readonly string[]) =>
    take(names.map((name) => lower.indexOf(name)).find((position) => position >= 0 && !taken.has(position)));

  // What was named is taken first, so that a guess never claims it.
  const asImage = named(asked.image);
  const asCaptions = asked.captions?.map((name) => named(name) ?? missing('caption'));
  const asId = named(asked.id);
  const asCaptionId = named(asked.captionId);
  const asSplit = named(asked.split);

  const split = asSplit ?? guessed(usual.split);
  const captionId = asCaptionId ?? guessed(usual.captionId);
  const image = asImage ?? guessed(usual.image);
  const captions = asCaptions ?? guessCaptions();
  const id = asId ?? guessed(usual.id);
  if (captions.length === 0) missing('caption');
  if (image === undefined && id === undefined) missing('picture or image id');
  const metadata = columns.map((_, position) => position).filter((position) => !taken.has(position));
  return { image, captions, id, idGuessed: asId === undefined, captionId, split, metadata };

  function guessCaptions(): number[] {
    const one = guessed(usual.caption);
    const numbered = lower.flatMap((name, position) => (numberedCaption.test(name) ? [position] : []));
    for (const position of numbered) taken.add(position);
    return one === undefined ? numbered : [one, ...numbered];
  }
}

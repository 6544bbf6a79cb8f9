/** @file Rows of a table as images and captions: rows of the same image give their captions to one record. */
import type { Reading, Split } from '../dataset.ts';
import { splitNamed } from '../splits.ts';
import { type Roles, resolveColumns } from './columns.ts';
import type { Draft } from './gather.ts';
import { type Cast, castOf } from './types.ts';

/** A table of any format: a row has a value, perhaps undefined, for each column. */
export interface Table {
  readonly file: string;
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
  /** The split of all rows, where the file's name says it. */
  readonly split: Split | undefined;
  /** Whether all values are text, so that numbers among the metadata must be told by how they look. */
  readonly textual: boolean;
}

export interface Row {
  readonly line: number;
  readonly values: readonly unknown[];
}

/** Reads the rows of a table into the gatherer. */
export async function readTable(reading: Reading, table: Table): Promise<void> {
  const { gatherer } = reading;
  const roles = captionIdsApart(table, resolveColumns(table.file, table.columns, reading.options.columns));
  const casts = new Map<number, Cast>(table.textual ? roles.metadata.map((c) => [c, castOf(table.rows, c)]) : []);
  const pictureOf = new Map<Draft, string>();
  for (const row of table.rows) {
    const place = { file: table.file, line: row.line };
    const found = describeRow(row, table, roles);
    if ('problem' in found) {
      gatherer.quarantine(place, found.kind, found.problem, found.id);
      continue;
    }
    const { id, picture, split, captions, captionId } = found;
    let image = gatherer.find(id);
    if (image === undefined) {
      const path = picture === undefined ? undefined : await reading.pictures?.find(picture);
      if (picture !== undefined && reading.pictures !== undefined && path === undefined) {
        gatherer.quarantine(place, 'missing-file', missingPicture(picture), id);
        continue;
      }
      image = gatherer.addImage({ id, path, split, metadata: metadataOf(row, table, roles, casts) }, place);
      if (image !== undefined) pictureOf.set(image, picture ?? '');
    } else if (image.split !== split || pictureOf.get(image) !== (picture ?? '')) {
      gatherer.refuseRepeated(image, split, place);
      continue;
    }
    if (image === undefined) continue;
    for (const text of captions) gatherer.addCaption(image, text, place, captions.length === 1 ? captionId : undefined);
  }
}

/** A row that names an image, or what is wrong with it. */
type Described =
  | {
      readonly id: string;
      readonly picture: string | undefined;
      readonly split: Split;
      readonly captions: readonly string[];
      readonly captionId: string | undefined;
    }
  | { readonly kind: 'no-id' | 'unknown-split' | 'malformed'; readonly problem: string; readonly id?: string };

function describeRow({ values }: Row, table: Table, roles: Roles): Described {
  const picture = roles.image === undefined ? undefined : textOf(values[roles.image]);
  if (picture === '') return { kind: 'no-id', problem: 'no picture is named' };
  const id = (roles.id === undefined ? picture : textOf(values[roles.id])) ?? '';
  if (id === '') return { kind: 'no-id', problem: 'no image id' };
  const named = roles.split === undefined ? undefined : textOf(values[roles.split]);
  const split = named === undefined ? (table.split ?? 'all') : splitNamed(named);
  if (split === undefined) return { kind: 'unknown-split', problem: `an unknown split "${named}"`, id };
  const captions: string[] = [];
  for (const column of roles.captions) {
    const value = values[column];
    const texts = Array.isArray(value) ? value : [value ?? ''];
    const wrong = texts.find((text) => typeof text !== 'string');
    if (wrong !== undefined) {
      return { kind: 'malformed', problem: `${table.columns[column]} holds ${JSON.stringify(wrong)}, not text`, id };
    }
    captions.push(...texts);
  }
  // Of several columns or a list some may be empty: there is no caption then. A lone empty caption is a fault.
  const filled = captions.filter((text) => text.trim() !== '');
  const captionId = roles.captionId === undefined ? undefined : textOf(values[roles.captionId]) || undefined;
  return { id, picture, split, captions: filled.length > 0 ? filled : captions.slice(0, 1), captionId };
}

/** A column named `id` may count captions: then one picture has several ids and no id comes twice. */
function captionIdsApart(table: Table, roles: Roles): Roles {
  const { id, image } = roles;
  if (!roles.idGuessed || id === undefined || image === undefined || roles.captionId !== undefined) return roles;
  const ids = new Set(table.rows.map(({ values }) => textOf(values[id])));
  const pictures = new Set(table.rows.map(({ values }) => textOf(values[image])));
  if (ids.size < table.rows.length || pictures.size === table.rows.length) return roles;
  return { ...roles, id: undefined, captionId: id };
}

/** The other columns, as the first row of an image has them; empty ones are left out, lists and objects become JSON. */
function metadataOf(
  { values }: Row,
  { columns }: Table,
  roles: Roles,
  casts: ReadonlyMap<number, Cast>,
): Record<string, string | number | boolean> {
  return Object.fromEntries(
    roles.metadata.flatMap((column): [string, string | number | boolean][] => {
      const value = values[column];
      const name = columns[column].trim();
      if (value === undefined || value === null || value === '') return [];
      if (typeof value === 'string') return [[name, casts.get(column)?.(value.trim()) ?? value]];
      return [[name, typeof value === 'number' || typeof value === 'boolean' ? value : JSON.stringify(value)]];
    }),
  );
}

function missingPicture(name: string): string {
  return /^https?:/i.test(name) ? `${name} is an address; nothing is downloaded` : `no picture ${name}`;
}

/** Ids and names as text; numbers are written out, anything else is empty. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value.trim();
  return typeof value === 'number' ? String(value) : '';
}

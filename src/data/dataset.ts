/** @file Captioned pictures as records, and `readDataset`, which reads them from any of the known formats. */
import { basename, dirname, parse } from 'node:path';
import { DiptychError } from '../errors/error.ts';
import { fingerprintOf } from './fingerprint.ts';
import { readCoco } from './readers/coco.ts';
import { readCsv } from './readers/csv.ts';
import { detectSource, type Source } from './readers/detect.ts';
import { Gatherer } from './readers/gather.ts';
import { readJsonl } from './readers/jsonl.ts';
import { readKarpathy } from './readers/karpathy.ts';
import { readPairs } from './readers/pairs.ts';
import { PictureFinder, pictureFolders } from './readers/pictures.ts';
import { readPrecomp } from './readers/precomp.ts';
import { type HashSplit, splitByHash } from './splits.ts';

/** Part of a data set. `restval`: the images of COCO that join `train`; `all`: the data set states no splits. */
export type Split = 'train' | 'val' | 'test' | 'restval' | 'all';

/** A text that describes an image. */
export interface Caption {
  /** Unique in the data set; `IMAGE#k` where the format has no ids of its own. */
  readonly id: string;
  /** Trimmed, never empty. */
  readonly text: string;
}

/** An image with its captions: ground truth is this relation of ids. */
export interface ImageRecord {
  /** Unique in the data set. */
  readonly id: string;
  /** Absolute path of the picture. */
  readonly path?: string;
  /** Row in the feature file. */
  readonly row?: number;
  /** Absolute path of the feature file, where the data set brings its own. */
  readonly features?: string;
  readonly split: Split;
  /** At least one. */
  readonly captions: readonly Caption[];
  readonly metadata: Readonly<Record<string, string | number | boolean>>;
}

/** Why a record was set aside. */
export type QuarantineKind =
  | 'encoding'
  | 'malformed'
  | 'no-id'
  | 'repeated-id'
  | 'other-split'
  | 'unknown-split'
  | 'unknown-image'
  | 'empty-caption'
  | 'no-caption'
  | 'missing-file';

/** A record that was set aside while the rest went on. */
export interface Quarantined {
  readonly file: string;
  /** Counted from 1. */
  readonly line?: number;
  readonly id?: string;
  readonly kind?: QuarantineKind;
  /** The split that a record of kind `other-split` claims. */
  readonly split?: Split;
  readonly reason: string;
}

/** A data set as read. */
export interface Dataset {
  readonly name: string;
  /** Absolute path of the folder it was read from. */
  readonly root: string;
  readonly images: readonly ImageRecord[];
  readonly quarantined: readonly Quarantined[];
  /** SHA-256 (hex) of ids, splits and captions in order; not of paths. */
  readonly fingerprint: string;
}

/** The formats read. */
export type DatasetFormat = 'karpathy' | 'coco' | 'precomp' | 'jsonl' | 'csv' | 'tsv' | 'pairs';

/** Which columns of a table mean what; columns of usual names need not be named. All others become metadata. */
export interface Columns {
  /** Path of the picture. */
  readonly image?: string;
  /** Captions: one column or several; in JSONL a value may be a list. */
  readonly captions?: readonly string[];
  /** Id of the image; its path unless given. */
  readonly id?: string;
  /** Id of the caption. */
  readonly captionId?: string;
  readonly split?: string;
}

export interface DatasetOptions {
  /** Recognised from the files unless given. */
  readonly format?: DatasetFormat;
  /** Folder of the pictures; looked for beside the captions unless given. `false`: work without pictures. */
  readonly images?: string | false;
  readonly columns?: Columns;
  /** CSV and TSV: what parts the fields; `,` and tab unless given. */
  readonly delimiter?: string;
  /** CSV and TSV: whether `"` encloses fields (default) or is plain text. */
  readonly quotes?: boolean;
  /** Splits by hash of the image id; those of the file unless given. */
  readonly split?: HashSplit;
  /** Keeps the first so many captions of each image (5 in the published COCO protocol); all unless given. */
  readonly captionsPerImage?: number;
}

/** What a reader gets: where to look, what was asked, and where to put records. */
export interface Reading {
  readonly source: Source;
  readonly options: DatasetOptions;
  readonly gatherer: Gatherer;
  /** Undefined when pictures are not wanted. */
  readonly pictures: PictureFinder | undefined;
}

/** Reads a source into the gatherer; returns the name the data set gives itself, if any. */
export type Reader = (reading: Reading) => Promise<string | undefined>;

const readers: { readonly [F in DatasetFormat]: Reader } = {
  karpathy: readKarpathy,
  coco: readCoco,
  precomp: readPrecomp,
  jsonl: readJsonl,
  csv: readCsv,
  tsv: readCsv,
  pairs: readPairs,
};

/**
 * Reads captioned pictures. Bad records are set aside in `quarantined`; the rest goes on.
 *
 * @param path a file of captions, or the folder that holds it
 * @throws DIPTYCH_FILE_MISSING, DIPTYCH_FILE_UNREADABLE, DIPTYCH_FILE_ENCODING, DIPTYCH_JSON_SYNTAX,
 *   DIPTYCH_JSON_SHAPE, DIPTYCH_NPY_INVALID and DIPTYCH_DATA_… when the set as a whole cannot be used
 */
export async function readDataset(path: string, options: DatasetOptions = {}): Promise<Dataset> {
  const source = await detectSource(path, options.format);
  const pictures = await finderFor(source, options);
  const gatherer = new Gatherer();
  const name = await readers[source.format]({ source, options, gatherer, pictures });
  const gathered = gatherer.finish();
  refuseWithoutPictures(path, pictures, gathered.quarantined);
  if (gathered.images.length === 0) {
    const { length: quarantined, 0: first } = gathered.quarantined;
    throw new DiptychError('DIPTYCH_DATA_EMPTY', { path, quarantined, first: first?.reason });
  }
  const limited = limitCaptions(gathered.images, options.captionsPerImage);
  const images = options.split === undefined ? limited : splitByHash(limited, options.split);
  return {
    name: name ?? nameOf(source),
    root: source.root,
    images,
    quarantined: gathered.quarantined,
    fingerprint: fingerprintOf(images),
  };
}

/** The one file without its ending, else the folder. */
function nameOf({ files, root }: Source): string {
  return files.length === 1 ? parse(files[0].path).name : basename(root);
}

async function finderFor(source: Source, options: DatasetOptions): Promise<PictureFinder | undefined> {
  if (options.images === false) return undefined;
  if (options.images !== undefined) return new PictureFinder(await pictureFolders(options.images));
  const roots = [...new Set([source.root, ...source.files.map((file) => dirname(file.path))])];
  return new PictureFinder((await Promise.all(roots.map(pictureFolders))).flat());
}

/** When not one picture is there, the folder is wrong, not the records. */
function refuseWithoutPictures(
  path: string,
  pictures: PictureFinder | undefined,
  quarantined: readonly Quarantined[],
): void {
  if (pictures === undefined || pictures.found > 0) return;
  const missing = quarantined.filter(({ kind }) => kind === 'missing-file');
  if (missing.length === 0) return;
  const [{ id: example = '' }] = missing;
  const { folders } = pictures;
  throw new DiptychError('DIPTYCH_DATA_PICTURES_MISSING', { path, count: missing.length, example, folders });
}

function limitCaptions(images: readonly ImageRecord[], most: number | undefined): readonly ImageRecord[] {
  return most === undefined ? images : images.map((image) => ({ ...image, captions: image.captions.slice(0, most) }));
}

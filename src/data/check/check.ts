/** @file `checkDataset`: what is wrong with a data set, before training finds out. */
import { type Progress, silent } from '../../system/progress.ts';
import type { Dataset, ImageRecord, Quarantined, Split } from '../dataset.ts';
import { type DecodeLimits, defaultLimits } from '../images/decode.ts';
import { captionsOf } from '../relation.ts';
import { checkCaptions } from './captions.ts';
import { checkPictures, type Pictured } from './pictures.ts';
import type { CheckReport, Group } from './report.ts';

export interface CheckOptions {
  /** Whether to decode every picture (default). Without, duplicates and unreadable pictures are not found. */
  readonly pictures?: boolean;
  /** What is not decoded: 256 MiB of file or 200 million pixels unless given. */
  readonly limits?: DecodeLimits;
  /** Pictures decoded at once; one more than there are cores unless given. */
  readonly concurrency?: number;
  readonly progress?: Progress;
}

/**
 * Looks through a data set: counts, captions, pictures, duplicates, leakage between splits. Faults are reported, never
 * thrown, and nothing is changed.
 */
export async function checkDataset(dataset: Dataset, options: CheckOptions = {}): Promise<CheckReport> {
  const { limits = defaultLimits, concurrency, progress = silent } = options;
  const { name, root, fingerprint, images, quarantined } = dataset;
  const pictured = images.filter((image): image is Pictured => image.path !== undefined);
  const looked = options.pictures !== false && pictured.length > 0;
  const pictures = looked ? await checkPictures(pictured, { limits, concurrency, progress }) : undefined;
  const leakage = {
    ids: leakingIds(images, quarantined),
    sameBytes: (pictures?.sameBytes ?? []).filter(leaks),
    samePixels: (pictures?.samePixels ?? []).filter(leaks),
  };
  const found = [...leakage.ids, ...leakage.sameBytes, ...leakage.samePixels, ...(pictures?.unreadable ?? [])];
  return {
    name,
    root,
    fingerprint,
    images: images.length,
    captions: captionsOf(images).length,
    ...checkCaptions(images),
    ...(pictures === undefined ? {} : { pictures }),
    leakage,
    quarantined,
    clean: found.length === 0 && quarantined.length === 0,
  };
}

/** Whether a group stands in several splits; `restval` is trained on with `train`. */
function leaks({ splits }: Group): boolean {
  return new Set(splits.map((split) => (split === 'restval' ? 'train' : split))).size > 1;
}

/** Readers set the second record of such an id aside; records made otherwise may hold both. */
function leakingIds(images: readonly ImageRecord[], quarantined: readonly Quarantined[]): Group[] {
  const splits = new Map<string, Split[]>();
  for (const { id, split } of images) splits.set(id, [...(splits.get(id) ?? []), split]);
  for (const { id, kind, split } of quarantined) {
    if (kind !== 'other-split' || id === undefined || split === undefined) continue;
    const known = splits.get(id) ?? [];
    if (!known.includes(split)) splits.set(id, [...known, split]);
  }
  return [...splits].map(([id, found]) => ({ ids: [id], splits: found })).filter(leaks);
}

/** @file What a check of a data set finds, as data. */
import type { Quarantined, Split } from '../dataset.ts';

/** How a number is spread over images or captions; all zero when there are none. */
export interface Distribution {
  readonly min: number;
  readonly mean: number;
  /** The smallest number that 5 %, half, 95 % and 99 % of all do not exceed. */
  readonly p5: number;
  readonly median: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

export interface SplitCount {
  readonly split: Split;
  readonly images: number;
  readonly captions: number;
}

/** A picture that could not be decoded. */
export interface UnreadablePicture {
  readonly id: string;
  readonly path: string;
  /** `DIPTYCH_IMAGE_UNREADABLE`, `DIPTYCH_IMAGE_TOO_LARGE` or `DIPTYCH_FILE_…`. */
  readonly code: string;
  readonly reason: string;
}

/** Images that are the same. */
export interface Group {
  readonly ids: readonly string[];
  readonly splits: readonly Split[];
}

/** A caption that several images have, letter case and white space apart. */
export interface SharedCaption {
  readonly text: string;
  readonly images: number;
  /** The first few. */
  readonly ids: readonly string[];
}

/** What was learnt from the pictures themselves. */
export interface PictureReport {
  readonly decoded: number;
  readonly unreadable: readonly UnreadablePicture[];
  readonly width: Distribution;
  readonly height: Distribution;
  /** Images whose files are equal. */
  readonly sameBytes: readonly Group[];
  /** Images whose files differ and whose pixels are equal. */
  readonly samePixels: readonly Group[];
}

/** Images that are on both sides of a split, which makes results look better than they are. */
export interface Leakage {
  /** An id that is claimed by two splits. */
  readonly ids: readonly Group[];
  readonly sameBytes: readonly Group[];
  readonly samePixels: readonly Group[];
}

export interface CheckReport {
  readonly name: string;
  readonly root: string;
  readonly fingerprint: string;
  readonly images: number;
  readonly captions: number;
  readonly splits: readonly SplitCount[];
  readonly captionsPerImage: Distribution;
  readonly wordsPerCaption: Distribution;
  /** Most shared first. */
  readonly sharedCaptions: readonly SharedCaption[];
  /** Undefined if pictures were not looked at, or the data set has none. */
  readonly pictures?: PictureReport;
  readonly leakage: Leakage;
  readonly quarantined: readonly Quarantined[];
  /** Nothing was set aside, unreadable or leaking. */
  readonly clean: boolean;
}

/** @file Small JPEG copies of pictures as data URIs, so that a page needs no other file. */
import sharp from 'sharp';
import type { Quarantined } from '../../data/dataset.ts';

/** A picture small enough to stand in a page. */
export interface Thumbnail {
  readonly uri: string;
  readonly width: number;
  readonly height: number;
}

export interface Thumbnails {
  /** By path; a picture that cannot be read has none. */
  readonly byPath: ReadonlyMap<string, Thumbnail>;
  readonly quarantined: readonly Quarantined[];
}

/** Fits every picture into 320 x 240, upright. */
export async function thumbnails(paths: Iterable<string>): Promise<Thumbnails> {
  const byPath = new Map<string, Thumbnail>();
  const quarantined: Quarantined[] = [];
  await Promise.all(
    Array.from(new Set(paths), async (path) => {
      try {
        const { data, info } = await sharp(path)
          .autoOrient()
          .resize({ width: 320, height: 240, fit: 'inside', withoutEnlargement: true })
          .flatten({ background: 'white' })
          .jpeg({ quality: 72 })
          .toBuffer({ resolveWithObject: true });
        const uri = `data:image/jpeg;base64,${data.toString('base64')}`;
        byPath.set(path, { uri, width: info.width, height: info.height });
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        quarantined.push({ file: path, reason: `cannot be shown: ${reason}` });
      }
    }),
  );
  quarantined.sort((a, b) => (a.file < b.file ? -1 : 1));
  return { byPath, quarantined };
}

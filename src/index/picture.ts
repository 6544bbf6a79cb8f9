/** @file What an index keeps of a picture file besides its vector: content hash and size. */
import { createHash } from 'node:crypto';
import sharp from 'sharp';
import { defaultLimits } from '../data/images/decode.ts';
import { jpegSize } from '../data/images/jpeg.ts';
import { readBytes } from '../files/text.ts';

/** A picture file as far as it is known without decoding it. */
export interface PictureFacts {
  /** SHA-256 of the file's bytes in hexadecimal. */
  readonly sha256: string;
  /** As shown, turned by EXIF; undefined if the header cannot be read. */
  readonly width: number | undefined;
  readonly height: number | undefined;
}

/** Reads a picture file's facts. @throws DIPTYCH_FILE_MISSING, DIPTYCH_FILE_UNREADABLE, DIPTYCH_FILE_TOO_LARGE */
export async function readPictureFacts(path: string): Promise<PictureFacts> {
  const bytes = await readBytes(path, defaultLimits.bytes);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { sha256, ...(jpegSize(bytes) ?? (await sizeOf(bytes))) };
}

async function sizeOf(bytes: Uint8Array): Promise<Pick<PictureFacts, 'width' | 'height'>> {
  try {
    const { autoOrient } = await sharp(bytes, { limitInputPixels: false }).metadata();
    return autoOrient;
  } catch {
    return { width: undefined, height: undefined };
  }
}

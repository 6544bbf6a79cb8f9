/** @file Decoding a picture file to upright RGB by sharp, within limits. */
import { readFile, stat } from 'node:fs/promises';
import sharp from 'sharp';
import { DiptychError } from '../../errors/error.ts';
import { isSystemError } from '../../files/failures.ts';
import type { RgbImage } from './image.ts';

// One picture is one task: several are decoded side by side, so none needs threads of its own, and none comes twice.
sharp.concurrency(1);
sharp.cache(false);

/** What is refused before it is decoded. */
export interface DecodeLimits {
  /** Size of the file. */
  readonly bytes: number;
  /** Width times height. */
  readonly pixels: number;
}

/** 256 MiB of file, 200 million pixels (600 MB decoded). */
export const defaultLimits: DecodeLimits = { bytes: 2 ** 28, pixels: 200e6 };

export interface DecodeOptions {
  readonly limits?: DecodeLimits | undefined;
  /** What errors call the picture; the path unless given. */
  readonly name?: string | undefined;
}

/**
 * Decodes a picture: the first page, turned upright by its EXIF orientation, grey and CMYK brought to RGB, transparency
 * laid over white. Colour profiles of RGB pictures are not applied, because models were trained on pictures read so.
 *
 * @param source path of a file, or the bytes of one
 * @throws DIPTYCH_IMAGE_UNREADABLE, DIPTYCH_IMAGE_TOO_LARGE
 */
export async function decodeImage(source: string | Uint8Array, options: DecodeOptions = {}): Promise<RgbImage> {
  const { limits = defaultLimits, name = typeof source === 'string' ? source : 'picture' } = options;
  const bytes = typeof source === 'string' ? await readPicture(source, limits) : source;
  checkSize(name, 'bytes', bytes.length, limits.bytes);
  if (bytes.length === 0) throw unreadablePicture(name, 'an empty file');
  try {
    const { data, info } = await sharp(bytes, { ...reading, limitInputPixels: limits.pixels })
      .flatten({ background: '#ffffff' })
      .raw()
      .toBuffer({ resolveWithObject: true });
    return { width: info.width, height: info.height, data };
  } catch (cause) {
    if (reasonOf(cause).includes('pixel limit')) {
      const { width, height } = await sharp(bytes, { ...reading, limitInputPixels: false }).metadata();
      checkSize(name, 'pixels', width * height, limits.pixels);
    }
    throw unreadablePicture(name, reasonOf(cause), cause);
  }
}

/** Warnings are let pass, as other decoders do; what is cut off or damaged is not. */
const reading = { autoOrient: true, failOn: 'error', ignoreIcc: true } as const;

/**
 * Reads a picture file whole, after asking what it is: opening a pipe would wait for ever.
 *
 * @throws DIPTYCH_IMAGE_UNREADABLE, DIPTYCH_IMAGE_TOO_LARGE
 */
export async function readPicture(path: string, limits: DecodeLimits): Promise<Uint8Array> {
  try {
    const status = await stat(path);
    if (!status.isFile()) throw unreadablePicture(path, status.isDirectory() ? 'a folder' : 'not a file');
    checkSize(path, 'bytes', status.size, limits.bytes);
    return await readFile(path);
  } catch (cause) {
    if (!isSystemError(cause)) throw cause;
    throw unreadablePicture(path, cause.code === 'ENOENT' ? 'no such file' : (cause.code ?? cause.message), cause);
  }
}

function checkSize(path: string, what: string, size: number, limit: number): void {
  if (size > limit) throw new DiptychError('DIPTYCH_IMAGE_TOO_LARGE', { path, what, size, limit });
}

/** What is not there, or not a picture. */
export function unreadablePicture(path: string, reason: string, cause?: unknown): DiptychError {
  return new DiptychError('DIPTYCH_IMAGE_UNREADABLE', { path, reason }, { cause });
}

/** The decoder may say more than a line, even about another picture; the first says what is wrong with this one. */
function reasonOf(cause: unknown): string {
  const [line] = (cause instanceof Error ? cause.message : String(cause)).split('\n');
  return line.trim().replace(/:$/, '');
}

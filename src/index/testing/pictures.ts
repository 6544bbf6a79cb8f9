/** @file Small pictures of one colour, written to files. */
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import sharp from 'sharp';

export interface PictureOptions {
  readonly width?: number;
  readonly height?: number;
  /** EXIF orientation, 1 to 8. */
  readonly orientation?: number;
}

/** Writes a picture of one colour with a black corner; the format follows the name. Returns its path. */
export async function writePicture(
  folder: string,
  name: string,
  colour: string,
  options: PictureOptions = {},
): Promise<string> {
  const { width = 24, height = 16, orientation } = options;
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  const corner = {
    input: { create: { width: 2, height: 2, channels: 3, background: 'black' } },
    left: 0,
    top: 0,
  } as const;
  const picture = sharp({ create: { width, height, channels: 3, background: colour } }).composite([corner]);
  await (orientation === undefined ? picture : picture.withMetadata({ orientation })).toFile(path);
  return path;
}

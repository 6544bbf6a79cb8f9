/** @file Pictures drawn from their number, for tests. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';

/** Draws PNG files `0.png`, `1.png` … into a folder; returns them as images of a data set. */
export async function drawPictures(folder: string, count: number, side = 40): Promise<{ id: string; path: string }[]> {
  const images: { id: string; path: string }[] = [];
  for (let number = 0; number < count; number++) {
    const [width, height] = [side + (number % 5), side + (number % 3)];
    const pixels = Buffer.alloc(width * height * 3);
    for (let i = 0; i < pixels.length; i++) pixels[i] = Math.imul(i + 1, 2 * number + 12345) >>> 24;
    const path = join(folder, `${number}.png`);
    writeFileSync(
      path,
      await sharp(pixels, { raw: { width, height, channels: 3 } })
        .png({ compressionLevel: 1 })
        .toBuffer(),
    );
    images.push({ id: `picture ${number}`, path });
  }
  return images;
}

/** @file Sizes from JPEG headers: what sharp says of the same files, or nothing. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { hasShared, sharedPath } from '../../testing/shared.ts';
import { jpegSize } from './jpeg.ts';

const picture = (width = 31, height = 17) =>
  sharp({ create: { width, height, channels: 3, background: { r: 200, g: 30, b: 90 } } });

async function shown(bytes: Uint8Array) {
  const { autoOrient } = await sharp(bytes).metadata();
  return { width: autoOrient.width, height: autoOrient.height };
}

test.each([1, 2, 3, 4, 5, 6, 7, 8])('turned by orientation %i', async (orientation) => {
  const bytes = await picture().withMetadata({ orientation }).jpeg().toBuffer();
  expect(jpegSize(bytes)).toEqual(orientation < 5 ? { width: 31, height: 17 } : { width: 17, height: 31 });
  expect(jpegSize(bytes)).toEqual(await shown(bytes));
});

test('baseline, progressive, grey and CMYK, with profiles and without, also within a larger array', async () => {
  const files = await Promise.all([
    picture().jpeg().toBuffer(),
    picture().jpeg({ progressive: true }).toBuffer(),
    picture(300, 1).greyscale().jpeg().toBuffer(),
    picture(1, 300).toColourspace('cmyk').jpeg().toBuffer(),
    picture()
      .withIccProfile('p3')
      .withExif({ IFD0: { Copyright: 'nobody' } })
      .jpeg()
      .toBuffer(),
  ]);
  for (const bytes of files) {
    const around = new Uint8Array(bytes.length + 5);
    around.set(bytes, 3);
    expect(jpegSize(around.subarray(3, 3 + bytes.length))).toEqual(await shown(bytes));
  }
});

test('nothing of what is no JPEG, or is cut off before the frame, or is not in order', async () => {
  const png = await picture().png().toBuffer();
  const jpeg = await picture().withMetadata({ orientation: 6 }).jpeg().toBuffer();
  const strange = Buffer.from(jpeg);
  // The orientation's entry: tag, type, count, value.
  const entry = strange.indexOf(Buffer.from([0x12, 0x01, 3, 0, 1, 0, 0, 0, 6]));
  expect(entry).toBeGreaterThan(0);
  strange[entry + 8] = 9;
  for (const bytes of [png, new Uint8Array(), jpeg.subarray(0, 3), jpeg.subarray(0, 40), strange]) {
    expect(jpegSize(bytes)).toBeUndefined();
  }
});

test('bytes that were changed anywhere are never read beyond their end', async () => {
  const jpeg = await picture().withMetadata({ orientation: 6 }).jpeg().toBuffer();
  const change = fc.record({ at: fc.nat(jpeg.length - 1), value: fc.nat(255) });
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), fc.nat(jpeg.length), (changes, length) => {
      const bytes = Uint8Array.from(jpeg);
      for (const { at, value } of changes) bytes[at] = value;
      const size = jpegSize(bytes.subarray(0, length));
      if (size !== undefined) expect(size.width * size.height).toBeGreaterThan(0);
    }),
    { numRuns: 2000 },
  );
});

const photos = 'data/flickr8k/images';
test.skipIf(!hasShared(photos))('photos as sharp sees them', async () => {
  const folder = sharedPath(photos);
  for (const name of readdirSync(folder).slice(0, 40)) {
    const bytes = readFileSync(join(folder, name));
    expect(jpegSize(bytes), name).toEqual(await shown(bytes));
  }
});

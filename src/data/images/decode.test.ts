/** @file Decoding: kinds of pictures, orientation, limits, and files that are no pictures. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { isDiptychError } from '../../errors/error.ts';
import { temporaryFolder } from '../../testing/temporary.ts';
import { decodeImage } from './decode.ts';

const colours = [
  [200, 30, 30],
  [30, 200, 30],
  [30, 30, 200],
  [210, 210, 40],
  [40, 210, 210],
  [210, 40, 210],
] as const;

/** Six tiles of 16 x 16 pixels, two across and three down. */
const tiles = Buffer.alloc(32 * 48 * 3);
for (let i = 0; i < tiles.length; i++) {
  const pixel = Math.floor(i / 3);
  const tile = Math.floor(pixel / 32 / 16) * 2 + Math.floor((pixel % 32) / 16);
  tiles[i] = colours[tile][i % 3];
}
const drawn = () => sharp(tiles, { raw: { width: 32, height: 48, channels: 3 } });

/** Which colour each tile of a picture is nearest to, row by row. */
function tilesOf({ width, height, data }: { width: number; height: number; data: Uint8Array }): number[] {
  const found: number[] = [];
  for (let y = 8; y < height; y += 16) {
    for (let x = 8; x < width; x += 16) {
      const pixel = data.subarray((y * width + x) * 3);
      const far = colours.map((colour) => colour.reduce((sum, value, c) => sum + Math.abs(value - pixel[c]), 0));
      found.push(far.indexOf(Math.min(...far)));
    }
  }
  return found;
}

test.each(['png', 'jpeg', 'webp', 'tiff', 'gif', 'avif'] as const)('%s is read as RGB', async (format) => {
  const image = await decodeImage(await drawn().toFormat(format).toBuffer());
  expect([image.width, image.height, image.data.length]).toEqual([32, 48, tiles.length]);
  expect(tilesOf(image)).toEqual([0, 1, 2, 3, 4, 5]);
});

// What is stored is turned by the tag: 6 means that the right side of the scene is at the top of what is stored, and so on.
test.each([
  [1, 32, [0, 1, 2, 3, 4, 5]],
  [2, 32, [1, 0, 3, 2, 5, 4]],
  [3, 32, [5, 4, 3, 2, 1, 0]],
  [4, 32, [4, 5, 2, 3, 0, 1]],
  [5, 48, [0, 2, 4, 1, 3, 5]],
  [6, 48, [4, 2, 0, 5, 3, 1]],
  [7, 48, [5, 3, 1, 4, 2, 0]],
  [8, 48, [1, 3, 5, 0, 2, 4]],
])('EXIF orientation %i is turned upright', async (orientation, width, expected) => {
  const image = await decodeImage(await drawn().withMetadata({ orientation }).jpeg().toBuffer());
  expect(image.width).toBe(width);
  expect(tilesOf(image)).toEqual(expected);
});

describe('colours', () => {
  test('grey has three equal channels, also with 16 bits and one bit', async () => {
    const grey = drawn().greyscale();
    const eight = await decodeImage(await grey.clone().png().toBuffer());
    const sixteen = await decodeImage(await grey.clone().toColourspace('grey16').png().toBuffer());
    for (const { data } of [eight, sixteen]) {
      expect(data.length).toBe(tiles.length);
      for (let i = 0; i < data.length; i += 3) expect([data[i + 1], data[i + 2]]).toEqual([data[i], data[i]]);
    }
    expect(Math.abs(sixteen.data[0] - eight.data[0])).toBeLessThanOrEqual(1);
  });

  test('transparency is laid over white', async () => {
    const rgba = Buffer.from([10, 20, 30, 255, 10, 20, 30, 0, 0, 0, 0, 128]);
    const png = await sharp(rgba, { raw: { width: 3, height: 1, channels: 4 } })
      .png()
      .toBuffer();
    const { data } = await decodeImage(png);
    expect([...data]).toEqual([10, 20, 30, 255, 255, 255, 127, 127, 127]);
  });

  test('CMYK becomes RGB', async () => {
    const image = await decodeImage(await drawn().toColourspace('cmyk').jpeg({ quality: 100 }).toBuffer());
    expect([image.width, image.height, image.data.length]).toEqual([32, 48, tiles.length]);
    expect(tilesOf(image)).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test('a colour profile is not applied', async () => {
    const image = await decodeImage(await drawn().withIccProfile('p3').png().toBuffer());
    const kept = await sharp(await drawn().withIccProfile('p3').png().toBuffer(), { ignoreIcc: true })
      .raw()
      .toBuffer();
    expect(Buffer.compare(image.data, kept)).toBe(0);
  });
});

describe('what is refused, with a code', () => {
  const codeOf = async (work: Promise<unknown>): Promise<string> => {
    const error = await work.catch((cause) => cause);
    return isDiptychError(error) ? `${error.code} ${error.message}` : `no coded error: ${error}`;
  };

  test('files that are no pictures', async () => {
    const folder = temporaryFolder();
    const at = (name: string): string => join(folder, name);
    writeFileSync(at('empty.jpg'), '');
    writeFileSync(at('text.jpg'), 'not a picture');
    mkdirSync(at('folder.jpg'));
    execFileSync('mkfifo', [at('pipe.jpg')]);
    const refused = (name: string, reason: string): string =>
      `DIPTYCH_IMAGE_UNREADABLE ${at(name)}: no readable picture (${reason})`;
    expect(await codeOf(decodeImage(at('empty.jpg')))).toBe(refused('empty.jpg', 'an empty file'));
    expect(await codeOf(decodeImage(at('folder.jpg')))).toBe(refused('folder.jpg', 'a folder'));
    expect(await codeOf(decodeImage(at('pipe.jpg')))).toBe(refused('pipe.jpg', 'not a file'));
    expect(await codeOf(decodeImage(at('absent.jpg')))).toBe(refused('absent.jpg', 'no such file'));
    expect(await codeOf(decodeImage(at('text.jpg')))).toMatch(/^DIPTYCH_IMAGE_UNREADABLE .*unsupported image format/);
  });

  test('cut off anywhere within its pixels, a JPEG is refused rather than half grey', async () => {
    const jpeg = await drawn().jpeg().toBuffer();
    for (const share of [0.01, 0.3, 0.6, 0.9]) {
      const cut = jpeg.subarray(0, Math.floor(jpeg.length * share));
      expect(await codeOf(decodeImage(cut)), `${share}`).toMatch(/^DIPTYCH_IMAGE_UNREADABLE/);
    }
  });

  test('too many bytes or pixels, before anything is decoded', async () => {
    const path = join(temporaryFolder(), 'wide.png');
    const wide = { create: { width: 50_000, height: 30, channels: 3, background: '#123456' } } as const;
    writeFileSync(path, await sharp(wide).png().toBuffer());
    const bytes = { bytes: 100, pixels: 1e9 };
    expect(await codeOf(decodeImage(path, { limits: bytes }))).toMatch(/^DIPTYCH_IMAGE_TOO_LARGE .* bytes, above/);
    const pixels = { bytes: 1e6, pixels: 1e6 };
    expect(await codeOf(decodeImage(path, { limits: pixels }))).toBe(
      `DIPTYCH_IMAGE_TOO_LARGE ${path}: 1500000 pixels, above the limit of 1000000`,
    );
    expect((await decodeImage(path)).width).toBe(50_000);
  });

  test('a size that is claimed but not there costs no memory', async () => {
    const png = await drawn().png().toBuffer();
    png.writeUInt32BE(50_000, 16);
    png.writeUInt32BE(50_000, 20);
    expect(await codeOf(decodeImage(png))).toMatch(/^DIPTYCH_IMAGE_(TOO_LARGE|UNREADABLE)/);
  });

  test('fuzz: a damaged picture is decoded or refused with a code, never anything else', async () => {
    const formats = ['png', 'jpeg', 'webp', 'gif', 'tiff'] as const;
    const sources = await Promise.all(formats.map((format) => drawn().toFormat(format).toBuffer()));
    const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 8 });
    const cut = fc.double({ min: 0.5, max: 1, noNaN: true });
    await fc.assert(
      fc.asyncProperty(fc.nat(formats.length - 1), damage, cut, async (which, changes, share) => {
        const bytes = Buffer.from(sources[which]);
        for (const [place, value] of changes) bytes[place % bytes.length] = value;
        const end = await decodeImage(bytes.subarray(0, Math.ceil(bytes.length * share)), {
          limits: { bytes: 1e6, pixels: 4e6 },
        }).then(
          (image) => image.data.length === image.width * image.height * 3,
          (error) => isDiptychError(error) && error.code.startsWith('DIPTYCH_IMAGE_'),
        );
        expect(end).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

/** @file Picture files of every kind that comes: whole, cut off, changed, of another kind than they say, of sizes that no memory holds. */
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import sharp from 'sharp';

export type Bytes = Uint8Array<ArrayBuffer>;

/** Bytes with some of them changed, or cut off. */
export function mutatedBytes(bytes: Bytes): fc.Arbitrary<Bytes> {
  const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 6 });
  const share = fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: 1, freq: 3 });
  return fc.tuple(changes, share).map(([all, kept]) => {
    const changed = Uint8Array.from(bytes);
    if (changed.length > 0) for (const [place, value] of all) changed[place % changed.length] = value;
    return changed.slice(0, Math.ceil(kept * changed.length));
  });
}

/** Readable pictures, in the kinds that are taken and in some that are not. */
async function pictures(): Promise<Bytes[]> {
  const red = sharp({ create: { width: 9, height: 7, channels: 3, background: '#ff0000' } });
  const all = [
    red.clone().png(),
    red.clone().jpeg(),
    red.clone().withMetadata({ orientation: 6 }).jpeg({ progressive: true }),
    red.clone().webp(),
    red.clone().gif(),
    red.clone().tiff(),
    red.clone().avif(),
    red.clone().toColourspace('cmyk').jpeg(),
    red.clone().ensureAlpha(0.5).png({ palette: true }),
    red.clone().toColourspace('b-w').png({ palette: true, colours: 2 }),
  ];
  return Promise.all(all.map(async (one) => Uint8Array.from(await one.toBuffer())));
}

/** A PNG whose header promises so many pixels; its checksum is right. */
function hugePng(png: Bytes, width: number, height: number): Bytes {
  const huge = Uint8Array.from(png);
  const view = new DataView(huge.buffer);
  view.setUint32(16, width);
  view.setUint32(20, height);
  view.setUint32(29, crc32(huge.subarray(12, 29)));
  return huge;
}

/** A JPEG whose frame header promises so many pixels. */
function hugeJpeg(jpeg: Bytes, width: number, height: number): Bytes {
  const huge = Uint8Array.from(jpeg);
  const view = new DataView(huge.buffer);
  for (let at = 2; at + 9 < huge.length && huge[at] === 0xff; at += 2 + view.getUint16(at + 2)) {
    if (huge[at + 1] < 0xc0 || huge[at + 1] > 0xc2) continue;
    view.setUint16(at + 5, height);
    view.setUint16(at + 7, width);
    break;
  }
  return huge;
}

const bytesOf = (text: string): Bytes => Uint8Array.from(Buffer.from(text, 'latin1'));
const others = [
  '',
  'GIF89a',
  '%PDF-1.7\n',
  'PK\u0003\u0004',
  '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image href="file:///etc/passwd"/></svg>',
  '<svg width="1000000000" height="1000000000"/>',
  '<!doctype html><script>alert(1)</script>',
  'BM\u0000\u0000',
  'RIFF\u0004\u0000\u0000\u0000WEBP',
  'P6 65535 65535 255\n',
].map(bytesOf);

/** Mostly whole pictures. */
export async function pictureFiles(): Promise<fc.Arbitrary<Bytes>> {
  const whole = await pictures();
  const [png, jpeg] = whole;
  const huge = [
    [2 ** 31 - 1, 2 ** 31 - 1],
    [65535, 65535],
    [0, 9],
    [1, 2 ** 30],
  ].flatMap(([width, height]) => [hugePng(png, width, height), hugeJpeg(jpeg, width & 0xffff, height & 0xffff)]);
  return fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...whole.slice(0, 5)) },
    { weight: 1, arbitrary: fc.constantFrom(...whole) },
    { weight: 2, arbitrary: fc.constantFrom(...whole).chain(mutatedBytes) },
    { weight: 1, arbitrary: fc.constantFrom(...huge) },
    { weight: 1, arbitrary: fc.constantFrom(...others) },
  );
}

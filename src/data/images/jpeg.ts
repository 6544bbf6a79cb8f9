/** @file The size of a JPEG as it is shown, read from its header: no decoder is opened for it. */

/** Markers, the byte after 0xff. */
const MARKER = { start: 0xd8, end: 0xd9, scan: 0xda, app1: 0xe1, temporary: 0x01, restart: 0xd0 } as const;
/** Tables and codings whose numbers lie between those of frames. */
const NO_FRAME = [0xc4, 0xc8, 0xcc];
/** Tag of the orientation in the first directory of EXIF, and its type, a 16-bit number. */
const ORIENTATION = { tag: 0x0112, type: 3 } as const;
/** From here on, width and height change places. */
const TURNED = 5;

/**
 * The size of a JPEG, turned upright by its EXIF orientation.
 *
 * @returns undefined for what is no JPEG, or one that is unusual: then a decoder has to be asked
 */
export function jpegSize(bytes: Uint8Array): { readonly width: number; readonly height: number } | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const is16 = (at: number, value: number): boolean => at + 2 <= bytes.length && view.getUint16(at) === value;
  if (!is16(0, 0xff00 + MARKER.start)) return undefined;
  let orientation: number | undefined;
  for (let at = 2; at + 4 <= bytes.length; ) {
    const marker = bytes[at + 1];
    if (bytes[at] !== 0xff || marker === MARKER.end || marker === MARKER.scan) return undefined;
    if (marker === 0xff || marker === MARKER.temporary || (marker >= MARKER.restart && marker < MARKER.start)) {
      at += marker === 0xff ? 1 : 2;
      continue;
    }
    const end = at + 2 + view.getUint16(at + 2);
    if (end > bytes.length) return undefined;
    if (marker >= 0xc0 && marker <= 0xcf && !NO_FRAME.includes(marker)) {
      return end < at + 9 ? undefined : upright(view.getUint16(at + 7), view.getUint16(at + 5), orientation ?? 1);
    }
    if (marker === MARKER.app1 && startsWithExif(bytes, at + 4)) {
      // A second one, or one that is not as it should be: who knows which would be believed.
      const found = orientation === undefined ? orientationOf(bytes.subarray(at + 10, end)) : undefined;
      if (found === undefined) return undefined;
      orientation = found;
    }
    at = end;
  }
  return undefined;
}

/** A height of 0 says that it comes after the picture. */
function upright(width: number, height: number, orientation: number) {
  if (width === 0 || height === 0) return undefined;
  return orientation < TURNED ? { width, height } : { width: height, height: width };
}

function startsWithExif(bytes: Uint8Array, at: number): boolean {
  return [0x45, 0x78, 0x69, 0x66, 0, 0].every((byte, i) => bytes[at + i] === byte);
}

/** The orientation that EXIF (a TIFF header and its first directory) tells, 1 if none; undefined if it is not in order. */
function orientationOf(tiff: Uint8Array): number | undefined {
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength);
  if (tiff.length < 8) return undefined;
  const order = view.getUint16(0);
  if (order !== 0x4949 && order !== 0x4d4d) return undefined;
  const little = order === 0x4949;
  const directory = view.getUint32(4, little);
  if (view.getUint16(2, little) !== 42 || directory + 2 > tiff.length) return undefined;
  const entries = view.getUint16(directory, little);
  if (directory + 2 + 12 * entries > tiff.length) return undefined;
  for (let entry = 0; entry < entries; entry++) {
    const at = directory + 2 + 12 * entry;
    if (view.getUint16(at, little) !== ORIENTATION.tag) continue;
    const value = view.getUint16(at + 8, little);
    const plain = view.getUint16(at + 2, little) === ORIENTATION.type && view.getUint32(at + 4, little) === 1;
    return plain && value >= 1 && value <= 8 ? value : undefined;
  }
  return 1;
}

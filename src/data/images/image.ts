/** @file A decoded picture: 8-bit red, green and blue, interleaved, rows from the top. */

export interface RgbImage {
  readonly width: number;
  readonly height: number;
  /** `height * width * 3` bytes. */
  readonly data: Uint8Array;
}

/** A part of a picture in pixels; edges may lie between pixels. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** The box that is the whole picture. */
export function wholeBox(image: RgbImage): Box {
  return { left: 0, top: 0, right: image.width, bottom: image.height };
}

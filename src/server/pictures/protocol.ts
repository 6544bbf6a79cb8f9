/** @file What is asked of the process that reads pictures. */

export interface WorkshopSetup {
  readonly pixels: number;
  readonly bytes: number;
}

export type WorkshopRequest =
  /** A small picture, as WebP; its longest side has at most so many pixels. */
  | { readonly kind: 'thumbnail'; readonly path: string; readonly size: number }
  /** What a picture that was sent is, decoded once to be sure that it can be. */
  | { readonly kind: 'inspect'; readonly bytes: Uint8Array };

export interface Inspected {
  /** Ending of a file of this kind, such as `jpg`. */
  readonly ending: string;
  readonly width: number;
  readonly height: number;
}

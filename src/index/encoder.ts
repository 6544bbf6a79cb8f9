/** @file What turns pictures and texts into vectors of one space: a bundle, or anything else that can. */

/** Vectors of both kinds have the same dimension and are compared by their inner product. */
export interface Encoder {
  /** Says which model with which preprocessing this is. Vectors of different fingerprints are never mixed. */
  readonly fingerprint: string;
  readonly dimension: number;
  /**
   * One vector for each file, or what was wrong with it; the others of the batch are encoded all the same. Called again before
   * the last call is answered, so that the end of one batch need not leave the model without work.
   */
  encodeImages(files: readonly string[]): Promise<(Float32Array | { readonly error: string })[]>;
  /** One vector for each text. */
  encodeTexts(texts: readonly string[]): Promise<Float32Array[]>;
  close(): Promise<void>;
}

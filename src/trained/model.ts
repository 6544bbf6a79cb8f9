/** @file What a trained model is to an evaluation: vectors of images and captions, and the facts to report beside them. */
import type { ImageRecord } from '../data/dataset.ts';
import type { Embeddings } from '../evaluation/scores.ts';
import type { Progress } from '../system/progress.ts';

export interface EmbedOptions {
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

export interface TrainedModel {
  /** As people call it. */
  readonly name: string;
  /** Where it lies, and where its test runs are recorded. */
  readonly folder: string;
  /** SHA-256 of the weights and of what goes with them. */
  readonly fingerprint: string;
  /** Where the numbers that enter the image tower come from, in words. */
  readonly featureSource: string;
  /** Where vectors are two halves: the share of the second one in the score; undefined otherwise. */
  readonly share: number | undefined;
  /** The split that chose the checkpoint, and the seed it was trained with; undefined where that is not known. */
  readonly selectedOn: string | undefined;
  readonly seed: number | undefined;
  /**
   * Unit vectors of the images, and of their captions image by image.
   *
   * @throws coded errors of features, pictures and tokens
   */
  embed(images: readonly ImageRecord[], options: EmbedOptions): Promise<Embeddings>;
  close(): Promise<void>;
}

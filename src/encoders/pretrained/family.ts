/** @file What a family of models is: all that reading one of them needs to know, as one table of functions. */
import type { z } from 'zod';
import type { Preprocessing } from '../../data/images/preprocessing.ts';
import type { Tree } from '../../graph/tree.ts';
import type { ParameterSpec } from '../../nn/parameters.ts';
import type { PretrainedImageEncoder, PretrainedTextEncoder } from './encoder.ts';
import type { PreprocessorDefaults } from './preprocessor.ts';
import type { Naming, Weights } from './weights.ts';

/** A model of a family, in parts. */
export interface ModelParts<C> {
  /** Where it was read from; named in errors. */
  readonly folder: string;
  readonly config: C;
  readonly weights: Weights;
  /** Of families that read pictures. */
  readonly preprocessing: Preprocessing | undefined;
}

/** The sides that a model has. */
export interface Encoders {
  readonly text?: PretrainedTextEncoder;
  readonly image?: PretrainedImageEncoder;
}

export interface Family<C> {
  /** Of config.json. */
  readonly schema: z.ZodType<C>;
  /** Names of the tensors. */
  naming(config: C): Naming;
  /** How pictures are prepared where the folder does not say; absent from families that read none. */
  readonly pictures?: (config: C) => PreprocessorDefaults;
  encoders(parts: ModelParts<C>): Encoders;
  /** What cosines were divided by in training, of families with both sides. */
  readonly temperature?: (parameters: Tree<ParameterSpec>) => number | undefined;
}

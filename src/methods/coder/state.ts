/** @file What CODER is made of: its options, and the parameters and memory that follow from them. */
import type { DualEncoder } from '../../encoders/tower.ts';
import { DiptychError } from '../../errors/error.ts';
import type { Tree } from '../../graph/tree.ts';
import { xavierUniform } from '../../nn/initialisers.ts';
import { type ParameterSpec, parameter } from '../../nn/parameters.ts';
import { copySpecs } from '../objectives/momentum.ts';
import { type Queues, queueSpecs, unitRows } from '../objectives/queue.ts';
import { logScaleParameter } from '../objectives/temperature.ts';
import {
  type Branch,
  type BranchOptions,
  type BranchStatistics,
  branchParameters,
  branchStatistics,
} from './branch.ts';
import { type Labelling, type LabelMemory, labelMemory } from './clusters.ts';
import { type WeightHead, weightHeadParameters } from './contrast.ts';
import type { ContrastOptions } from './dictionary.ts';

export interface CoderOptions {
  /** The towers that are trained. */
  readonly encoder: DualEncoder;
  /** Pairs of a batch. */
  readonly pairs: number;
  readonly contrast: ContrastOptions & { readonly temperature: number; readonly learnTemperature: boolean };
  readonly keys: {
    /** Keys of each queue, a multiple of the pairs; 0 for no queue: then L_batch alone is left of L_DCL. */
    readonly queue: number;
    /** m. */
    readonly momentum: number;
    /** Whether keys are encoded as for inference, without dropout and by running statistics, or as in training. */
    readonly mode: 'inference' | 'training';
    /** Whether keys see the augmented batch of the queries, or one that was augmented anew. */
    readonly augmentation: 'same' | 'independent';
  };
  /** Undefined: without the concept branch, and without the pseudo labels that it learns to tell. */
  readonly concepts?:
    | (BranchOptions & { readonly weight: number; readonly clusters?: ClusterOptions | undefined })
    | undefined;
}

export interface ClusterOptions {
  readonly labelling: Labelling;
  /** K. */
  readonly prototypes: number;
  /** λ_p. */
  readonly weight: number;
  /** λ_s; kmeans learns no prototypes and has no such term. */
  readonly swapWeight: number;
  /** τ_p. */
  readonly predictionTemperature: number;
  /** τ_s. */
  readonly swapTemperature: number;
  /** Whether L_pred reaches the towers through the query of the concepts; else it trains the concept branch alone. */
  readonly predictionReachesTowers: boolean;
  /** Whether L_swap reaches the towers; else it trains the prototypes alone. */
  readonly swapReachesTowers: boolean;
}

/** Parameters of the objective. */
export type CoderParameters<L> = {
  readonly logScale?: L;
  readonly weights?: { readonly instance: WeightHead<L>; readonly concept?: WeightHead<L> };
  readonly concept?: Branch<L>;
  /** Γ [K, d]. */
  readonly prototypes?: L;
  /** W_c [K, d]. */
  readonly head?: L;
};

/** Its memory. */
export type CoderMemory<L> = {
  readonly keys?: { readonly image: Tree<L>; readonly text: Tree<L>; readonly concept?: Branch<L> };
  readonly queues?: Queues<L>;
  /** Running statistics of the query modules. */
  readonly statistics?: BranchStatistics<L>;
  readonly labels?: LabelMemory<L>;
};

/** First values of the parameters. */
export function parametersOf({ encoder, contrast, concepts }: CoderOptions): CoderParameters<ParameterSpec> {
  const { dimension } = encoder;
  const clusters = concepts?.clusters;
  const head = weightHeadParameters(contrast.weighting, dimension);
  return {
    ...(contrast.learnTemperature && { logScale: logScaleParameter(contrast.temperature) }),
    ...(head && { weights: { instance: head, ...(concepts && { concept: head }) } }),
    ...(concepts && { concept: branchParameters(concepts, dimension, encoder.text.parameters) }),
    ...(clusters &&
      clusters.labelling.kind !== 'kmeans' && {
        prototypes: parameter([clusters.prototypes, dimension], unitRows('prototypes', clusters.prototypes, dimension)),
      }),
    ...(clusters && { head: parameter([clusters.prototypes, dimension], xavierUniform()) }),
  };
}

/** First values of the memory; those of the copies are put in place by `beginCopies`. @throws DIPTYCH_QUEUE_LENGTH */
export function memoryOf(options: CoderOptions): CoderMemory<ParameterSpec> {
  const { encoder, keys, concepts, pairs } = options;
  const { dimension } = encoder;
  const clusters = concepts?.clusters;
  const names = ['image', 'text', ...(concepts ? ['conceptImage', 'conceptText'] : [])];
  return {
    ...((keys.queue > 0 || clusters) && {
      keys: {
        image: copySpecs(encoder.image.parameters),
        text: copySpecs(encoder.text.parameters),
        ...(concepts &&
          keys.queue > 0 && { concept: copySpecs(branchParameters(concepts, dimension, encoder.text.parameters)) }),
      },
    }),
    ...(keys.queue > 0 && { queues: queueSpecs(names, keys.queue, dimension, pairs) }),
    ...(concepts && { statistics: branchStatistics(dimension) }),
    ...(clusters && { labels: labelMemory(clusters.labelling, clusters.prototypes, dimension) }),
  };
}

/** @throws DIPTYCH_QUEUE_LENGTH, DIPTYCH_CODER_QUEUE_SHORT */
export function requireKeys({ keys: { queue }, contrast: { weighting }, concepts, pairs }: CoderOptions): void {
  if (queue % pairs !== 0) throw new DiptychError('DIPTYCH_QUEUE_LENGTH', { queue, pairs });
  const labelling = concepts?.clusters?.labelling;
  const wanted: (readonly [string, number])[] = [
    ['dcl-h', weighting.form === 'dcl-h' ? weighting.nearest : 0],
    // Keys of both modalities are clustered together.
    ['kmeans', labelling?.kind === 'kmeans' ? Math.ceil(concepts!.clusters!.prototypes / 2) : 0],
    ['sinkhorn', labelling?.kind === 'sinkhorn' ? labelling.newest : 0],
  ];
  for (const [what, count] of wanted) {
    if (count > queue) throw new DiptychError('DIPTYCH_CODER_QUEUE_SHORT', { what, wanted: count, queue });
  }
}

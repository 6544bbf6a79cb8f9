/** @file What CODER is made of: its options, and the parameters and memory that follow from them. */
import type { DualEncoder } from '../../encoders/tower.ts';
import type { Tree } from '../../graph/tree.ts';
import { xavierUniform, zeros } from '../../nn/initialisers.ts';
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
import type { Labelling, LabelMemory } from './clusters.ts';
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
  /** m of prototypes that are a running mean of the keys assigned to them; undefined where L_swap learns them, and for kmeans. */
  readonly prototypeMomentum?: number | undefined;
  /** λ_s, where L_swap learns the prototypes. */
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
  /** Γ [K, d], where it is learnt. */
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
    ...(clusters && learnsPrototypes(clusters) && { prototypes: firstPrototypes(clusters, dimension) }),
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
    ...(clusters && { labels: labelMemory(clusters, dimension) }),
  };
}

function labelMemory(clusters: ClusterOptions, dimension: number): LabelMemory<ParameterSpec> {
  return {
    ...(!learnsPrototypes(clusters) && { prototypes: firstPrototypes(clusters, dimension) }),
    ...(clusters.labelling.kind === 'centred' && { centre: parameter([1, clusters.prototypes], zeros) }),
  };
}

/** Whether L_swap moves the prototypes, rather than the keys themselves. */
function learnsPrototypes({ labelling, prototypeMomentum }: ClusterOptions): boolean {
  return labelling.kind !== 'kmeans' && prototypeMomentum === undefined;
}

function firstPrototypes({ prototypes }: ClusterOptions, dimension: number): ParameterSpec {
  return parameter([prototypes, dimension], unitRows('prototypes', prototypes, dimension));
}

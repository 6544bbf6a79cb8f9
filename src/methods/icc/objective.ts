/**
 * @file ICC as one objective: a cross-modal contrast and one inside each modality, on two views.
 *
 *     L = L_IT + λ_I · L_I + λ_T · L_T
 */
import type { DualEncoder } from '../../encoders/tower.ts';
import { add, exp, maximum, minimum, multiply, not, stopGradient } from '../../graph/ops/elementwise.ts';
import { tensorOf } from '../../graph/ops/leaves.ts';
import { matmul } from '../../graph/ops/product.ts';
import { maskedMean, mean } from '../../graph/ops/reduce.ts';
import type { Spec, Tensor } from '../../graph/tensor.ts';
import type { Tree } from '../../graph/tree.ts';
import type { ParameterSpec } from '../../nn/parameters.ts';
import { type Objective, type Scene, type Term, termOf } from '../objective.ts';
import { copySpecs, follow } from '../objectives/momentum.ts';
import { ntXent } from '../objectives/nt-xent.ts';
import { enqueue, type Queues, queueSpecs, sameInQueue } from '../objectives/queue.ts';
import { countTrue, diagonal, twinsOf } from '../objectives/relation.ts';
import { fixedScale, logScaleParameter } from '../objectives/temperature.ts';
import { crossModal, type Duplicates } from './cross.ts';
import { either, type Guarded, type GuardOptions, guardOf, type Teacher, teacherSpecs } from './guard.ts';
import { type Head, type HeadOptions, headParameters, headVectors } from './heads.ts';
import { momentumContrast } from './momentum-contrast.ts';
import { firstViews, imageView, textView, type View, type ViewInputs, viewSpecs } from './views.ts';

/** The contrast inside one modality. */
export interface UniModalOptions {
  /** λ; 0 leaves it out, with its head. */
  readonly weight: number;
  /** τ. */
  readonly temperature: number;
  readonly head: HeadOptions;
}

/** What TCL's contrast keeps: momentum copies of the towers, and queues of their keys. */
export interface MomentumOptions {
  /** Keys of each queue, a multiple of the pairs. */
  readonly queue: number;
  /** m. */
  readonly momentum: number;
}

export interface IccOptions {
  readonly encoder: DualEncoder;
  /** Pairs of a batch. */
  readonly pairs: number;
  /** Width of what the uni-modal heads read. */
  readonly width: number;
  readonly cross: {
    readonly temperature: number;
    readonly learnTemperature: boolean;
    readonly duplicates: Duplicates;
    /** Views that are contrasted: the first of both sides; first with first and second with second; or all four. */
    readonly views: 'first' | 'same' | 'all';
  };
  readonly image: UniModalOptions;
  readonly text: UniModalOptions;
  /** Whether the images' contrast is between a second and a third view, and the first is the cross-modal loss's own (SLIP). */
  readonly thirdView: boolean;
  /** TCL's contrast inside modalities, without heads and temperatures of its own; NT-Xent unless given. */
  readonly momentum?: MomentumOptions | undefined;
  /** Length of the teacher's vectors; that of the towers' unless given. */
  readonly teacherDimension?: number;
  /** Undefined: no guard, and no teacher is fed. */
  readonly guard?: GuardOptions | undefined;
}

/** Which of the losses count in a stage. */
export interface Parts {
  readonly cross: boolean;
  readonly uniModal: boolean;
  /** Whether vectors of frozen towers are fed, which have one view: nothing is read beside the batch then. */
  readonly stored?: boolean;
}

export const iccName = 'icc';

/** Parameters of the objective. */
export type IccParameters<L> = {
  /** a = log s. */
  readonly logScale?: L;
  readonly heads: { readonly image?: Head<L>; readonly text?: Head<L> };
};

/** Momentum copies and queues of the modalities that are contrasted by them. */
export type IccMemory<L> = {
  readonly keys?: { readonly image?: Tree<L>; readonly text?: Tree<L> };
  readonly queues?: Queues<L>;
};

type Inputs<L> = { readonly views?: ViewInputs<L>; readonly teacher?: Teacher<L> };

/** Largest a, as in CLIP; the smallest is 0. */
const largestLogScale = Math.log(100);

/**
 * The objective of ICC. It reads the batch entries `views` (see `ViewInputs`) where a second view is wanted, and `teacher` with a
 * guard.
 *
 * @param parts what counts; parameters and memory are the same whatever counts, so that stages share them
 */
export function iccObjective(options: IccOptions, parts: Parts = { cross: true, uniModal: true }): Objective {
  const { encoder, pairs, cross, image, text, guard, width, momentum } = options;
  const memory = memoryOf(options);
  const parameters: IccParameters<ParameterSpec> = {
    ...(cross.learnTemperature && { logScale: logScaleParameter(cross.temperature) }),
    heads: {
      ...(image.weight > 0 && !momentum && { image: headParameters(width, image.head) }),
      ...(text.weight > 0 && !momentum && { text: headParameters(width, text.head) }),
    },
  };
  const inputs: Inputs<Spec> = parts.stored
    ? {}
    : {
        ...(needsViews(options) && { views: viewSpecs(encoder, pairs, { third: options.thirdView }) }),
        ...(guard && { teacher: teacherSpecs(pairs, options.teacherDimension ?? encoder.dimension) }),
      };
  return {
    name: iccName,
    parameters: parameters as Tree<ParameterSpec>,
    memory: memory as Tree<ParameterSpec>,
    inputs: inputs as Tree<Spec>,
    copies: Object.fromEntries(Object.keys(memory.keys ?? {}).map((side) => [`keys.${side}`, side])),
    term: termOf((own: IccParameters<Tensor>, remembered: IccMemory<Tensor>, given: Inputs<Tensor>, scene) =>
      term(options, parts, own, remembered, given, scene),
    ),
    // a ∈ [0, ln 100]; at its ends gradient still moves it back, which a clamp inside the loss would not let through.
    settle: (own) => {
      const { logScale } = own as IccParameters<Tensor>;
      return logScale ? { ...own, logScale: maximum(minimum(logScale, largestLogScale), 0) } : own;
    },
  };
}

/** Sides that are contrasted inside their modality. */
function contrasted({ image, text }: Pick<IccOptions, 'image' | 'text'>): ('image' | 'text')[] {
  return [...(image.weight > 0 ? (['image'] as const) : []), ...(text.weight > 0 ? (['text'] as const) : [])];
}

/** @throws DIPTYCH_QUEUE_LENGTH */
function memoryOf(options: IccOptions): IccMemory<ParameterSpec> {
  const { momentum, encoder, pairs } = options;
  const sides = contrasted(options);
  if (!momentum || sides.length === 0) return {};
  return {
    keys: Object.fromEntries(sides.map((side) => [side, copySpecs(encoder[side].parameters)])),
    queues: queueSpecs(sides, momentum.queue, encoder.dimension, pairs),
  };
}

/** What says which views are read. */
export interface ViewNeeds {
  readonly cross: Pick<IccOptions['cross'], 'views'>;
  readonly image: Pick<UniModalOptions, 'weight'>;
  readonly text: Pick<UniModalOptions, 'weight'>;
}

/** Whether a second view is read at all: without it a step costs what one of CLIP does. */
export function needsViews({ cross, image, text }: ViewNeeds): boolean {
  return cross.views !== 'first' || image.weight > 0 || text.weight > 0;
}

function term(
  options: IccOptions,
  { cross, uniModal }: Parts,
  own: IccParameters<Tensor>,
  memory: IccMemory<Tensor>,
  { views, teacher }: Inputs<Tensor>,
  scene: Scene,
): Term<IccMemory<Tensor>> {
  const { encoder, guard, thirdView, momentum } = options;
  const first = firstViews(scene);
  const guarded = guard && teacher ? guardOf(teacher, scene.sameImage, guard) : undefined;
  // Under TCL's contrast second views go through the trained towers only where the cross-modal loss reads them.
  const second =
    views && (!momentum || options.cross.views !== 'first')
      ? {
          image: imageView(encoder, scene, views.image, 2),
          text: textView(encoder, scene, views.text, views.place),
        }
      : undefined;
  const losses: Tensor[] = [];
  const metrics: Record<string, Tensor> = {
    negativeScore: maskedMean(scene.scores, not(scene.sameImage)),
    maskedNegatives: countTrue(twinsOf(scene.sameImage)),
    ...(guarded && { guardRate: guarded.rate }),
  };
  if (cross) {
    const { loss, scale } = crossOf(options, own, first, second, guarded, scene);
    losses.push(loss);
    Object.assign(metrics, { cross: loss, positiveScore: mean(diagonal(scene.scores)), logitScale: scale });
  }
  const remembered = memory.keys ? following(memory, scene, momentum!.momentum) : memory;
  if (uniModal && views && remembered.queues) {
    const { losses: ofSides, queues } = byMomentum(options, own, remembered, views, guarded, scene);
    for (const [side, loss] of Object.entries(ofSides)) {
      losses.push(multiply(loss, options[side as 'image' | 'text'].weight));
      metrics[side] = loss;
    }
    return { loss: losses.reduce(add), metrics, memory: { ...remembered, queues } };
  }
  if (uniModal && second) {
    const third = thirdView && views!.third ? imageView(encoder, scene, views!.third, 3) : undefined;
    const contrasts = {
      image: {
        options: options.image,
        head: own.heads.image,
        pair: [third ?? first.image, second.image],
        alike: guarded?.images,
      },
      text: { options: options.text, head: own.heads.text, pair: [first.text, second.text], alike: guarded?.texts },
    };
    for (const [name, { options: how, head, pair, alike }] of Object.entries(contrasts)) {
      if (!head) continue;
      const [a, b] = pair.map(({ output }) => headVectors(head, output, how.head));
      const { loss } = ntXent(a, b, either(scene.sameImage, alike), how.temperature);
      losses.push(multiply(loss, how.weight));
      metrics[name] = loss;
    }
  }
  return { loss: losses.reduce(add), metrics, memory: remembered };
}

/** The copies follow in every step, whatever counts in it. */
function following(memory: IccMemory<Tensor>, { towers }: Scene, momentum: number): IccMemory<Tensor> {
  const keys = Object.entries(memory.keys ?? {}).map(([side, copy]) => [
    side,
    follow(copy, towers[side as 'image' | 'text'], momentum),
  ]);
  return { ...memory, keys: Object.fromEntries(keys) };
}

/** TCL's contrast of each modality, and the queues with the keys of this batch in them. */
function byMomentum(
  options: IccOptions,
  own: IccParameters<Tensor>,
  { keys, queues }: IccMemory<Tensor>,
  views: ViewInputs<Tensor>,
  guarded: Guarded | undefined,
  scene: Scene,
): { losses: Record<string, Tensor>; queues: Queues<Tensor> } {
  const { encoder } = options;
  const scale = scaleOf(options, own);
  const queued = sameInQueue(queues!, scene.imageIds);
  const losses: Record<string, Tensor> = {};
  const entries: Record<string, Tensor> = {};
  for (const side of contrasted(options)) {
    const view =
      side === 'image'
        ? imageView(encoder, scene, views.image, 2, { image: keys!.image! })
        : textView(encoder, scene, views.text, views.place, { text: keys!.text! });
    const alike = either(scene.sameImage, side === 'image' ? guarded?.images : guarded?.texts);
    entries[side] = stopGradient(view.embedding);
    losses[side] = momentumContrast(
      scene[side].embedding,
      alike,
      {
        batch: entries[side],
        queue: stopGradient(queues!.keys[side]),
        queued,
        fragments: view.fragments,
        place: side === 'text' ? views.place : undefined,
      },
      scale,
    );
  }
  return { losses, queues: enqueue(queues!, entries, scene.imageIds) };
}

/** s. */
function scaleOf({ cross }: IccOptions, { logScale }: IccParameters<Tensor>): Tensor {
  return logScale ? exp(logScale) : tensorOf(fixedScale(cross.temperature));
}

/** L_IT, averaged over the views that are contrasted. */
function crossOf(
  options: IccOptions,
  own: IccParameters<Tensor>,
  first: { readonly image: View; readonly text: View },
  second: { readonly image: View; readonly text: View } | undefined,
  guarded: Guarded | undefined,
  scene: Scene,
): { loss: Tensor; scale: Tensor } {
  const { cross } = options;
  const scale = scaleOf(options, own);
  const how = { duplicates: cross.duplicates, dropped: guarded?.dropped };
  const contrast = (image: View, text: View) =>
    crossModal(matmul(image.embedding, text.embedding, { transposeB: true }), scene.sameImage, scale, how);
  const chosen: (readonly [View, View])[] = [[first.image, first.text]];
  if (second && cross.views !== 'first') chosen.push([second.image, second.text]);
  if (second && cross.views === 'all') chosen.push([first.image, second.text], [second.image, first.text]);
  const losses = chosen.map(([image, text]) => contrast(image, text));
  return { loss: multiply(losses.reduce(add), 1 / losses.length), scale };
}

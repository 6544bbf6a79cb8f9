/**
 * @file CODER as one objective: contrast of both branches with dictionaries of momentum keys, and pseudo labels.
 *
 *     L = L_DCL(instance) + λ_c L_DCL(concept) + λ_p ( L_pred + λ_s L_swap )
 */
import type { Mode } from '../../encoders/tower.ts';
import { add, multiply, stopGradient } from '../../graph/ops/elementwise.ts';
import { l2Normalize } from '../../graph/ops/reduce.ts';
import type { Spec, Tensor } from '../../graph/tensor.ts';
import type { Tree } from '../../graph/tree.ts';
import type { ParameterSpec } from '../../nn/parameters.ts';
import { type Objective, type Scene, type Term, termOf } from '../objective.ts';
import { follow } from '../objectives/momentum.ts';
import { enqueue, type Queues, sameInQueue } from '../objectives/queue.ts';
import { countTrue, twinsOf } from '../objectives/relation.ts';
import { fixedScale, learnedScale } from '../objectives/temperature.ts';
import { ask, type Branch, type BranchOptions, type BranchStatistics, conceptCount, conceptVectors } from './branch.ts';
import { assign, clustersInUse, predictionLoss, runningMean, swapLoss } from './clusters.ts';
import { type Both, branchContrast, type Dictionary } from './dictionary.ts';
import { encodeViews, type KeyViews, keyViewSpecs } from './key-views.ts';
import {
  type ClusterOptions,
  type CoderMemory,
  type CoderOptions,
  type CoderParameters,
  memoryOf,
  parametersOf,
} from './state.ts';

export const coderName = 'coder';

/**
 * The objective of CODER. It reads the batch entry `labels` [pairs, concepts] where words are mixed into the query of the text
 * side (`labelShare` above 0), and `views`, the batch once more, where keys are augmented on their own.
 *
 * @throws DIPTYCH_QUEUE_LENGTH
 */
export function coderObjective(options: CoderOptions): Objective & Required<Pick<Objective, 'copies' | 'settle'>> {
  const memory = memoryOf(options);
  return {
    name: coderName,
    parameters: parametersOf(options) as Tree<ParameterSpec>,
    memory: memory as Tree<ParameterSpec>,
    inputs: inputsOf(options, memory) as Tree<Spec>,
    copies: memory.keys
      ? {
          'keys.image': 'image',
          'keys.text': 'text',
          ...(memory.keys.concept && { 'keys.concept': `objectives.${coderName}.concept` }),
        }
      : {},
    term: termOf((own: CoderParameters<Tensor>, remembered: CoderMemory<Tensor>, inputs: Inputs<Tensor>, scene) =>
      term(options, own, remembered, inputs, scene),
    ),
    settle: (own) => {
      const { prototypes } = own as CoderParameters<Tensor>;
      return prototypes ? { ...own, prototypes: l2Normalize(prototypes) } : own;
    },
  };
}

/** Batch entries of its own. */
type Inputs<L> = { readonly labels?: L; readonly views?: KeyViews<L> };

function inputsOf({ concepts, keys, encoder, pairs }: CoderOptions, memory: CoderMemory<unknown>): Inputs<Spec> {
  const labelled = concepts && concepts.labelShare > 0;
  return {
    ...(labelled && { labels: { shape: [pairs, conceptCount(concepts)], dtype: 'float32' } }),
    ...(memory.keys && keys.augmentation === 'independent' && { views: keyViewSpecs(encoder, pairs) }),
  };
}

/** What the momentum copies make of the batch, and where they stand afterwards. */
interface Keys {
  readonly copies: NonNullable<CoderMemory<Tensor>['keys']>;
  readonly instance: Both<Tensor>;
  readonly concept: Both<Tensor> | undefined;
}

/** One step: see the README for its order. */
function term(
  options: CoderOptions,
  own: CoderParameters<Tensor>,
  memory: CoderMemory<Tensor>,
  inputs: Inputs<Tensor>,
  scene: Scene,
): Term<CoderMemory<Tensor>> {
  const { contrast, concepts } = options;
  const { labels } = inputs;
  const scale = own.logScale ? learnedScale(own.logScale) : fixedScale(contrast.temperature);
  const keys = keysOf(options, own, memory, inputs, scene);
  const instance = embeddingsOf(scene);
  const dictionary = dictionaryOf(memory.queues, keys, scene);

  const first = branchContrast(instance, scene.sameImage, dictionary?.instance, contrast, scale, own.weights?.instance);
  const losses: Tensor[] = [first.loss];
  const metrics: Record<string, Tensor> = {
    instance: first.loss,
    ...(first.effective && { effectiveShare: first.effective }),
    maskedNegatives: countTrue(twinsOf(scene.sameImage)),
    ...(dictionary && { maskedKeys: countTrue(dictionary.instance.same) }),
  };
  const next: { -readonly [K in keyof CoderMemory<Tensor>]: CoderMemory<Tensor>[K] } = { ...memory };
  if (keys) next.keys = keys.copies;

  if (concepts) {
    const rows = conceptVectors(concepts, own.concept!.graph, scene.towers.text);
    const answersTo = (pooled: Both<Tensor>) =>
      answersOf(concepts, own.concept!, memory.statistics!, rows, pooled, labels, true);
    const answers = answersTo(pooledOf(scene));
    const second = branchContrast(
      embeddingsOf(answers),
      scene.sameImage,
      dictionary?.concept,
      contrast,
      scale,
      own.weights?.concept,
    );
    losses.push(multiply(second.loss, concepts.weight));
    metrics.concept = second.loss;
    next.statistics = { image: answers.image.statistics, text: answers.text.statistics };

    const { clusters } = concepts;
    if (clusters) {
      const predicting = clusters.predictionReachesTowers ? answers : answersTo(both(pooledOf(scene), stopGradient));
      const pseudo = pseudoLabels(
        clusters,
        own,
        memory,
        keys!.instance,
        instance,
        embeddingsOf(predicting),
        scene.step,
      );
      losses.push(multiply(pseudo.loss, clusters.weight));
      Object.assign(metrics, pseudo.metrics);
      next.labels = pseudo.memory;
    }
  }
  if (memory.queues && keys) {
    const entries: Record<string, Tensor> = { image: keys.instance.image, text: keys.instance.text };
    if (keys.concept) Object.assign(entries, { conceptImage: keys.concept.image, conceptText: keys.concept.text });
    next.queues = enqueue(memory.queues, entries, scene.imageIds);
  }
  return { loss: losses.reduce(add), metrics, memory: next };
}

/** The copies follow, then encode the batch. Nothing here has a gradient. */
function keysOf(
  { encoder, keys: { momentum, mode }, concepts }: CoderOptions,
  own: CoderParameters<Tensor>,
  memory: CoderMemory<Tensor>,
  { labels, views }: Inputs<Tensor>,
  scene: Scene,
): Keys | undefined {
  if (!memory.keys) return undefined;
  const { image, text, concept } = memory.keys;
  const copies = {
    image: follow(image, scene.towers.image, momentum),
    text: follow(text, scene.towers.text, momentum),
    ...(concept && { concept: follow(concept, own.concept!, momentum) }),
  };
  const training = mode === 'training';
  // Other random numbers than those of the queries, as the copies are another network.
  const how: Mode = training ? { training, key: add(scene.mode.key!, 1) } : { training };
  const encoded = views ? encodeViews(encoder, scene, copies, views, how) : scene.encodeWith(copies, how);
  const instance = both(embeddingsOf(encoded), stopGradient);
  if (!concepts || !copies.concept) return { copies, instance, concept: undefined };
  const rows = conceptVectors(concepts, copies.concept.graph, copies.text);
  const answers = answersOf(concepts, copies.concept, memory.statistics!, rows, pooledOf(encoded), labels, training);
  return { copies, instance, concept: both(embeddingsOf(answers), stopGradient) };
}

/** The dictionaries of both branches. */
function dictionaryOf(
  queues: Queues<Tensor> | undefined,
  keys: Keys | undefined,
  scene: Scene,
): { instance: Dictionary; concept: Dictionary | undefined } | undefined {
  if (!queues || !keys) return undefined;
  const same = sameInQueue(queues, scene.imageIds);
  const { image, text, conceptImage, conceptText } = queues.keys;
  const of = (batch: Both<Tensor>, queue: Both<Tensor>) => ({ batch, queue: both(queue, stopGradient), same });
  return {
    instance: of(keys.instance, { image, text }),
    concept: keys.concept && of(keys.concept, { image: conceptImage, text: conceptText }),
  };
}

/** What both modalities ask of the concepts. */
function answersOf(
  concepts: BranchOptions,
  { image, text }: Branch<Tensor>,
  statistics: BranchStatistics<Tensor>,
  rows: Tensor,
  pooled: Both<Tensor>,
  labels: Tensor | undefined,
  training: boolean,
) {
  return {
    image: ask(concepts, image, statistics.image, rows, pooled.image, { training }),
    text: ask(concepts, text, statistics.text, rows, pooled.text, { training, labels }),
  };
}

function pseudoLabels(
  clusters: ClusterOptions,
  { prototypes, head }: CoderParameters<Tensor>,
  { labels, queues }: CoderMemory<Tensor>,
  keys: Both<Tensor>,
  instance: Both<Tensor>,
  predicting: Both<Tensor>,
  step: Tensor,
) {
  const learnt = prototypes && l2Normalize(prototypes);
  const current = learnt ?? labels!.prototypes!;
  const { assignments, memory } = assign(clusters.labelling, keys, current, labels!, queues, step);
  const prediction = predictionLoss(assignments, predicting, head!, clusters.predictionTemperature);
  const metrics: Record<string, Tensor> = { prediction, clustersInUse: clustersInUse(assignments) };
  if (learnt) {
    const seen = clusters.swapReachesTowers ? instance : both(instance, stopGradient);
    const swap = swapLoss(assignments, seen, learnt, clusters.swapTemperature);
    return { loss: add(prediction, multiply(swap, clusters.swapWeight)), metrics: { ...metrics, swap }, memory };
  }
  const { prototypeMomentum } = clusters;
  if (prototypeMomentum === undefined) return { loss: prediction, metrics, memory };
  const moved = runningMean(current, keys, assignments, prototypeMomentum);
  return { loss: prediction, metrics, memory: { ...memory, prototypes: moved } };
}

function pooledOf({ image, text }: Both<{ readonly pooled: Tensor }>): Both<Tensor> {
  return { image: image.pooled, text: text.pooled };
}

function embeddingsOf({ image, text }: Both<{ readonly embedding: Tensor }>): Both<Tensor> {
  return { image: image.embedding, text: text.embedding };
}

function both<T, U>({ image, text }: Both<T>, f: (x: T) => U): Both<U> {
  return { image: f(image), text: f(text) };
}

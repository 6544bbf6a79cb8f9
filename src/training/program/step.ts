/**
 * @file The training step of a dual encoder under a sum of objectives, as one program:
 *
 *     (params, moments, buffers, memory, batch) -> loss = sum of weight * objective -> gradient -> update
 */
import { type StoredForm, storedFormOf } from '../../encoders/stored.ts';
import type { DualEncoder, Mode } from '../../encoders/tower.ts';
import { compileStep, type Program } from '../../graph/compile.ts';
import { gradient } from '../../graph/gradient.ts';
import { add, cast, equal, multiply, subtract } from '../../graph/ops/elementwise.ts';
import { scalar } from '../../graph/ops/leaves.ts';
import { matmul } from '../../graph/ops/product.ts';
import { l2Normalize } from '../../graph/ops/reduce.ts';
import { reshape, slice } from '../../graph/ops/shape.ts';
import type { Spec, Tensor } from '../../graph/tensor.ts';
import { leavesOf, type Tree } from '../../graph/tree.ts';
import type { Objective, Scene, Side, Term } from '../../methods/objective.ts';
import type { Stage } from '../../methods/stages.ts';
import type { ParameterSpec } from '../../nn/parameters.ts';
import { averageWeights } from '../optimisers/average.ts';
import { settingsOf } from '../optimisers/groups.ts';
import { momentSpecs, type OptimiserOptions, optimise } from '../optimisers/optimiser.ts';
import type { SideName } from './encode.ts';

/** What is trained, on what, and how: everything that the step program depends on. */
export interface TrainingPlan {
  readonly encoder: DualEncoder;
  /** Pairs of a batch. */
  readonly pairs: number;
  readonly optimiser: OptimiserOptions;
  /** Decay of the moving average of the weights; 0 keeps none. */
  readonly averageDecay: number;
  /** All objectives of the run, whether or not a stage weighs them. */
  readonly objectives: readonly Objective[];
}

/** Parameters that are trained: both towers and the objectives' own. */
export function trainedParameters({ encoder, objectives }: TrainingPlan): Tree<ParameterSpec> {
  return {
    image: encoder.image.parameters,
    text: encoder.text.parameters,
    objectives: Object.fromEntries(objectives.map(({ name, parameters }) => [name, parameters])),
  };
}

/** The whole state of a run: what a checkpoint holds. */
export function stateOf(plan: TrainingPlan): Tree<ParameterSpec> {
  const { encoder, objectives, optimiser, averageDecay } = plan;
  const params = trainedParameters(plan);
  return {
    params,
    moments: momentSpecs(optimiser, params as Tree<Spec>),
    buffers: { image: encoder.image.buffers, text: encoder.text.buffers },
    memory: Object.fromEntries(objectives.map(({ name, memory }) => [name, memory])),
    ...(averageDecay > 0 && { average: params }),
  };
}

/** A stage wherever it begins. */
export type StepStage = Omit<Stage, 'from'>;

/**
 * Compiles the step of a stage. Beside the batch it is fed `stageStarts`, the first steps of all stages, where something moves in it
 * that stood still in an earlier one.
 *
 * @param stage names the program, and says what counts in it and what moves
 * @param stages those of the run, this one among them; this one alone unless given
 */
export function compileTrainingStep(
  plan: TrainingPlan,
  stage: StepStage,
  stages: readonly StepStage[] = [stage],
): Program {
  const { pairs, objectives } = plan;
  const batch: Tree<Spec> = {
    image: sideInputs(plan, stage, 'image'),
    text: sideInputs(plan, stage, 'text'),
    imageIds: { shape: [pairs], dtype: 'int32' },
    key: { shape: [], dtype: 'int32' },
    learningRate: { shape: [], dtype: 'float32' },
    step: { shape: [], dtype: 'int32' },
    stageStarts: { shape: [stages.length], dtype: 'int32' },
    objectives: Object.fromEntries(
      objectives.map(({ name, inputs }) => [name, countedAs(stage, name)?.inputs ?? inputs]),
    ),
  };
  return compileStep(stage.name, { state: stateOf(plan) as Tree<Spec>, batch }, (state, given) =>
    step(plan, { stage, stages }, state as unknown as State, given as unknown as Batch),
  );
}

/** The objective of a name as it counts in a stage, where it may read less than in others. */
function countedAs({ weighted }: StepStage, name: string): Objective | undefined {
  return weighted.find(({ objective }) => objective.name === name)?.objective;
}

/** The two parts of a tower whose vectors a stage is fed. */
function storedIn({ encoder }: TrainingPlan, { stored = [] }: StepStage, side: SideName): StoredForm | undefined {
  return stored.includes(side) ? storedFormOf(encoder[side]) : undefined;
}

function sideInputs(plan: TrainingPlan, stage: StepStage, side: SideName): Tree<Spec> {
  const form = storedIn(plan, stage, side);
  if (!form) return plan.encoder[side].inputs(side);
  return { vectors: { shape: [plan.pairs, form.width], dtype: 'float32' } };
}

type State = {
  readonly params: Params;
  readonly moments: Tree<Tensor>;
  readonly buffers: { readonly image: Tree<Tensor>; readonly text: Tree<Tensor> };
  readonly memory: { readonly [objective: string]: Tree<Tensor> };
  readonly average?: Params;
};
type Params = {
  readonly image: Tree<Tensor>;
  readonly text: Tree<Tensor>;
  readonly objectives: { readonly [objective: string]: Tree<Tensor> };
};
type Batch = {
  readonly image: Tree<Tensor>;
  readonly text: Tree<Tensor>;
  readonly imageIds: Tensor;
  readonly key: Tensor;
  readonly learningRate: Tensor;
  readonly step: Tensor;
  readonly stageStarts: Tensor;
  readonly objectives: { readonly [objective: string]: Tree<Tensor> };
};

/** A stage among those of its run. */
interface Place {
  readonly stage: StepStage;
  readonly stages: readonly StepStage[];
}

function step(plan: TrainingPlan, place: Place, state: State, batch: Batch) {
  const { stage } = place;
  const { params, moments, memory } = state;
  const stepNumber = cast(batch.step, 'float32');
  const scene = sceneOf(plan, stage, state, batch, stepNumber);
  const terms = stage.weighted.map(({ objective, weight }) => {
    const { name } = objective;
    const term = objective.term(params.objectives[name], memory[name], batch.objectives[name], scene);
    return { name, weight, term };
  });
  const loss = terms.map(({ weight, term }) => multiply(term.loss, weight)).reduce(add, scalar(0));
  const controls = { learningRate: multiply(batch.learningRate, stage.learningRate ?? 1), step: stepNumber };
  const optimiser = {
    ...plan.optimiser,
    still: stillIn(stage, plan),
    factors: stage.factors,
    idle: idleBefore(plan, place, batch.stageStarts),
  };
  const updated = optimise(optimiser, params, gradient(loss, params) as Tree<Tensor>, moments, controls);
  const moved: Params = { ...updated.params, objectives: settled(stage, updated.params.objectives) };
  const next: Tree<Tensor> = {
    params: moved,
    moments: updated.moments,
    buffers: { image: scene.image.buffers, text: scene.text.buffers },
    memory: { ...memory, ...Object.fromEntries(terms.map(({ name, term }) => [name, term.memory])) },
    ...(state.average && { average: averageWeights(state.average, moved, plan.averageDecay) }),
  };
  return { state: next, metrics: { loss, ...metricsOf(terms), ...updated.metrics } };
}

/** Patterns of what does not move in a stage: what it freezes, and the parameters of objectives that do not count in it. */
function stillIn({ weighted, frozen = [] }: StepStage, { objectives }: TrainingPlan): string[] {
  const idle = objectives.filter(
    ({ name, parameters }) =>
      leavesOf(parameters).length > 0 && !weighted.some(({ objective }) => objective.name === name),
  );
  return [...frozen, ...idle.map(({ name }) => `objectives.${name}.*`)];
}

/**
 * Steps in which a parameter stood still before a stage c begins, at s_c:
 *
 *     idle = Σ_{k < c, still in k} (s_{k+1} - s_k)
 *
 * @returns by dotted name; undefined where it always moved
 */
function idleBefore(
  plan: TrainingPlan,
  { stage, stages }: Place,
  starts: Tensor,
): (path: string) => Tensor | undefined {
  const earlier = stages.slice(
    0,
    stages.findIndex(({ name }) => name === stage.name),
  );
  const params = trainedParameters(plan) as Tree<Spec>;
  const frozen = earlier.map((before) =>
    settingsOf(
      params,
      stillIn(before, plan).map((pattern) => ({ pattern, frozen: true })),
    ),
  );
  const startOf = (k: number) => reshape(slice(cast(starts, 'float32'), 0, k, k + 1), []);
  const sums = new Map<string, Tensor>();
  return function idleOf(path) {
    const numbers = frozen.flatMap((settings, k) => (settings.get(path)!.frozen ? [k] : []));
    if (numbers.length === 0) return undefined;
    const key = numbers.join();
    const idle = sums.get(key) ?? numbers.map((k) => subtract(startOf(k + 1), startOf(k))).reduce(add);
    sums.set(key, idle);
    return idle;
  };
}

/** Objectives whose parameters keep a form bring them back to it. */
function settled({ weighted }: StepStage, parameters: Params['objectives']): Params['objectives'] {
  const after = { ...parameters };
  for (const { objective } of weighted) {
    if (objective.settle) after[objective.name] = objective.settle(parameters[objective.name]);
  }
  return after;
}

function sceneOf(
  plan: TrainingPlan,
  stage: StepStage,
  { params, buffers }: State,
  batch: Batch,
  stepNumber: Tensor,
): Scene {
  const { encoder, pairs } = plan;
  const mode: Mode = { training: true, key: batch.key };
  const encodeSide = (side: SideName, { [side]: tower }: Scene['towers'], how: Mode): Side => {
    const form = storedIn(plan, stage, side);
    return sideOf(
      form
        ? form.above(tower, buffers[side], batch[side].vectors as Tensor, how)
        : encoder[side].encode(tower, buffers[side], batch[side], pairs, how),
    );
  };
  const encodeWith: Scene['encodeWith'] = (towers, how) => ({
    image: encodeSide('image', towers, how),
    text: encodeSide('text', towers, how),
  });
  const { image, text } = encodeWith(params, mode);
  const sameImage = equal(reshape(batch.imageIds, [pairs, 1]), reshape(batch.imageIds, [1, pairs]));
  return {
    image,
    text,
    scores: matmul(image.embedding, text.embedding, { transposeB: true }),
    imageIds: batch.imageIds,
    sameImage,
    pairs,
    step: stepNumber,
    mode,
    encodeWith,
    towers: params,
  };
}

function sideOf(encoded: Omit<Side, 'embedding'>): Side {
  return { ...encoded, embedding: l2Normalize(encoded.pooled) };
}

/** Each objective's metrics under its name; its loss too where there are several. */
function metricsOf(terms: readonly { name: string; term: Term }[]): Record<string, Tree<Tensor>> {
  return Object.fromEntries(
    terms.map(({ name, term }) => [name, terms.length > 1 ? { loss: term.loss, ...term.metrics } : term.metrics]),
  );
}

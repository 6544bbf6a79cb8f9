/** @file One optimisation step over a tree of parameters, as a pure function of symbolic tensors. */
import { add, cast, divide, minimum, sqrt, subtract } from '../../graph/ops/elementwise.ts';
import { sumSquares } from '../../graph/ops/reduce.ts';
import type { Spec, Tensor } from '../../graph/tensor.ts';
import { leavesOf, mapTree, type Tree, treeFrom } from '../../graph/tree.ts';
import { zeros } from '../../nn/initialisers.ts';
import { type ParameterSpec, parameter } from '../../nn/parameters.ts';
import { type ParameterGroup, settingsOf } from './groups.ts';
import type { Rule } from './rule.ts';

export interface OptimiserOptions {
  readonly rule: Rule;
  readonly groups?: readonly ParameterGroup[];
  /** Gradients are scaled down to this norm over all trained parameters; 0 leaves them as they are. */
  readonly clipNorm?: number;
}

/** What holds for one step program. */
export interface StepOptions extends OptimiserOptions {
  /** Patterns of parameters that stand still for now: they keep their moments as they are. */
  readonly still?: readonly string[] | undefined;
  /** Factors on the learning rate beside those of groups; of several that match, the last. */
  readonly factors?: readonly { readonly pattern: string; readonly factor: number }[] | undefined;
  /**
   * Steps in which a parameter stood still before, float32 scalar, by its dotted name; undefined for none. Biases of moments are
   * corrected by the steps that it was moved in: counted from the beginning of the run, one that joins late would at first move
   * (1 - β₁) / sqrt(1 - β₂) times as far as it should, three times with Adam's usual decays.
   */
  readonly idle?: ((path: string) => Tensor | undefined) | undefined;
}

/** What changes from step to step. */
export interface Controls {
  /** float32 scalar. */
  readonly learningRate: Tensor;
  /** Steps of the run before this one, int32 or float32 scalar; counted exactly up to 2^24. */
  readonly step: Tensor;
}

/**
 * The state that an optimiser keeps: one tree for each moment, such as `first.image.projection.weight`, beginning at zero.
 * Frozen parameters have none.
 */
export function momentSpecs({ rule, groups = [] }: OptimiserOptions, params: Tree<Spec>): Tree<ParameterSpec> {
  const settings = settingsOf(params, groups);
  const trained = leavesOf<Spec>(params).filter(([path]) => !settings.get(path)!.frozen);
  return treeFrom(
    rule.moments.flatMap((name) =>
      trained.map(([path, { shape }]) => [`${name}.${path}`, parameter(shape as number[], zeros)] as const),
    ),
  );
}

/**
 * Moves parameters against their gradients.
 *
 * @param gradients a tree of the same form; those of frozen parameters are not read
 * @param moments as `momentSpecs` describes them
 * @returns trees of the same forms, frozen parameters unchanged; `metrics.gradientNorm` (before clipping) where it is clipped
 * @throws DIPTYCH_OPTIMISER_PATTERN if a group matches no parameter
 */
export function optimise<P extends Tree<Tensor>, M extends Tree<Tensor>>(
  { rule, groups = [], clipNorm = 0, still = [], factors = [], idle = () => undefined }: StepOptions,
  params: P,
  gradients: Tree<Tensor>,
  moments: M,
  { learningRate, step }: Controls,
): { params: P; moments: M; metrics: { gradientNorm?: Tensor } } {
  const settings = settingsOf(params, groups);
  const now = settingsOf(params, [...groups, ...still.map((pattern) => ({ pattern, frozen: true }))]);
  const further = settingsOf(params, factors);
  const gradientAt = new Map(leavesOf<Tensor>(gradients));
  const momentAt = new Map(leavesOf<Tensor>(moments));
  const trained = leavesOf<Tensor>(params).filter(([path]) => !now.get(path)!.frozen);
  const norm = clipNorm > 0 ? globalNorm(trained.map(([path]) => gradientAt.get(path)!)) : undefined;

  // The small addend keeps a gradient of zero from becoming NaN.
  const clip = norm && minimum(divide(clipNorm, add(norm, 1e-6)), 1);
  const count = add(cast(step, 'float32'), 1);
  const moves = new Map<Tensor | undefined, ReturnType<Rule['prepare']>>();
  const moveAfter = (rest: Tensor | undefined) => {
    const move = moves.get(rest) ?? rule.prepare({ learningRate, count: rest ? subtract(count, rest) : count, clip });
    moves.set(rest, move);
    return move;
  };
  const nextParams = new Map<string, Tensor>();
  const nextMoments: [string, Tensor][] = [];
  for (const [path, parameter] of leavesOf<Tensor>(params)) {
    const { factor, decays, frozen } = settings.get(path)!;
    const known = frozen ? [] : rule.moments;
    const own = Object.fromEntries(known.map((name) => [name, momentAt.get(`${name}.${path}`)!]));
    const moved = now.get(path)!.frozen
      ? { parameter, moments: own }
      : moveAfter(idle(path))({
          parameter,
          gradient: gradientAt.get(path)!,
          moments: own,
          factor: factor * further.get(path)!.factor,
          decays,
        });
    nextParams.set(path, moved.parameter);
    for (const [name, tensor] of Object.entries(moved.moments)) nextMoments.push([`${name}.${path}`, tensor]);
  }
  return {
    // Of the same form, with the objects that hold no parameter.
    params: mapTree(params, (_: Tensor, path) => nextParams.get(path)!) as unknown as P,
    moments: treeFrom(nextMoments) as M,
    metrics: norm ? { gradientNorm: norm } : {},
  };
}

/** sqrt( Σ g² ) over all elements of all gradients. */
export function globalNorm(gradients: readonly Tensor[]): Tensor {
  return sqrt(gradients.map((gradient) => sumSquares(gradient)).reduce(add));
}

/** @file What an objective is: a term of the loss with the parameters, memory and batch entries that are its own. */
import type { Encoded, Mode } from '../encoders/tower.ts';
import type { Spec, Tensor } from '../graph/tensor.ts';
import type { Tree } from '../graph/tree.ts';
import type { ParameterSpec } from '../nn/parameters.ts';

/** One side of a batch as objectives see it. */
export interface Side extends Encoded {
  /** [pairs, dimension], unit length. */
  readonly embedding: Tensor;
}

/** What an objective is given. Pair i is image i with caption i. */
export interface Scene {
  readonly image: Side;
  readonly text: Side;
  /** [pairs, pairs] cosines; rows are images, columns captions. */
  readonly scores: Tensor;
  /** int32 [pairs]: number of the image of each pair; captions of one image share it. */
  readonly imageIds: Tensor;
  /** bool [pairs, pairs]: both show the same image, so they are never negatives of each other. */
  readonly sameImage: Tensor;
  readonly pairs: number;
  /** float32 scalar, from 0. */
  readonly step: Tensor;
  readonly mode: Mode;
  /** Encodes the same batch with other parameters, such as momentum copies; no gradient is stopped. */
  encodeWith(parameters: { image: Tree<Tensor>; text: Tree<Tensor> }, mode: Mode): { image: Side; text: Side };
  /** Parameters of both towers. */
  readonly towers: { readonly image: Tree<Tensor>; readonly text: Tree<Tensor> };
}

/** What an objective adds. @typeParam M its memory */
export interface Term<M = Tree<Tensor>> {
  /** Scalar, before its weight. */
  readonly loss: Tensor;
  /** Scalars worth logging. */
  readonly metrics: Tree<Tensor>;
  /** Its memory after the step; the same tensors where nothing changes. */
  readonly memory: M;
}

/** A term of the loss. */
export interface Objective {
  /** Unique in a composition; names its parameters, memory, batch entries and metrics. */
  readonly name: string;
  /** Parameters trained with the towers, such as a temperature. */
  readonly parameters: Tree<ParameterSpec>;
  /** State that is kept from step to step and not trained, such as a queue. */
  readonly memory: Tree<ParameterSpec>;
  /** Batch entries of its own, such as relevance labels. */
  readonly inputs: Tree<Spec>;
  /** Entries of the memory that begin as copies: path in the memory -> path in the trained parameters, subtrees alike. */
  readonly copies?: Readonly<Record<string, string>>;
  /** Its own parameters after the optimiser has moved them, such as directions brought back to unit length. */
  settle?(parameters: Tree<Tensor>): Tree<Tensor>;
  term(parameters: Tree<Tensor>, memory: Tree<Tensor>, inputs: Tree<Tensor>, scene: Scene): Term;
}

/**
 * The `term` of an objective as it is written, by the types of its own trees. It is given tensors where the objective's `parameters`,
 * `memory` and `inputs` describe them, which a `Tree` cannot say.
 */
export function termOf<P, M, I>(
  term: (parameters: P, memory: M, inputs: I, scene: Scene) => Term<M>,
): Objective['term'] {
  return term as unknown as Objective['term'];
}

/** An objective with its weight in the sum. */
export interface Weighted {
  readonly objective: Objective;
  readonly weight: number;
}

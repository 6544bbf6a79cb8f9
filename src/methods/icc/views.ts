/** @file The second view of a batch: what the objective is fed beside the batch, and how it is encoded. */
import type { DualEncoder, Encoded } from '../../encoders/tower.ts';
import { add } from '../../graph/ops/elementwise.ts';
import { gather } from '../../graph/ops/indexing.ts';
import { l2Normalize } from '../../graph/ops/reduce.ts';
import type { Spec, Tensor } from '../../graph/tensor.ts';
import type { Tree } from '../../graph/tree.ts';
import type { Ragged } from '../../nn/ragged.ts';
import type { Scene } from '../objective.ts';
import { outputOf } from './headed-tower.ts';

/** Inputs of further views. */
export type ViewInputs<L> = {
  readonly image: Tree<L>;
  readonly text: Tree<L>;
  /** int32 [pairs]: where pair i stands among the captions of this view, which are in an order of their own, longest first. */
  readonly place: L;
  /** A third view of the images, where the cross-modal loss has one to itself. */
  readonly third?: Tree<L>;
};

/** One view of one side, in the order of the pairs. */
export interface View {
  /** [pairs, dimension], unit length. */
  readonly embedding: Tensor;
  /** [pairs, width]: what uni-modal heads read. */
  readonly output: Tensor;
  /** Regions or words, in the order in which they were fed. */
  readonly fragments: Ragged;
}

export function viewSpecs(
  { image, text }: DualEncoder,
  pairs: number,
  { third }: { readonly third: boolean },
): ViewInputs<Spec> {
  return {
    image: image.inputs('image2'),
    text: text.inputs('text2'),
    place: { shape: [pairs], dtype: 'int32' },
    ...(third && { third: image.inputs('image3') }),
  };
}

/** The views that the scene already has. */
export function firstViews({ image, text }: Scene): { image: View; text: View } {
  const of = (side: Encoded & { readonly embedding: Tensor }) => ({
    embedding: side.embedding,
    output: outputOf(side),
    fragments: side.fragments,
  });
  return { image: of(image), text: of(text) };
}

/**
 * The second image view. Towers draw other random numbers than for the first; their running statistics follow the first view alone.
 *
 * @param number from 2, of the view
 * @param towers parameters; those that are trained unless given
 */
export function imageView(
  { image }: DualEncoder,
  scene: Scene,
  batch: Tree<Tensor>,
  number: number,
  towers: Pick<Scene['towers'], 'image'> = scene.towers,
): View {
  const { pairs } = scene;
  return viewOf(image.encode(towers.image, scene.image.buffers, batch, pairs, modeOf(scene, number)));
}

/** The second text view, brought into the order of the pairs but for its fragments. @param place see `ViewInputs` */
export function textView(
  { text }: DualEncoder,
  scene: Scene,
  batch: Tree<Tensor>,
  place: Tensor,
  towers: Pick<Scene['towers'], 'text'> = scene.towers,
): View {
  const { pairs } = scene;
  const { embedding, output, fragments } = viewOf(
    text.encode(towers.text, scene.text.buffers, batch, pairs, modeOf(scene, 2)),
  );
  return { embedding: gather(embedding, place), output: gather(output, place), fragments };
}

function modeOf({ mode }: Scene, number: number) {
  return { ...mode, key: mode.key && add(mode.key, number) };
}

function viewOf(encoded: Encoded): View {
  return { embedding: l2Normalize(encoded.pooled), output: outputOf(encoded), fragments: encoded.fragments };
}

/** @file A batch that is augmented anew for the keys: other regions left out and other words changed than the queries see. */
import type { DualEncoder, Encoded, Mode } from '../../encoders/tower.ts';
import { gather } from '../../graph/ops/indexing.ts';
import { l2Normalize } from '../../graph/ops/reduce.ts';
import type { Spec, Tensor } from '../../graph/tensor.ts';
import type { Tree } from '../../graph/tree.ts';
import type { Scene, Side } from '../objective.ts';
import type { Both } from './dictionary.ts';

/** Batch entries. */
export type KeyViews<L> = {
  readonly image: Tree<L>;
  readonly text: Tree<L>;
  /** int32 [pairs]: where pair i stands among the captions of this view, which are in an order of their own, longest first. */
  readonly place: L;
};

export function keyViewSpecs({ image, text }: DualEncoder, pairs: number): KeyViews<Spec> {
  return {
    image: image.inputs('keyImage'),
    text: text.inputs('keyText'),
    place: { shape: [pairs], dtype: 'int32' },
  };
}

/** What is read of the encoded views, in the order of the pairs. */
export function encodeViews(
  { image, text }: DualEncoder,
  { image: imageSide, text: textSide, pairs }: Scene,
  parameters: Both<Tree<Tensor>>,
  views: KeyViews<Tensor>,
  mode: Mode,
): Both<Pick<Side, 'pooled' | 'embedding'>> {
  const of = ({ pooled }: Pick<Encoded, 'pooled'>) => ({ pooled, embedding: l2Normalize(pooled) });
  const texts = text.encode(parameters.text, textSide.buffers, views.text, pairs, mode);
  return {
    image: of(image.encode(parameters.image, imageSide.buffers, views.image, pairs, mode)),
    text: of({ pooled: gather(texts.pooled, views.place) }),
  };
}

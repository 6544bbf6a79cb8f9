/** @file Towers in two parts: a frozen one that makes one vector of each item, which can be computed once, and what is trained above it. */
import type { Dim } from '../graph/dims.ts';
import type { Tensor } from '../graph/tensor.ts';
import type { Tree } from '../graph/tree.ts';
import type { Encoded, Mode, Tower } from './tower.ts';

/** Both parts. One after the other they are the tower, as long as the lower one drops nothing. */
export interface StoredForm {
  /** Length of the vectors. */
  readonly width: number;
  /** The lower part, as for inference: [count, width] of a batch of the tower. */
  below(parameters: Tree<Tensor>, buffers: Tree<Tensor>, batch: Tree<Tensor>, count: Dim | undefined): Tensor;
  /** The upper part, over vectors [count, width]. Its fragments are the pooled vectors themselves. */
  above(parameters: Tree<Tensor>, buffers: Tree<Tensor>, vectors: Tensor, mode: Mode): Encoded;
}

interface StorableTower extends Tower {
  readonly stored: StoredForm;
}

/** A tower that tells its two parts. */
export function storable(tower: Tower, stored: StoredForm): StorableTower {
  return { ...tower, stored };
}

/** The two parts of a tower; undefined where it has no such seam, as where all of it is trained or pools what is trained. */
export function storedFormOf(tower: Tower): StoredForm | undefined {
  return (tower as Partial<StorableTower>).stored;
}

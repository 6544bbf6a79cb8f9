/** @file From options to a pooling. */
import type { Pooling } from '../../nn/pooling/pooling.ts';

/** A pooling of sequences up to a length. */
export function poolingOf({ pooling, topK }: { pooling: Pooling['kind']; topK: number }, longest: number): Pooling {
  switch (pooling) {
    case 'gpo':
      return { kind: 'gpo', longest };
    case 'topK':
      return { kind: 'topK', k: topK };
    default:
      return { kind: pooling };
  }
}

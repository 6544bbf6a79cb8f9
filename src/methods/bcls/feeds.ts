/** @file The batch entries of the relevance objective. */
import type { NamedTensors } from '../../graph/runtime/protocol.ts';
import { batchRelevance, type Relevance } from './relevance/relevance.ts';

/**
 * A function from the pairs of a batch, in the order of its rows, to the entries of `relevanceObjective`; their place in the batch
 * is `objectives.relevance`.
 */
export function relevanceFeeds(relevance: Relevance) {
  return async function feedsOf(images: Int32Array, captions: Int32Array): Promise<NamedTensors> {
    const data = await batchRelevance(relevance, images, captions);
    return new Map([['relevance', { dtype: 'float32', shape: [images.length, captions.length], data }]]);
  };
}

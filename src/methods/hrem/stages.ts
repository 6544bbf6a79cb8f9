/** @file The stages of an HREM run: the graph joins once embeddings are worth relating. */
import type { Weighted } from '../objective.ts';
import type { Stage } from '../stages.ts';
import { hremBase, hremGraph } from './objective.ts';
import { graphOptionsOf, type HremValues, pairLossOf } from './options.ts';

/**
 *     L(v, u) + [step ≥ start] · ( L(v̄, ū) + L(v, ū) + L(v̄, u) + weight · L_reg )
 *
 * The loss `vse` also changes over, from all negatives to the hardest, after its warm-up.
 *
 * @param facts `dimension` of the embeddings, `epochLength` in steps
 */
export function hremStages(
  values: HremValues,
  { dimension, epochLength }: { readonly dimension: number; readonly epochLength: number },
): Stage[] {
  const { graph, graphStart, graphStartUnit, loss, warmupEpochs } = values;
  const joins = graph ? Math.round(graphStart * (graphStartUnit === 'epochs' ? epochLength : 1)) : undefined;
  const hardest = loss === 'vse' ? Math.round(warmupEpochs * epochLength) : 0;
  const starts = [...new Set([0, joins ?? 0, hardest])].sort((a, b) => a - b);
  return starts.map((from): Stage => {
    const pairs = pairLossOf(values, from >= hardest ? 'hardest' : 'all');
    const joined = joins !== undefined && from >= joins;
    const weighted: Weighted[] = [{ objective: hremBase(pairs), weight: 1 }];
    if (joined) weighted.push({ objective: hremGraph(dimension, pairs, graphOptionsOf(values)), weight: 1 });
    const negatives = pairs.kind === 'vse' ? [`${pairs.negatives}-negatives`] : [];
    return { name: ['hrem', joined ? 'graph' : 'pairs', ...negatives].join('-'), from, weighted };
  });
}

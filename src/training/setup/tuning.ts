/** @file Where pretrained weights stand among the parameters of a run, and how fast they learn. */
import { fineTuningGroups } from '../../encoders/pretrained/groups.ts';
import type { DualEncoder } from '../../encoders/tower.ts';
import { isLeaf, type Tree } from '../../graph/tree.ts';
import type { TrainingValues } from '../../methods/schema.ts';
import type { ParameterSpec } from '../../nn/parameters.ts';
import type { NamedTensors } from '../engine.ts';
import type { ParameterGroup } from '../optimisers/groups.ts';

const sides = ['image', 'text'] as const;

/** The innermost tower of a side: towers around another keep its parameters under `base`. */
function innermost(at: string, parameters: Tree<ParameterSpec>): { at: string; parameters: Tree<ParameterSpec> } {
  const { base } = parameters;
  return base === undefined || isLeaf(base) ? { at, parameters } : innermost(`${at}.base`, base);
}

/** Groups of the optimiser for towers of kind `pretrained`. */
export function tuningGroups(
  values: Pick<TrainingValues, 'image' | 'text' | 'fineTuning'>,
  encoder: DualEncoder,
): ParameterGroup[] {
  const { factor, layerDecay, frozen } = values.fineTuning;
  return sides.flatMap((side) => {
    if (values[side].kind !== 'pretrained') return [];
    const { at, parameters } = innermost(side, encoder[side].parameters);
    return fineTuningGroups(at, parameters, { factor, layerDecay, frozen });
  });
}

/** Given first values under the paths that they have in the state: `params.text.x` where a tower stands around the inner one. */
export function placed(given: NamedTensors, encoder: DualEncoder): NamedTensors {
  const starts = sides.map((side) => [`params.${side}.`, `params.${innermost(side, encoder[side].parameters).at}.`]);
  return new Map(
    [...given].map(([path, tensor]) => {
      const [outer, inner] = starts.find(([start]) => path.startsWith(start)) ?? ['', ''];
      return [inner + path.slice(outer.length), tensor];
    }),
  );
}

/** @file The four losses of a dual encoder that is trained on pairs alone, as objectives over the scores of a batch. */
import type { Tensor } from '../../graph/tensor.ts';
import type { ParameterSpec } from '../../nn/parameters.ts';
import type { Objective, Scene } from '../objective.ts';
import { type HingeOptions, hinge } from '../objectives/hinge.ts';
import { infoNce } from '../objectives/info-nce.ts';
import type { Objective as Loss } from '../objectives/relation.ts';
import { logitBiasParameter, sigLip } from '../objectives/siglip.ts';
import { fixedScale, learnedScale, logScaleParameter } from '../objectives/temperature.ts';

/** The factor on the scores: 1 / temperature, fixed or where a learnt one starts. */
export interface ScaleOptions {
  readonly temperature: number;
  readonly learnTemperature: boolean;
}

/** [margin + s(wrong) - s(right)]₊ over all or over the hardest negatives. Both forms share a name: a run may change over. */
export function hingeObjective(options: HingeOptions): Objective {
  return plain('hinge', {}, (_, { scores, sameImage }) => hinge(scores, sameImage, options));
}

/** Softmax over the batch in both directions. */
export function infoNceObjective(options: ScaleOptions): Objective {
  return plain('infonce', scaleParameters(options), (params, { scores, sameImage }) =>
    infoNce(scores, sameImage, scaleOf(params, options)),
  );
}

/** A sigmoid for each pair of the batch, with a learnt bias. */
export function sigLipObjective({ bias, ...options }: ScaleOptions & { readonly bias: number }): Objective {
  const parameters = { ...scaleParameters(options), bias: logitBiasParameter(bias) };
  return plain('siglip', parameters, (params, { scores, sameImage }) =>
    sigLip(scores, sameImage, scaleOf(params, options), params.bias),
  );
}

type Parameters = Readonly<Record<string, Tensor>>;

/** An objective without memory or batch entries of its own. */
function plain(
  name: string,
  parameters: Readonly<Record<string, ParameterSpec>>,
  lossOf: (parameters: Parameters, scene: Scene) => Loss,
): Objective {
  return {
    name,
    parameters,
    memory: {},
    inputs: {},
    term: (params, memory, _, scene) => ({ ...lossOf(params as Parameters, scene), memory }),
  };
}

function scaleParameters({ temperature, learnTemperature }: ScaleOptions): Record<string, ParameterSpec> {
  return learnTemperature ? { logScale: logScaleParameter(temperature) } : {};
}

function scaleOf({ logScale }: Parameters, { temperature, learnTemperature }: ScaleOptions) {
  return learnTemperature ? learnedScale(logScale) : fixedScale(temperature);
}

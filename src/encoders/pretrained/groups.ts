/** @file Fine-tuning as parameter groups: how fast each stage of a pretrained tower learns, and which stages do not. */
import type { Tree } from '../../graph/tree.ts';
import type { ParameterSpec } from '../../nn/parameters.ts';

/** Stages are counted from the input: 0 the embeddings, 1 the first layer and so on; what follows the layers is the last. */
export interface FineTuning {
  /** Times the learning rate of the run, for the last stage; 1 unless given. What is new learns at the rate of the run. */
  readonly factor?: number;
  /** Each stage learns at this times the rate of the next one; 1 unless given. */
  readonly layerDecay?: number;
  /** How many stages from the input never change: 0 unless given; 1 freezes the embeddings. */
  readonly frozen?: number | 'all';
}

/** A group of the optimiser: a pattern over dotted names, with what holds for the parameters it matches. */
export interface StageGroup {
  readonly pattern: string;
  readonly factor?: number;
  readonly frozen?: true;
}

/**
 * Groups for the pretrained part of a tower. Stage s of S + 1 learns at factor · layerDecay^(S - s).
 *
 * @param at where the tower's parameters stand in the tree that is trained, such as `text`
 * @param parameters of the tower
 */
export function fineTuningGroups(
  at: string,
  parameters: Tree<ParameterSpec>,
  { factor = 1, layerDecay = 1, frozen = 0 }: FineTuning,
): StageGroup[] {
  if (frozen === 'all') return [{ pattern: `${at}.encoder.*`, frozen: true }];
  const encoder = parameters.encoder as Tree<ParameterSpec>;
  const last = Object.keys(encoder.layers).length + 1;
  return stagesOf(encoder).flatMap(({ name, stage }): StageGroup[] => {
    const pattern = `${at}.encoder.${name}.*`;
    if (stage < frozen) return [{ pattern, frozen: true }];
    const rate = factor * layerDecay ** (last - stage);
    return rate === 1 ? [] : [{ pattern, factor: rate }];
  });
}

/** The parts of an encoder by the stage they belong to. */
function stagesOf(encoder: Tree<ParameterSpec>): { name: string; stage: number }[] {
  const layers = Object.keys(encoder.layers);
  return Object.keys(encoder).flatMap((name) => {
    if (name === 'embeddings') return [{ name, stage: 0 }];
    if (name !== 'layers') return [{ name, stage: layers.length + 1 }];
    return layers.map((layer) => ({ name: `layers.${layer}`, stage: Number(layer) + 1 }));
  });
}

/** @file The stages of an ICC run: which losses count when, what stands still, and how fast the rest learns. */
import type { DualEncoder } from '../../encoders/tower.ts';
import { leavesOf } from '../../graph/tree.ts';
import type { ParameterSpec } from '../../nn/parameters.ts';
import type { Stage, StageFactor } from '../stages.ts';
import { type IccOptions, iccName, iccObjective, type Parts } from './objective.ts';
import type { IccValues } from './options.ts';

/** The pretrained part of a tower, which learns at a rate of its own. */
export interface StagedTower {
  /** Dotted name of its parameters, such as `text.encoder`. */
  readonly encoder: string;
  /** Layers between its embeddings and its end. */
  readonly layers: number;
}

/** The pretrained parts of both towers, whatever is wrapped around them. */
export function stagedTowers(
  encoder: DualEncoder,
  pretrained: { readonly image: boolean; readonly text: boolean },
): StagedTower[] {
  return (['image', 'text'] as const)
    .filter((side) => pretrained[side])
    .map((side) => {
      const names = leavesOf<ParameterSpec>(encoder[side].parameters).map(([path]) => `${side}.${path}`);
      const [, name] = names.map((path) => /^(.*\bencoder)\.layers\./.exec(path)).find((found) => found !== null)!;
      const layers = new Set(
        names.filter((path) => path.startsWith(`${name}.layers.`)).map((path) => path.slice(name.length).split('.')[2]),
      );
      return { encoder: name, layers: layers.size };
    });
}

export interface StageContext {
  readonly options: IccOptions;
  /** Those that have a pretrained part. */
  readonly towers: readonly StagedTower[];
  /** Sides whose frozen part makes one vector of each item. */
  readonly storable: readonly ('image' | 'text')[];
  /** Whether towers have a cross-modal head beyond their output. */
  readonly crossHeads: boolean;
  /** Steps of an epoch. */
  readonly epochLength: number;
  /** Epoch at which clustered rounds begin; null if they never do. */
  readonly clustersFrom: number | null;
}

const all: Parts = { cross: true, uniModal: true };
/** Rows of `rates` and `towerRates`. */
const row = { adaptation: 0, alignment: 1, joint: 2, clustered: 3 } as const;

/**
 *     adaptation   λ_I L_I + λ_T L_T            cross-modal heads and temperature stand still
 *     alignment    L_IT                         pretrained layers and uni-modal heads stand still; vectors of the former are stored
 *     joint        L_IT + λ_I L_I + λ_T L_T     all learn
 *     clustered    the same, on clustered batches, from `clustersFrom` on
 *
 * Scheme `joint` leaves the first two out; `unfreezing` puts two others in their place, of the length of both: heads alone, then
 * the upper half of pretrained layers too. A stage of length 0 is left out, and so is adaptation without uni-modal losses.
 */
export function iccStages({ stages }: IccValues, context: StageContext): Stage[] {
  const { options, epochLength, clustersFrom } = context;
  const { scheme, adaptation, alignment } = stages;
  const uniModal = options.image.weight > 0 || options.text.weight > 0;
  const alone = uniModal ? adaptation : 0;
  const parts: (Omit<Stage, 'from'> & { readonly length: number })[] = [];
  const add = (
    name: keyof typeof row,
    length: number,
    counted: Parts,
    frozen: readonly string[],
    { label = name as string, stored = [] as StageContext['storable'] } = {},
  ) =>
    parts.push({
      name: `icc-${label}`,
      length,
      ...(stored.length > 0 && { stored }),
      weighted: [{ objective: iccObjective(options, counted), weight: 1 }],
      learningRate: stages.rates[row[name]],
      ...(frozen.length > 0 && { frozen }),
      ...factorsOf(stages.towerRates[row[name]], context, frozen),
    });
  const heads = uniModal && !options.momentum ? [`objectives.${iccName}.heads.*`] : [];
  if (scheme === 'adaptation') {
    add('adaptation', alone, { cross: false, uniModal: true }, crossPatterns(context));
    const stored = stages.alignmentVectors === 'stored' ? context.storable : [];
    const counted = { cross: true, uniModal: false, stored: stored.length > 0 };
    add('alignment', alignment, counted, [...pretrained(context), ...heads], { stored });
  }
  if (scheme === 'unfreezing') {
    const length = (alone + alignment) / 2;
    add('alignment', length, all, pretrained(context), { label: 'heads' });
    add('alignment', length, all, lowerHalf(context), { label: 'upper' });
  }
  add('joint', Number.POSITIVE_INFINITY, all, []);

  let epoch = 0;
  const placed: Stage[] = [];
  for (const { length, ...part } of parts) {
    if (length > 0) placed.push({ ...part, from: Math.round(epoch * epochLength) });
    epoch += length;
  }
  if (clustersFrom === null) return placed;
  const from = Math.round(clustersFrom * epochLength);
  const clustered: Stage = {
    name: 'icc-clustered',
    from,
    weighted: [{ objective: iccObjective(options, all), weight: 1 }],
    learningRate: stages.rates[row.clustered],
    ...factorsOf(stages.towerRates[row.clustered], context, []),
  };
  return [...placed.filter((stage) => stage.from < from), clustered];
}

/** Factors on pretrained layers; those that stand still need none. */
function factorsOf(factor: number, context: StageContext, frozen: readonly string[]): { factors?: StageFactor[] } {
  const patterns = pretrained(context).filter((pattern) => !frozen.includes(pattern));
  return patterns.length === 0 || factor === 1 ? {} : { factors: patterns.map((pattern) => ({ pattern, factor })) };
}

/** Parameters that the uni-modal losses do not reach: without a gradient weight decay would shrink them. */
function crossPatterns({ options, crossHeads }: StageContext): string[] {
  return [
    ...(options.cross.learnTemperature ? [`objectives.${iccName}.logScale`] : []),
    ...(crossHeads ? ['image.head.*', 'text.head.*'] : []),
  ];
}

/** Patterns of the pretrained parts of towers. */
function pretrained({ towers }: StageContext): string[] {
  return towers.map(({ encoder }) => `${encoder}.*`);
}

/** Embeddings and the lower half of the pretrained layers. */
function lowerHalf({ towers }: StageContext): string[] {
  return towers.flatMap(({ encoder, layers }) => [
    `${encoder}.embeddings.*`,
    ...Array.from({ length: Math.floor(layers / 2) }, (_, i) => `${encoder}.layers.${i}.*`),
  ]);
}

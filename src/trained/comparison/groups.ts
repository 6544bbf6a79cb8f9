/** @file Runs of one recipe with several seeds as one: mean and spread of what they reached. */
import type { ComparedRun, Recalls } from './run.ts';

/** Mean and sample standard deviation, sqrt(sum (x - mean)^2 / (n - 1)); the latter null for one number alone. */
export interface Spread {
  readonly mean: number;
  readonly deviation: number | null;
}

export interface RecallSpreads {
  readonly r1: Spread;
  readonly r5: Spread;
  readonly r10: Spread;
}

/** Runs whose options differ in nothing but the seed. */
export interface RunGroup {
  readonly name: string;
  /** Positions of its runs, in their order. */
  readonly positions: readonly number[];
  /** Of the runs that were evaluated, each at its best evaluation; null if none was. */
  readonly reached: {
    readonly runs: number;
    readonly rsum: Spread;
    readonly imageToText: RecallSpreads;
    readonly textToImage: RecallSpreads;
    readonly secondsToBest: Spread;
    readonly seconds: Spread;
  } | null;
  /** Mean rSum above that of the first group; null where either is not known. */
  readonly gain: number | null;
}

/** Groups in the order of their first runs, named by preset, or by their first run where there is none. */
export function groupsOf(runs: readonly ComparedRun[]): RunGroup[] {
  const positions = new Map<string, number[]>();
  runs.forEach(({ recipe }, i) => {
    positions.set(recipe, [...(positions.get(recipe) ?? []), i]);
  });
  const names: string[] = [];
  let first: number | undefined;
  return [...positions.values()].map((own): RunGroup => {
    const base = runs[own[0]].preset ?? runs[own[0]].name;
    const name = names.includes(base) ? `${base}, ${runs[own[0]].name}` : base;
    names.push(name);
    const reached = reachedBy(own.map((i) => runs[i]));
    first ??= reached?.rsum.mean;
    const gain = reached === null || first === undefined ? null : reached.rsum.mean - first;
    return { name, positions: own, reached, gain: names.length === 1 ? null : gain };
  });
}

/** Position of the group of each run. */
export function groupPositions(groups: readonly RunGroup[]): number[] {
  const positions: number[] = [];
  groups.forEach((group, g) => {
    for (const i of group.positions) positions[i] = g;
  });
  return positions;
}

function reachedBy(runs: readonly ComparedRun[]): RunGroup['reached'] {
  const evaluated = runs.flatMap(({ best, ...run }) => (best === null ? [] : [{ ...run, best }]));
  if (evaluated.length === 0) return null;
  const spread = (of: (run: (typeof evaluated)[number]) => number): Spread => spreadOf(evaluated.map(of));
  const recalls = (direction: 'imageToText' | 'textToImage'): RecallSpreads => {
    const at = (recall: keyof Recalls): Spread => spread(({ best }) => best[direction][recall]);
    return { r1: at('r1'), r5: at('r5'), r10: at('r10') };
  };
  return {
    runs: evaluated.length,
    rsum: spread(({ best }) => best.rsum),
    imageToText: recalls('imageToText'),
    textToImage: recalls('textToImage'),
    secondsToBest: spread(({ secondsToBest }) => secondsToBest),
    seconds: spread(({ seconds }) => seconds),
  };
}

/** @param numbers at least one */
export function spreadOf(numbers: readonly number[]): Spread {
  const mean = numbers.reduce((sum, x) => sum + x, 0) / numbers.length;
  if (numbers.length === 1) return { mean, deviation: null };
  const squares = numbers.reduce((sum, x) => sum + (x - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / (numbers.length - 1)) };
}

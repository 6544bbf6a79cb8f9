/** @file Records of runs as curves: which there are, their points, and what a smooth line through them is. */
import type { RunLogRecord } from '../../../src/server/runs/schema.ts';

/** All records of a run so far. */
export type Records = readonly RunLogRecord[];

export type Curve = readonly (readonly [step: number, value: number])[];

export interface Chart {
  readonly kind: RunLogRecord['kind'];
  readonly name: string;
  readonly title: string;
  /** Spread over powers of ten. */
  readonly logarithmic?: true;
}

/** What is drawn first; every other number that a run logs is drawn below. */
const first: readonly Chart[] = [
  { kind: 'train', name: 'loss', title: 'Loss' },
  { kind: 'evaluation', name: 'rsum', title: 'rSum on the validation split' },
  { kind: 'evaluation', name: 'i2tR1', title: 'R@1 image → text' },
  { kind: 'evaluation', name: 't2iR1', title: 'R@1 text → image' },
  { kind: 'train', name: 'learningRate', title: 'Learning rate' },
  { kind: 'train', name: 'gradientNorm', title: 'Gradient norm', logarithmic: true },
  { kind: 'timing', name: 'pairsPerSecond', title: 'Pairs a second' },
];

/** Told elsewhere, or clear from the others. */
const never = ['i2tR5', 'i2tR10', 't2iR5', 't2iR10', 'seconds', 'waiting'];

/** The charts that any of these runs has numbers for. */
export function chartsOf(runs: readonly Records[]): Chart[] {
  const seen = new Map<string, Chart>();
  for (const records of runs) {
    for (const { kind, values } of records) {
      for (const name of Object.keys(values)) seen.set(`${kind} ${name}`, { kind, name, title: name });
    }
  }
  const key = ({ kind, name }: Chart): string => `${kind} ${name}`;
  const known = first.filter((chart) => seen.delete(key(chart)));
  const rest = [...seen.values()].filter(({ name }) => !never.includes(name));
  return [...known, ...rest.sort((a, b) => a.name.localeCompare(b.name))];
}

/** One curve of a run. */
export function curveOf(records: Records, { kind, name }: Chart): Curve {
  return records.flatMap((record) =>
    record.kind === kind && name in record.values ? [[record.step, record.values[name]] as const] : [],
  );
}

/** Aligned as uPlot takes it: all steps once, and a number or null for each run at each of them. */
export function aligned(curves: readonly Curve[]): [steps: number[], ...values: (number | null)[][]] {
  const steps = [...new Set(curves.flatMap((curve) => curve.map(([step]) => step)))].sort((a, b) => a - b);
  const at = new Map(steps.map((step, i) => [step, i]));
  const values = curves.map((curve) => {
    const row: (number | null)[] = steps.map(() => null);
    for (const [step, value] of curve) row[at.get(step)!] = value;
    return row;
  });
  return [steps, ...values];
}

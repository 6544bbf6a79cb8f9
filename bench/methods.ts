/**
 * @file Time of a training step of each method as a multiple of the VSE step over the same towers: batches of 128, vectors of 512,
 * drawn features of 49 x 1280, in turns. On stderr: every time, the plain towers too, and the peak of the memory.
 */
import { availableParallelism } from 'node:os';
import { median } from './support/peer.ts';
import { type Subject, subjectOf, timed } from './support/synthetic.ts';

const shape = { regions: 49, width: 1280, dtype: 'float16', words: 2500, lengths: [8, 20] } as const;
const common = { 'embedding.dimension': '512', 'training.batchSize': '128' };
const related = { ...common, 'relation.layer': 'both', 'relation.heads': '8', 'relation.hidden': '512' };
const hrem = { ...related, 'hrem.heads': '8', 'hrem.hidden': '512' };
const TURNS = 3;
const timing = { steps: 5, warming: 2, threads: availableParallelism() };

/** A method, the VSE run over the same towers, and the multiple that it may take. */
interface Row {
  readonly name: string;
  readonly preset: string;
  readonly options: Readonly<Record<string, string>>;
  readonly base: 'vse' | 'vse, fragment layers';
  readonly limit: number;
}

const rows: readonly Row[] = [
  { name: 'bcls', preset: 'bcls-small', options: common, base: 'vse', limit: 1.05 },
  { name: 'coder', preset: 'coder-small', options: common, base: 'vse', limit: 1.6 },
  { name: 'hrem', preset: 'hrem', options: hrem, base: 'vse, fragment layers', limit: 1.8 },
  { name: 'hrem-small', preset: 'hrem-small', options: common, base: 'vse', limit: 1.8 },
  { name: 'icc', preset: 'icc', options: common, base: 'vse', limit: 2.2 },
];

export async function run(): Promise<{ name: string; ours: number; peer: number; ratio: number; unit: string }> {
  const subjects: Subject[] = [
    await subjectOf('vse', 'vse-infonce', common, shape),
    await subjectOf('vse, fragment layers', 'vse-infonce', related, shape),
    ...(await Promise.all(rows.map(({ name, preset, options }) => subjectOf(name, preset, options, shape)))),
  ];
  const times = new Map(subjects.map(({ name }) => [name, [] as number[]]));
  const peaks = new Map<string, number>();
  for (let turn = 0; turn < TURNS; turn++) {
    for (const subject of subjects) {
      const { times: some, peak = 0 } = await timed(subject, timing);
      times.get(subject.name)!.push(...some);
      peaks.set(subject.name, Math.max(peaks.get(subject.name) ?? 0, peak));
    }
  }
  const took = (name: string) => median(times.get(name)!);
  for (const { name } of subjects) {
    const line = `${name}: ${took(name).toFixed(0)} ms, ${(took(name) / took('vse')).toFixed(2)} x vse, peak ${peaks.get(name)!.toFixed(0)} MB`;
    process.stderr.write(`${line}\n`);
  }
  const shares = rows.map(({ name, base, limit }) => ({ name, limit, multiple: took(name) / took(base) }));
  for (const { name, multiple, limit } of shares) {
    process.stderr.write(`${name}: ${multiple.toFixed(2)} x the same towers under VSE, of at most ${limit}\n`);
  }
  const worst = shares.reduce((a, b) => (a.limit / a.multiple < b.limit / b.multiple ? a : b));
  return {
    name: `methods (${worst.name})`,
    ours: worst.multiple,
    peer: worst.limit,
    ratio: worst.limit / worst.multiple,
    unit: 'x',
  };
}

/**
 * @file One HREM step with its graph, 128 x 36 x 2048 regions, vectors of 1024, BiGRU, AdamW: ours against
 * `peers/hrem_torch.py`, in turns. On stderr: the peak of our memory.
 */
import { availableParallelism } from 'node:os';
import { median, peerOutput } from './support/peer.ts';
import { subjectOf, timed } from './support/synthetic.ts';

const shape = { regions: 36, width: 2048, dtype: 'float32', words: 8000, lengths: [6, 18] } as const;
const TURNS = 2;
const timing = { steps: 4, warming: 2, threads: availableParallelism() };

export async function run(): Promise<{ name: string; ours: number; peer: number; ratio: number; unit: string }> {
  const subject = await subjectOf('hrem', 'hrem', {}, shape);
  const times = { ours: [] as number[], peer: [] as number[] };
  let most = 0;
  for (let turn = 0; turn < TURNS; turn++) {
    const { times: some, peak = 0 } = await timed(subject, timing);
    times.ours.push(...some);
    most = Math.max(most, peak);
    const printed = peerOutput('hrem_torch.py', ['128', '1024', `${timing.warming + timing.steps}`]);
    times.peer.push(
      ...[...(printed ?? '').matchAll(/ (\d+) ms/g)].map((match) => Number(match[1])).slice(timing.warming),
    );
  }
  const [ours, peer] = [times.ours, times.peer].map(median);
  process.stderr.write(`step ${ours.toFixed(0)} ms, peer ${peer} ms, peak ${most.toFixed(0)} MB\n`);
  return { name: 'hrem', ours, peer, ratio: peer / ours, unit: 'ms' };
}

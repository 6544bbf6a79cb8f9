/** @file From the start of `diptych serve` to the first answer to a text, over 100,000 items: the median of a few starts. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openAgent, send, textOf } from './support/clients.ts';
import { median } from './support/peer.ts';
import { makeIndex, servedBundle, startService } from './support/served.ts';
import { worstOf } from './support/targets.ts';

const STARTS = 5;

export async function run(): Promise<{ name: string; ours: number; peer: number; ratio: number; unit: string }> {
  const bundle = servedBundle();
  const folder = mkdtempSync(join(tmpdir(), 'diptych-bench-'));
  try {
    const index = join(folder, 'index');
    await makeIndex(index, bundle);
    const answered: number[] = [];
    for (let turn = 0; turn < STARTS; turn++) {
      const since = performance.now();
      const { url, listeningMs, stop } = await startService(bundle, index);
      const agent = openAgent(1);
      const { status, body } = await send(agent, url, 'POST', '/v1/search', { query: { text: textOf(turn) } });
      answered.push(performance.now() - since);
      if (status !== 200) throw new Error(`${status}: ${body}`);
      process.stderr.write(
        `listening after ${listeningMs.toFixed(0)} ms, answered after ${answered.at(-1)!.toFixed(0)}\n`,
      );
      agent.destroy();
      await stop();
    }
    return worstOf('start', [{ what: 'start to first answer', reached: median(answered), limit: 2000, unit: 'ms' }]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * @file Text queries through HTTP over 100,000 items, each text new: one client alone, then 64 for a minute. Against the limits:
 * half of the answers to one client within 15 ms, no stall of the service's event loop above 20 ms, and with 64 clients three
 * times the answers, no error, no growth of memory.
 */

import { percentile } from '../src/evaluation/bootstrap.ts';
import { openAgent, runClients, send, textOf } from './support/clients.ts';
import { longestStall } from './support/metrics.ts';
import { memoryOf, withService } from './support/served.ts';
import { worstOf } from './support/targets.ts';

const seconds = Number(process.env.DIPTYCH_BENCH_SECONDS ?? 60);
const CLIENTS = 64;
/** Seconds of one client, and before anything is counted. */
const ALONE = 10;
const WARM = 3;

export async function run(): Promise<{ name: string; ours: number; peer: number; ratio: number; unit: string }> {
  return withService(async ({ url, pid }) => {
    const agent = openAgent(CLIENTS);
    let number = 0;
    const search = async (): Promise<void> => {
      const { status, body } = await send(agent, url, 'POST', '/v1/search', { query: { text: textOf(number++) } });
      if (status !== 200 || JSON.parse(body).results.length !== 20) throw new Error(`${status}: ${body}`);
    };
    const stall = async (): Promise<number> => longestStall(await send(agent, url, 'GET', '/metrics'));

    await runClients(1, WARM, search);
    await stall();
    const alone = await runClients(1, ALONE, search);
    const aloneStall = await stall();
    await runClients(CLIENTS, WARM, search);
    await stall();
    const before = memoryOf(pid);
    const first = await runClients(CLIENTS, seconds / 3, search);
    const third = memoryOf(pid);
    const rest = await runClients(CLIENTS, (2 * seconds) / 3, search);
    const after = memoryOf(pid);
    const manyStall = await stall();
    agent.destroy();

    const all = Float64Array.from([...first.latencies, ...rest.latencies]).sort();
    const rate = { alone: alone.latencies.length / alone.seconds, many: all.length / (first.seconds + rest.seconds) };
    const times = (numbers: Float64Array): string =>
      [0.5, 0.9, 0.99, 1].map((share) => `p${100 * share} ${percentile(numbers, share).toFixed(1)}`).join(', ');
    process.stderr.write(
      `1 client: ${rate.alone.toFixed(0)} answers/s, ms ${times(alone.latencies)}\n` +
        `${CLIENTS} clients: ${rate.many.toFixed(0)} answers/s of ${all.length}, ms ${times(all)}\n` +
        `memory in MiB: ${before.toFixed(0)} before, ${third.toFixed(0)} after a third, ${after.toFixed(0)} at the end\n`,
    );
    return worstOf('http-search', [
      { what: 'half of the answers to one client', reached: percentile(alone.latencies, 0.5), limit: 15, unit: 'ms' },
      { what: 'longest stall with one client', reached: aloneStall, limit: 20, unit: 'ms' },
      { what: `longest stall with ${CLIENTS} clients`, reached: manyStall, limit: 20, unit: 'ms' },
      {
        what: `answers to ${CLIENTS} clients for each to one`,
        reached: rate.many / rate.alone,
        limit: 3,
        more: true,
        unit: '',
      },
      { what: 'memory at the end for that after a third', reached: after / third, limit: 1.1, unit: '' },
    ]);
  });
}

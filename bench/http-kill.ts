/**
 * @file The encoder killed every two seconds while texts are searched and items are written: every request answered with 200, or
 * with 503 and when to come back, and every item there that was said to be stored.
 */
import { percentile } from '../src/evaluation/bootstrap.ts';
import { openAgent, runClients, send, textOf } from './support/clients.ts';
import { descendants, withService } from './support/served.ts';
import { worstOf } from './support/targets.ts';

const seconds = Number(process.env.DIPTYCH_BENCH_SECONDS ?? 60);
const CLIENTS = 16;
const EVERY = 2000;
/** Items that one request writes. */
const ITEMS = 10;

export async function run(): Promise<{ name: string; ours: number; peer: number; ratio: number; unit: string }> {
  return withService(async ({ url, pid }) => {
    const agent = openAgent(CLIENTS + 2);
    const { body } = await send(agent, url, 'GET', '/v1/indexes');
    const [{ name, dimension }] = JSON.parse(body).indexes as { name: string; dimension: number }[];
    const counts = { answered: 0, refused: 0, wrong: 0, kills: 0 };
    const stored: string[] = [];

    const search = async (number: number): Promise<void> => {
      const answer = await send(agent, url, 'POST', '/v1/search', { query: { text: textOf(number) } }).catch(String);
      if (typeof answer === 'string') {
        counts.wrong++;
        process.stderr.write(`no answer: ${answer}\n`);
      } else if (answer.status === 200) counts.answered++;
      else if (answer.status === 503 && Number(answer.headers['retry-after']) >= 1) counts.refused++;
      else {
        counts.wrong++;
        process.stderr.write(`${answer.status}: ${answer.body}\n`);
      }
      // Sooner than it was told, so that requests meet each state of the encoder.
      if (typeof answer !== 'string' && answer.status === 503) await new Promise((resolve) => setTimeout(resolve, 50));
    };
    const write = async (number: number): Promise<void> => {
      const items = Array.from({ length: ITEMS }, (_, k) => ({
        id: `written-${number}-${k}`,
        vector: Array.from({ length: dimension }, (_, d) => Math.sin(1 + number * ITEMS + k + d * (k + 2))),
        metadata: { written: true },
      }));
      const answer = await send(agent, url, 'POST', `/v1/indexes/${name}/items`, { items });
      if (answer.status >= 300) throw new Error(`${answer.status}: ${answer.body}`);
      for (const { id, status } of JSON.parse(answer.body).results) if (status === 'stored') stored.push(id);
    };
    const killing = setInterval(() => {
      for (const one of descendants(pid)) {
        if (!one.command.includes('texts-child')) continue;
        process.kill(one.pid, 'SIGKILL');
        counts.kills++;
      }
    }, EVERY);
    const [{ latencies }] = await Promise.all([runClients(CLIENTS, seconds, search), runClients(1, seconds, write)]);
    clearInterval(killing);

    let lost = 0;
    for (const id of stored) {
      const { status } = await send(agent, url, 'GET', `/v1/indexes/${name}/items/${id}`);
      if (status !== 200) lost++;
    }
    agent.destroy();
    process.stderr.write(
      `${counts.kills} kills; ${counts.answered} searches answered, ${counts.refused} told to come back; ` +
        `ms p50 ${percentile(latencies, 0.5).toFixed(1)}, p99 ${percentile(latencies, 0.99).toFixed(1)}, ` +
        `longest ${percentile(latencies, 1).toFixed(0)}; ${stored.length} items stored\n`,
    );
    if (stored.length === 0 || counts.kills === 0) throw new Error('nothing was written, or nothing killed');
    const total = counts.answered + counts.refused + counts.wrong;
    return worstOf('http-kill', [
      {
        what: 'searches answered with 200, or 503 and when to come back',
        reached: (total - counts.wrong) / total,
        limit: 1,
        more: true,
        unit: '',
      },
      {
        what: 'stored items that are there',
        reached: (stored.length - lost) / stored.length,
        limit: 1,
        more: true,
        unit: '',
      },
      {
        what: 'searches that were answered with 200',
        reached: counts.answered / total,
        limit: 0.5,
        more: true,
        unit: '',
      },
    ]);
  });
}

/**
 * @file Random and mutated requests, several at once, over an index that is replaced now and then: whatever comes, the answer is
 * a success or a problem with a code that is not ours to blame, and it comes soon.
 * `DIPTYCH_FUZZ=100000 npx vitest run src/server/fuzz.test.ts` is the long run.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { replaceIndex, rowsOf } from './testing/fuzz/replace.ts';
import { type Asked, requests } from './testing/fuzz/requests.ts';
import { CURSOR } from './testing/fuzz/values.ts';
import { type Served, serveColours } from './testing/served.ts';

const RUNS = Number(process.env.DIPTYCH_FUZZ ?? 500);
/** Requests that are under way together. */
const AT_ONCE = 8;
/** Longer than any answer takes on a busy machine, and than the service lets it take. */
const HANG_MS = 40_000;
/** Growth over the second half of a long run that counts as a leak: of what is held, and of the process, whose allocators vary. */
const LEAK = { held: 16 * 2 ** 20, resident: 128 * 2 ** 20 };
/** Requests after which the index is replaced, so that what was removed is back. */
const REPLACE = 200;
/** Requests after which a long run says how far it is. */
const TELL = 10_000;

/** An answer, or the page after it if there is one: a cursor leads on only with the question that it belongs to. */
interface Answered {
  readonly asked: Asked;
  readonly status: number;
  readonly text: string;
  readonly instance: string | null;
}

/** Puts in what the service named before, and sends. */
async function send({ app }: Served, asked: Asked, cursor: string): Promise<Answered> {
  const put = (text: string) => text.replaceAll(CURSOR, cursor).replaceAll(encodeURIComponent(CURSOR), cursor);
  const { method, headers } = asked;
  const body = typeof asked.body === 'string' ? put(asked.body) : asked.body;
  const request = new Request(`http://localhost${put(asked.path)}`, {
    method,
    headers,
    ...(body !== undefined && { body }),
  });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer to ${tell(asked)}`)), HANG_MS);
  });
  const answer = await Promise.race([Promise.resolve(app.request(request)), late]).finally(() => clearTimeout(timer));
  const streams = answer.headers.get('Content-Type')?.startsWith('text/event-stream') === true;
  if (streams) await answer.body?.cancel();
  const text = streams ? '' : await answer.text();
  return { asked, status: answer.status, text, instance: answer.headers.get('X-Request-Id') };
}

/** Sends a request; if its answer has a further page, that one too. */
async function sendOn(served: Served, asked: Asked, cursor: string): Promise<Answered[]> {
  const first = await send(served, asked, cursor);
  const next = asked.method === 'POST' && typeof asked.body === 'string' ? jsonOf(first.text)?.next : undefined;
  if (typeof next !== 'string') return [first];
  const body = JSON.stringify({ ...JSON.parse(asked.body as string), cursor: next });
  return [first, await send(served, { ...asked, body }, cursor)];
}

function tell({ method, path, headers, body }: Asked): string {
  return `${method} ${path} ${JSON.stringify(headers)} ${String(body).slice(0, 2000)}`;
}

function jsonOf(text: string): { code?: string; next?: string | null } | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

test(`${RUNS} requests: nothing is our mistake, nothing hangs, nothing is kept`, {
  timeout: 120_000 + RUNS * 200,
}, async () => {
  const reports: { error: unknown; instance: string | undefined }[] = [];
  const served = await serveColours({ report: (error, instance) => reports.push({ error, instance }) });
  const index = served.service.indexNamed('colours');
  const rows = await rowsOf(index);
  const statuses = new Map<number, number>();
  const codes = new Map<string, number>();
  let [done, replaced, cursor] = [0, 0, 'none yet'];
  const start = performance.now();
  const memories = [memory()];
  const batches = fc.array(await requests(), { minLength: AT_ONCE, maxLength: AT_ONCE });
  await fc.assert(
    fc.asyncProperty(batches, async (batch) => {
      // What is asked for while the index is replaced is answered too.
      const replacing = done >= replaced * REPLACE ? replaceIndex(index, rows, replaced++) : undefined;
      const answers = (await Promise.all(batch.map((asked) => sendOn(served, asked, cursor)))).flat();
      await replacing;
      for (const { error, instance } of reports) {
        const about = answers.filter((one) => instance === undefined || one.instance === instance);
        throw new Error(about.map(({ asked }) => tell(asked)).join('\n'), { cause: error });
      }
      for (const { asked, status, text } of answers) {
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        expect(status, `${tell(asked)}: ${text}`).not.toBe(500);
        const answer = jsonOf(text);
        if (status >= 400 && asked.method !== 'HEAD') {
          expect(answer?.code, tell(asked)).toMatch(/^DIPTYCH_/);
          codes.set(answer!.code!, (codes.get(answer!.code!) ?? 0) + 1);
        }
        if (typeof answer?.next === 'string') cursor = answer.next;
      }
      const before = done;
      done += batch.length;
      const half = Math.floor(RUNS / 2);
      if (before < half && done >= half) memories.push(memory());
      if (Math.floor(before / TELL) < Math.floor(done / TELL)) {
        console.log(`${done} after ${seconds(start)} s: ${told(memory())}`);
      }
    }),
    { numRuns: Math.ceil(RUNS / AT_ONCE), endOnFailure: true },
  );
  const [before, halfway, after] = [...memories, memory()];
  // Much gets through, and much is refused in many ways, or little was tried.
  expect(rows.length).toBeGreaterThan(0);
  expect(statuses.get(200) ?? 0).toBeGreaterThan(RUNS / 4);
  expect(codes.size).toBeGreaterThan(10);
  if (process.env.DIPTYCH_FUZZ !== undefined) {
    console.log(Object.fromEntries(statuses), Object.fromEntries([...codes].sort(([, a], [, b]) => b - a)));
    console.log(
      `${done} requests in ${seconds(start)} s; before ${told(before)}, halfway ${told(halfway)}, after ${told(after)}`,
    );
  }
  if (RUNS < 10_000) return;
  expect(after.held - halfway.held).toBeLessThan(LEAK.held);
  expect(after.resident - halfway.resident).toBeLessThan(LEAK.resident);
});

test('a removal that names nothing is refused, and removes nothing', async () => {
  const { call } = await serveColours();
  const remove = (body: unknown) => call('POST', '/v1/indexes/colours/items/delete', body);
  for (const filter of [{}, { all: [] }, { all: [{}, { none: [] }] }, { year: {} }, { any: [{}, { year: 2018 }] }]) {
    expect(await remove({ filter })).toMatchObject({ status: 400, body: { code: 'DIPTYCH_FILTER_EMPTY' } });
    expect((await remove({ ids: ['red'], filter })).body.code).toBe('DIPTYCH_FILTER_EMPTY');
  }
  expect((await remove({})).body.code).toBe('DIPTYCH_SERVER_REQUEST');
  expect((await remove({ ids: [] })).body).toEqual({ removed: 0 });
  expect((await call('GET', '/v1/indexes/colours/items')).body.total).toBe(7);
  expect((await remove({ filter: { kind: { exists: true } } })).body).toEqual({ removed: 21 });
});

interface Memory {
  /** Bytes of objects and buffers that are in use. */
  readonly held: number;
  /** Bytes of the process. */
  readonly resident: number;
}

/** Memory after what is not used any more was let go. */
function memory(): Memory {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  const { rss, heapUsed, external } = process.memoryUsage();
  return { held: heapUsed + external, resident: rss };
}

function told({ held, resident }: Memory): string {
  const mebibytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MiB`;
  return `${mebibytes(held)} held of ${mebibytes(resident)}`;
}

function seconds(start: number): number {
  return Math.round((performance.now() - start) / 1000);
}

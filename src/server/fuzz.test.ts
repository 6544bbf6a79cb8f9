/**
 * @file Random and mutated requests: whatever comes, the answer is a success or a problem with a code that is not ours to blame,
 * and it comes soon. `DIPTYCH_FUZZ=100000 npx vitest run src/server/fuzz.test.ts` is the long run.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Asked, requests } from './testing/fuzz/requests.ts';
import { CURSOR } from './testing/fuzz/values.ts';
import { type Served, serveColours } from './testing/served.ts';

const RUNS = Number(process.env.DIPTYCH_FUZZ ?? 500);
/** Longer than any answer takes on a busy machine. */
const HANG_MS = 20_000;
/** Growth of memory over the second half of a long run that counts as a leak. */
const LEAK_BYTES = 64 * 2 ** 20;
/** Requests after which what was removed is put back. */
const REFILL = 200;

/** Puts in what the service named before, and sends. A request that cannot be written at all is not sent. */
async function send({ app }: Served, asked: Asked, cursor: string) {
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
    timer = setTimeout(() => reject(new Error('no answer')), HANG_MS);
  });
  const answer = await Promise.race([Promise.resolve(app.request(request)), late]).finally(() => clearTimeout(timer));
  const streams = answer.headers.get('Content-Type')?.startsWith('text/event-stream') === true;
  if (streams) await answer.body?.cancel();
  return { status: answer.status, text: streams ? '' : await answer.text() };
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
  const reports: unknown[] = [];
  const served = await serveColours({ report: (error) => reports.push(error) });
  const { rows } = served.service.indexNamed('colours').index.store.manifest();
  const original = await served.service.indexNamed('colours').index.store.get(['red', 'blue', 'yellow', 'white']);
  const statuses = new Map<number, number>();
  const codes = new Map<string, number>();
  let [done, halfway, cursor] = [0, 0, 'none yet'];
  const [start, before] = [performance.now(), memory()];
  await fc.assert(
    fc.asyncProperty(await requests(), async (asked) => {
      let { status, text } = await send(served, asked, cursor);
      // A cursor leads on only with the question that it belongs to.
      const next = asked.method === 'POST' && typeof asked.body === 'string' ? jsonOf(text)?.next : undefined;
      if (typeof next === 'string') {
        const body = JSON.stringify({ ...JSON.parse(asked.body as string), cursor: next });
        ({ status, text } = await send(served, { ...asked, body }, cursor));
      }
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      const told = `${asked.method} ${asked.path} ${JSON.stringify(asked.headers)} ${String(asked.body).slice(0, 2000)}`;
      expect(reports.map(String), told).toEqual([]);
      expect(status, `${told}: ${text}`).not.toBe(500);
      const answer = jsonOf(text);
      if (status >= 400 && asked.method !== 'HEAD') {
        expect(answer?.code, told).toMatch(/^DIPTYCH_/);
        codes.set(answer!.code!, (codes.get(answer!.code!) ?? 0) + 1);
      }
      if (typeof answer?.next === 'string') cursor = answer.next;
      if (++done === Math.floor(RUNS / 2)) halfway = memory();
      if (done % REFILL === 0) {
        const index = served.service.indexNamed('colours');
        await index.changing(({ store }) => store.upsert(original.filter((row) => row !== undefined)));
      }
    }),
    { numRuns: RUNS, endOnFailure: true },
  );
  const after = memory();
  // Much gets through, and much is refused in many ways, or little was tried.
  expect(rows).toBeGreaterThan(0);
  expect(statuses.get(200) ?? 0).toBeGreaterThan(RUNS / 4);
  expect(codes.size).toBeGreaterThan(10);
  if (RUNS >= 10_000) expect(after - halfway).toBeLessThan(LEAK_BYTES);
  if (process.env.DIPTYCH_FUZZ !== undefined) {
    const mebibytes = [before, halfway, after].map((bytes) => Math.round(bytes / 2 ** 20));
    console.log(Object.fromEntries(statuses), Object.fromEntries([...codes].sort(([, a], [, b]) => b - a)));
    console.log(
      `${RUNS} requests in ${Math.round((performance.now() - start) / 1000)} s; memory before, halfway, after: ${mebibytes.join(', ')} MiB`,
    );
  }
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

function memory(): number {
  globalThis.gc?.();
  return process.memoryUsage().rss;
}

/**
 * @file Random and mutated requests: whatever comes, the answer is a success or a problem with a code that is not ours to blame,
 * and it comes soon. `DIPTYCH_FUZZ=100000 npx vitest run src/server/fuzz.test.ts` is the long run.
 */
import fc from 'fast-check';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { serveColours } from './testing/served.ts';

const RUNS = Number(process.env.DIPTYCH_FUZZ ?? 500);
/** Mostly the first, so that requests come further than the first check. */
function mostly<T, U>(usual: fc.Arbitrary<T>, strange: fc.Arbitrary<U>): fc.Arbitrary<T | U> {
  return fc.oneof({ weight: 9, arbitrary: usual }, { weight: 1, arbitrary: strange });
}
const seldom = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: undefined, freq: 6 });

/** Longer than any answer takes on a busy machine. */
const HANG_MS = 20_000;
/** Growth of memory over the second half of a long run that counts as a leak. */
const LEAK_BYTES = 64 * 2 ** 20;

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string | Uint8Array<ArrayBuffer> | undefined;
}

const ids = fc.constantFrom(
  'red',
  'blue',
  'leaves%2Fgreen%201.png',
  'caption%3Ared%230',
  'gone',
  '__proto__',
  '..%2f..%2fetc%2fpasswd',
  '%00',
  '%ff',
  '%',
  'a'.repeat(3000),
);
const paths = fc.oneof(
  fc.constantFrom(
    '/v1/search',
    '/v1/embed',
    '/v1/indexes',
    '/v1/bundles',
    '/v1/jobs',
    '/v1/session',
    '/healthz',
    '/readyz',
    '/metrics',
    '/docs',
    '/openapi.json',
    '/',
  ),
  fc
    .tuple(
      fc.constantFrom('colours', 'other', '%2e%2e', 'constructor'),
      fc.constantFrom('', '/items', '/items/delete', '/duplicates', '/jobs'),
    )
    .map(([index, rest]) => `/v1/indexes/${index}${rest}`),
  fc
    .tuple(fc.constantFrom('items', 'thumbnails', 'pictures'), ids)
    .map(([what, id]) => `/v1/indexes/colours/${what}/${id}`),
  fc.webPath().map((path) => `/v1${path}`),
);
const filters = fc.letrec((tie) => ({
  filter: fc.oneof(
    { depthSize: 'small' },
    fc.dictionary(
      mostly(fc.constantFrom('year', 'warm', 'captions', 'kind'), fc.constantFrom('__proto__', 'gone', '')),
      mostly(fc.oneof(fc.integer({ min: 2017, max: 2025 }), tie('condition')), fc.jsonValue()),
      { maxKeys: 3 },
    ),
    fc.record({ any: fc.array(tie('filter'), { maxLength: 2 }) }),
    fc.record({ none: fc.array(tie('filter'), { maxLength: 2 }), year: tie('condition') }),
  ),
  condition: mostly(
    fc.record(
      {
        eq: fc.string(),
        ne: fc.integer(),
        lt: fc.double(),
        gte: fc.integer(),
        contains: fc.string(),
        exists: fc.boolean(),
      },
      { requiredKeys: [] },
    ),
    fc.dictionary(fc.constantFrom('eq', 'in', 'lt', 'contains', 'near'), fc.jsonValue(), { maxKeys: 2 }),
  ),
})).filter;
const queries = fc.oneof(
  fc.constant('date=1'),
  fc.webQueryParameters(),
  filters.map((filter) => `filter=${encodeURIComponent(JSON.stringify(filter))}`),
  fc
    .record(
      {
        limit: fc.oneof(fc.integer(), fc.string()),
        cursor: fc.string(),
        threshold: fc.double(),
        size: fc.constantFrom('160', '9'),
        by: fc.constantFrom('bytes', 'x'),
      },
      { requiredKeys: [] },
    )
    .map((all) =>
      new URLSearchParams(
        Object.entries(all).map(([name, value]): [string, string] => [name, String(value)]),
      ).toString(),
    ),
);
const pictures = sharp({ create: { width: 9, height: 7, channels: 3, background: '#ff0000' } })
  .png()
  .toBuffer();

/** Bytes with some of them changed, cut off, or said twice. */
function mutations(bytes: Uint8Array): fc.Arbitrary<Uint8Array<ArrayBuffer>> {
  const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 6 });
  return fc.tuple(changes, fc.double({ min: 0, max: 1, noNaN: true }), fc.boolean()).map(([all, share, whole]) => {
    const changed = Uint8Array.from(bytes);
    for (const [place, value] of all) changed[place % changed.length] = value;
    return whole ? changed : changed.slice(0, Math.ceil(share * changed.length));
  });
}

function requests(picture: Uint8Array): fc.Arbitrary<Asked> {
  const base64 = fc.oneof(
    mutations(picture).map((bytes) => Buffer.from(bytes).toString('base64')),
    fc.string(),
  );
  const part = fc.oneof(
    fc.record({
      text: fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('red', 'a blue thing', '\u0000', '\ud800')),
    }),
    fc.record({ image: fc.record({ base64 }) }),
    fc.record({ image: fc.record({ url: fc.webUrl() }) }),
    fc.record({ id: fc.oneof(fc.string(), fc.constantFrom('red', 'blue')) }),
    fc.record({ vector: fc.array(fc.double({ noNaN: true }), { maxLength: 130 }) }),
    fc.constant({ vector: new Array(128).fill(1) }),
  );
  const weighted = fc
    .tuple(part, mostly(fc.constantFrom(1, -0.5, 2), fc.double()))
    .map(([one, weight]) => ({ ...one, weight }));
  const search = fc.record(
    {
      query: mostly(fc.oneof(part, fc.record({ parts: fc.array(weighted, { maxLength: 4 }) })), fc.jsonValue()),
      index: mostly(fc.constant('colours'), fc.string()),
      kind: mostly(fc.constantFrom('image', 'caption'), fc.constant('video')),
      filter: seldom(filters),
      limit: mostly(fc.integer({ min: 1, max: 200 }), fc.double()),
      cursor: seldom(
        fc.oneof(
          fc.string(),
          fc.jsonValue().map((value) => Buffer.from(JSON.stringify(value)).toString('base64url')),
        ),
      ),
      threshold: seldom(mostly(fc.double({ min: -1, max: 1, noNaN: true }), fc.double())),
      within: fc.array(fc.oneof(fc.string(), fc.constant('red')), { maxLength: 4 }),
      captions: fc.boolean(),
    },
    { requiredKeys: ['query'] },
  );
  const item = fc.record(
    {
      id: fc.oneof(fc.string(), fc.constantFrom('new', 'red')),
      vector: fc.constant(new Array(128).fill(0.5)),
      image: fc.record({ base64 }),
      metadata: fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 3 }),
      captions: fc.array(fc.string(), { maxLength: 2 }),
    },
    { requiredKeys: [] },
  );
  const others = fc.oneof(
    fc.record({ items: fc.array(item, { maxLength: 3 }), mode: fc.constantFrom('add', 'upsert', 'x') }),
    fc.record(
      {
        metadata: fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 3 }),
        captions: fc.array(fc.string(), { maxLength: 2 }),
      },
      { requiredKeys: [] },
    ),
    fc.record({ ids: fc.array(fc.string(), { maxLength: 3 }), filter: filters }, { requiredKeys: [] }),
    fc.record(
      { texts: fc.array(fc.string(), { maxLength: 3 }), images: fc.array(fc.record({ base64 }), { maxLength: 2 }) },
      { requiredKeys: [] },
    ),
    fc.record({
      kind: fc.constantFrom('update', 'x'),
      folder: fc.oneof(fc.string(), fc.constantFrom('/etc', '../..', '\u0000')),
    }),
    fc.jsonValue(),
  );
  const deep = fc
    .integer({ min: 10, max: 20_000 })
    .map((depth) => `{"query":{"text":"red"},"filter":${'{"any":['.repeat(depth)}`);
  const json = fc.oneof(
    others.map((value) => JSON.stringify(value)),
    deep,
    fc.string(),
  );
  const names = fc.constantFrom('image', 'images', 'request', 'a"b', '__proto__', '');
  const form = fc.array(
    fc.tuple(
      names,
      fc.oneof(
        mutations(picture).map((bytes) => Buffer.from(bytes).toString('latin1')),
        fc.string(),
        search.map((value) => JSON.stringify(value)),
      ),
      fc.constantFrom('; filename="a.png"', '', '; filename="../../x"'),
    ),
    { maxLength: 3 },
  );
  const multipart = form.map((parts) =>
    Uint8Array.from(
      Buffer.from(
        `${parts.map(([name, content, file]) => `--b\r\nContent-Disposition: form-data; name="${name}"${file}\r\n\r\n${content}\r\n`).join('')}--b--\r\n`,
        'latin1',
      ),
    ),
  );
  const strange = fc.dictionary(
    fc.constantFrom(
      'Range',
      'If-None-Match',
      'Accept',
      'Origin',
      'Cookie',
      'Authorization',
      'Sec-Fetch-Site',
      'Content-Length',
      'Expect',
    ),
    fc.constantFrom('', '*', 'bytes=0-', 'Bearer x', 'null', 'cross-site', '0', '999999999999', 'diptych_key=x'),
    { maxKeys: 2 },
  );
  const headers = mostly(fc.constant({}), strange);
  const typed = (
    type: fc.Arbitrary<string>,
    body: fc.Arbitrary<Asked['body']>,
    path: fc.Arbitrary<string>,
    method: fc.Arbitrary<string>,
  ) =>
    fc.record({
      method,
      path,
      headers: fc.tuple(headers, type).map(([all, one]) => ({ ...all, 'Content-Type': one })),
      body,
    });
  const anyMethod = fc.constantFrom('POST', 'PATCH', 'DELETE', 'PUT');
  const jsonType = fc.constantFrom(
    'application/json',
    'application/json',
    'application/json; charset=utf-16',
    'text/plain',
    'x',
  );
  return fc.oneof(
    {
      weight: 3,
      arbitrary: typed(
        fc.constant('application/json'),
        search.map((value) => JSON.stringify(value)),
        fc.constant('/v1/search'),
        fc.constant('POST'),
      ),
    },
    { weight: 2, arbitrary: typed(jsonType, json, paths, anyMethod) },
    {
      weight: 2,
      arbitrary: fc.record({
        method: fc.constantFrom('GET', 'GET', 'HEAD', 'OPTIONS'),
        path: fc.tuple(paths, queries).map(([path, query]) => `${path}?${query}`),
        headers,
        body: fc.constant(undefined),
      }),
    },
    {
      weight: 1,
      arbitrary: typed(
        fc.constantFrom('multipart/form-data; boundary=b', 'multipart/form-data', 'multipart/form-data; boundary=c'),
        multipart,
        paths,
        anyMethod,
      ),
    },
  );
}

test(`${RUNS} requests: nothing is our mistake, nothing hangs, nothing is kept`, {
  timeout: 120_000 + RUNS * 200,
}, async () => {
  const reports: unknown[] = [];
  const { app } = await serveColours({ report: (error) => reports.push(error) });
  const statuses = new Map<number, number>();
  let done = 0;
  let halfway = 0;
  await fc.assert(
    fc.asyncProperty(requests(await pictures), async ({ method, path, headers, body }) => {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new Error('no answer')), HANG_MS);
      });
      const sent = new Request(`http://localhost${path}`, { method, headers, ...(body !== undefined && { body }) });
      const answer = await Promise.race([Promise.resolve(app.request(sent)), late]).finally(() => clearTimeout(timer));
      const text = answer.headers.get('Content-Type')?.startsWith('text/event-stream') ? '' : await answer.text();
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
      if (++done === Math.floor(RUNS / 2)) halfway = memory();
      expect(reports.map(String), `${method} ${path}`).toEqual([]);
      expect(answer.status, text).not.toBe(500);
      if (answer.status >= 400 && method !== 'HEAD') expect(JSON.parse(text).code).toMatch(/^DIPTYCH_/);
    }),
    { numRuns: RUNS, endOnFailure: true },
  );
  // Some get through, or little was tried.
  expect(statuses.get(200) ?? 0).toBeGreaterThan(RUNS / 20);
  if (RUNS >= 10_000) expect(memory() - halfway).toBeLessThan(LEAK_BYTES);
  if (process.env.DIPTYCH_FUZZ !== undefined)
    console.log(Object.fromEntries(statuses), Math.round(memory() / 2 ** 20), 'MiB');
});

function memory(): number {
  globalThis.gc?.();
  return process.memoryUsage().rss;
}

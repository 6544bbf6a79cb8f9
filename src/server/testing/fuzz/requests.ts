/** @file Requests that are right but for at most one thing: a field of the body, a header, a part of a form, bytes of a picture. */
import fc from 'fast-check';
import { forms } from './forms.ts';
import { mutated } from './mutate.ts';
import { type Bytes, pictureFiles } from './pictures.ts';
import { anyText, CURSOR, filters, ids, metadata, mostly, newIds, texts } from './values.ts';

/** A request before it is sent. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string | Bytes | undefined;
}

/** Of a hundred bodies so many are changed in one place. */
const MUTATED = 45;

const seldom = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: undefined, freq: 3 });
const vector = fc.constantFrom(1, -1).map((sign) => Array.from({ length: 128 }, (_, i) => (i % 7 === 0 ? sign : 0.1)));
const kind = fc.constantFrom('image', 'caption');

export async function requests(): Promise<fc.Arbitrary<Asked>> {
  const pictures = await pictureFiles();
  const image = fc.oneof(
    { weight: 8, arbitrary: pictures.map((bytes) => ({ base64: Buffer.from(bytes).toString('base64') })) },
    { weight: 1, arbitrary: fc.webUrl().map((url) => ({ url })) },
    { weight: 1, arbitrary: fc.string().map((base64) => ({ base64 })) },
    { weight: 1, arbitrary: fc.constant({ upload: 'image' }) },
  );
  const part = fc.oneof(
    fc.record({ text: texts }),
    fc.record({ image }),
    fc.record({ id: ids }),
    fc.record({ vector }),
  );
  const weighted = fc.tuple(part, fc.constantFrom(1, -0.5, 2, 100, -100)).map(([one, weight]) => ({ ...one, weight }));
  const search = fc.record(
    {
      query: fc.oneof(
        { weight: 3, arbitrary: part },
        { weight: 1, arbitrary: fc.record({ parts: fc.array(weighted, { minLength: 1, maxLength: 4 }) }) },
      ),
      index: fc.constant('colours'),
      kind,
      filter: filters,
      limit: fc.constantFrom(1, 2, 20, 200),
      cursor: mostly(fc.constant(undefined), fc.constant(CURSOR)),
      threshold: fc.constantFrom(-1, 0, 0.5, 1),
      within: fc.array(ids, { minLength: 1, maxLength: 4 }),
      captions: fc.boolean(),
      beta: mostly(fc.constant(undefined), fc.double({ min: 0, max: 1, noNaN: true })),
    },
    { requiredKeys: ['query'] },
  );
  const captions = fc.array(fc.constantFrom('a red thing', 'snow', 'ä \ud83d\udc15'), { maxLength: 2 });
  const item = fc.oneof(
    fc.record({ id: newIds, vector, metadata, captions }, { requiredKeys: ['id', 'vector'] }),
    fc.record({ id: newIds, image, metadata }, { requiredKeys: ['image'] }),
  );
  const add = fc.record(
    { items: fc.array(item, { minLength: 1, maxLength: 3 }), mode: fc.constantFrom('add', 'upsert') },
    { requiredKeys: ['items'] },
  );
  const removal = fc.oneof(
    fc.record({ ids: fc.array(newIds, { maxLength: 3 }) }),
    fc.record({ filter: filters }),
    fc.record({ filter: fc.constantFrom({}, { all: [] }, { none: [] }, { year: {} }, { any: [{}] }) }),
  );
  const embed = fc.oneof(
    fc.record({ texts: fc.array(texts, { minLength: 1, maxLength: 3 }) }),
    fc.record({ images: fc.array(image, { minLength: 1, maxLength: 2 }) }),
  );
  const job = fc.record(
    {
      kind: fc.constant('update'),
      folder: fc.constantFrom('/etc', '../..', '\u0000', '.'),
      captions: fc.boolean(),
    },
    { requiredKeys: ['kind', 'folder'] },
  );
  const items = '/v1/indexes/colours/items';
  const json = (method: string, path: fc.Arbitrary<string>, body: fc.Arbitrary<unknown>): fc.Arbitrary<Asked> =>
    fc
      .record({
        method: mostly(fc.constant(method), fc.constantFrom('GET', 'PUT', 'DELETE', 'PATCH', 'POST')),
        path,
        headers: headersWith('application/json', jsonTypes),
        body: mostly(
          body.chain((value) => mutated(value, MUTATED)).map((value) => JSON.stringify(value)),
          brokenJson(body),
        ),
      })
      .map(withoutBody);
  const at = (path: string) =>
    mostly(fc.constant(path), fc.constantFrom(`${path}/`, `${path}?x=1`, `/${path}`, `${path}%00`));
  const one = ids.map((id) => `${items}/${encoded(id)}`);
  return fc.oneof(
    { weight: 30, arbitrary: json('POST', at('/v1/search'), search) },
    { weight: 8, arbitrary: json('POST', at('/v1/embed'), embed) },
    { weight: 5, arbitrary: json('POST', at(items), add) },
    { weight: 3, arbitrary: json('PATCH', one, fc.record({ metadata, captions }, { requiredKeys: [] })) },
    { weight: 3, arbitrary: json('POST', at(`${items}/delete`), removal) },
    { weight: 1, arbitrary: json('DELETE', one, fc.constant(null)) },
    { weight: 2, arbitrary: json('POST', at('/v1/indexes/colours/jobs'), job) },
    { weight: 25, arbitrary: reads(one) },
    { weight: 6, arbitrary: forms(pictures, at('/v1/search'), search) },
    { weight: 3, arbitrary: forms(pictures, at(items), add) },
  );
}

const jsonTypes = [
  'application/json; charset=utf-16',
  'text/plain',
  'x',
  '',
  'multipart/form-data',
  'application/JSON;',
];

/** Of bodies that are no JSON, or more of it than anybody writes. */
function brokenJson(body: fc.Arbitrary<unknown>): fc.Arbitrary<string> {
  return fc.oneof(
    fc.integer({ min: 10, max: 20_000 }).map((depth) => `{"query":{"text":"red"},"filter":${'{"any":['.repeat(depth)}`),
    fc.integer({ min: 10, max: 60 }).map((depth) => {
      const filter = `${'{"any":['.repeat(depth)}{"year":2020}${']}'.repeat(depth)}`;
      return `{"query":{"text":"red"},"filter":${filter}}`;
    }),
    fc.tuple(body, fc.double({ min: 0, max: 1, noNaN: true })).map(([value, share]) => {
      const text = JSON.stringify(value);
      return text.slice(0, Math.floor(share * text.length));
    }),
    fc.constantFrom(
      '',
      '\ufeff{}',
      '{"query":{"text":"red"},"query":{"text":"blue"}}',
      '[]',
      'NaN',
      '"\\ud800"',
      '1e999',
    ),
  );
}

/** One header that is not what it should be, once in a while. */
export function headersWith(type: string, others: readonly string[]): fc.Arbitrary<Record<string, string>> {
  const usual = fc.constant({ 'Content-Type': type });
  const strange = fc
    .tuple(
      fc.constantFrom(
        ...['Range', 'If-None-Match', 'If-Range', 'Accept', 'Accept-Encoding', 'Origin', 'Cookie', 'Authorization'],
        ...['Sec-Fetch-Site', 'Content-Length', 'Content-Encoding', 'Transfer-Encoding', 'Expect', 'X-Forwarded-For'],
        ...['X-Request-Id', 'X-HTTP-Method-Override', 'Last-Event-ID', 'Host'],
      ),
      fc.constantFrom(
        ...['', '*', 'bytes=0-', 'bytes=5-2', 'bytes=-1', 'bytes=0-1,3-4', 'W/"x"', 'Bearer x', 'Basic Og==', 'null'],
        ...['cross-site', '0', '-1', '999999999999', 'diptych_key=x', 'gzip', 'chunked', 'DELETE', 'evil.example'],
        ...['a'.repeat(9000), '\u00ff', 'text/event-stream', 'q=;;;,,', '127.0.0.1, ::1'],
      ),
    )
    .map(([name, value]) => ({ 'Content-Type': type, [name]: value }));
  const typed = fc.constantFrom(...others).map((other) => ({ 'Content-Type': other }));
  return fc.oneof(
    { weight: 16, arbitrary: usual },
    { weight: 3, arbitrary: strange },
    { weight: 1, arbitrary: typed },
  ) as fc.Arbitrary<Record<string, string>>;
}

/** An id within an address. A half of a surrogate pair cannot be written there. */
function encoded(id: string): string {
  return encodeURIComponent(Buffer.from(id).toString());
}

function withoutBody(asked: Asked): Asked {
  return asked.method === 'GET' ? { ...asked, body: undefined } : asked;
}

function reads(one: fc.Arbitrary<string>): fc.Arbitrary<Asked> {
  const query = fc
    .record(
      {
        filter: mostly(
          filters.map((filter) => JSON.stringify(filter)),
          fc.string(),
        ),
        kind: mostly(kind, fc.string()),
        limit: mostly(
          fc.constantFrom('1', '2', '50', '200'),
          fc.constantFrom('0', '201', '1e2', ' 5', '٣', 'Infinity'),
        ),
        cursor: fc.oneof(fc.constant(CURSOR), anyText(0, 10)),
        threshold: mostly(fc.constantFrom('0.9', '0.5'), fc.constantFrom('-3', 'NaN', '')),
        size: mostly(fc.constantFrom('160', '320', '640'), fc.constantFrom('9', '160.0', '-160')),
        by: mostly(fc.constantFrom('bytes', 'pixels', 'embedding'), fc.constant('x')),
      },
      { requiredKeys: [] },
    )
    .map((all) => new URLSearchParams(all as Record<string, string>).toString());
  const index = mostly(
    fc.constant('colours'),
    fc.constantFrom('other', '%2e%2e', 'constructor', '%00', 'a'.repeat(99)),
  );
  const ofIndex = fc
    .tuple(index, fc.constantFrom('', '/items', '/items', '/duplicates', '/jobs', '/items/delete'))
    .map(([name, rest]) => `/v1/indexes/${name}${rest}`);
  const ofItem = fc
    .tuple(fc.constantFrom('items', 'thumbnails', 'pictures'), one)
    .map(([what, path]) => path.replace('/items/', `/${what}/`));
  const fixed = fc.constantFrom(
    ...['/v1/indexes', '/v1/bundles', '/v1/jobs', '/v1/session', '/healthz', '/readyz', '/metrics', '/docs'],
    ...[
      '/openapi.json',
      '/',
      '/v1/jobs/x',
      '/v1/jobs/x/events',
      '/assets/../../package.json',
      '/v1/indexes/colours/items/%',
    ],
  );
  return fc.record({
    method: mostly(fc.constant('GET'), fc.constantFrom('HEAD', 'OPTIONS')),
    path: fc
      .tuple(fc.oneof({ weight: 3, arbitrary: ofIndex }, { weight: 3, arbitrary: ofItem }, fixed), seldom(query))
      .map(([path, text]) => (text === undefined ? path : `${path}?${text}`)),
    headers: headersWith('application/json', jsonTypes),
    body: fc.constant(undefined),
  });
}

/** @file `beta` of a search: the halves of vectors in other shares, for every way of asking, and its refusal. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { alwaysReady, colourQueryEncoder, fixedModels } from './testing/encoder.ts';
import { type Served, serveColours } from './testing/served.ts';

const SHARE = 0.2;

interface Result {
  readonly id: string;
  readonly score: number;
  readonly percentile: number | null;
}

/** A service whose model says that the second half of its vectors, which counts words that are no colours, has a share. */
const serveHalves = (share: number | undefined) =>
  serveColours({ models: fixedModels([alwaysReady('halves', { ...colourQueryEncoder(), share })]) });

async function found({ call }: Served, request: object): Promise<readonly Result[]> {
  const { status, body } = await call('POST', '/v1/search', { limit: 200, ...request });
  expect([status, body.detail]).toEqual([200, undefined]);
  return body.results;
}

/** Scores by the formula: (1-β')/(1-β) of the first half's part, β'/β of the second's. */
async function expected(
  { service, call }: Served,
  text: string,
  kind: string,
  beta: number,
): Promise<Map<string, number>> {
  const [query] = (await call('POST', '/v1/embed', { texts: [text] })).body.vectors as number[][];
  const scores = new Map<string, number>();
  for await (const { id, vector, metadata } of service.indexNamed(undefined).index.store.scan()) {
    const half = vector.length / 2;
    const part = (from: number) => vector.slice(from, from + half).reduce((sum, x, i) => sum + x * query[from + i], 0);
    const score = ((1 - beta) / (1 - SHARE)) * part(0) + (beta / SHARE) * part(half);
    if ((metadata.kind === 'caption') === (kind === 'caption')) scores.set(id, score);
  }
  return scores;
}

test('scores and their order are those of the wanted shares; pages, sets and captions follow', async () => {
  const served = await serveHalves(SHARE);
  const text = 'all red square';
  for (const [kind, beta] of [
    ['image', 0],
    ['caption', 0],
    ['caption', 0.5],
    ['caption', 1],
  ] as const) {
    const results = await found(served, { query: { text }, kind, beta });
    const scores = await expected(served, text, kind, beta);
    expect(results).toHaveLength(scores.size);
    for (const { id, score } of results) expect(score).toBeCloseTo(scores.get(id)!, 5);
    expect(results.map(({ score }) => score)).toEqual(
      [...scores.values()].sort((a, b) => b - a).map((x) => expect.closeTo(x, 5)),
    );
  }
  const asked = { query: { text }, kind: 'caption', beta: 0.9 };
  const all = await found(served, asked);
  expect(all).not.toEqual(await found(served, { ...asked, beta: undefined }));
  const own = { ...asked, beta: SHARE };
  const usual = await found(served, { ...asked, beta: undefined });
  expect(new Map((await found(served, own)).map(({ id, score }) => [id, expect.closeTo(score, 5)]))).toEqual(
    new Map(usual.map(({ id, score }) => [id, score])),
  );
  // The cursor belongs to one beta.
  const { body: page } = await served.call('POST', '/v1/search', { ...asked, limit: 3 });
  const { body: next } = await served.call('POST', '/v1/search', { ...asked, limit: 3, cursor: page.next });
  expect([...page.results, ...next.results].map(({ id }: Result) => id)).toEqual(all.slice(0, 6).map(({ id }) => id));
  const other = await served.call('POST', '/v1/search', { ...asked, limit: 3, beta: 0.1, cursor: page.next });
  expect(other.body.code).toBe('DIPTYCH_SERVER_CURSOR');
  const within = [all[1].id, all[4].id];
  expect((await found(served, { ...asked, within })).map(({ id }) => id)).toEqual(within);
  // Fused with words of captions, and from an item: the cosine that is told is one of these shares.
  const query = { parts: [{ text: 'red' }, { id: 'blue' }] };
  const plain = await found(served, { query, captions: true });
  const fused = await found(served, { query, captions: true, beta: 0 });
  for (const { id, score } of fused) expect(score).not.toBeCloseTo(plain.find((one) => one.id === id)!.score || 1, 5);
});

test('percentiles are those of pairs in the same shares', async () => {
  const served = await serveHalves(SHARE);
  await served.service.indexNamed('colours').overview.settled();
  const percentiles = async (beta: number) =>
    (await found(served, { query: { text: 'red square' }, kind: 'caption', beta })).map(({ percentile }) => percentile);
  const told: (number | null)[][] = [];
  for (const beta of [0, 1]) {
    await percentiles(beta);
    await expect.poll(async () => (await percentiles(beta))[0], { timeout: 5_000 }).not.toBeNull();
    told.push(await percentiles(beta));
    expect([...told.at(-1)!].sort((a, b) => b! - a!)).toEqual(told.at(-1));
  }
  expect(told[0]).not.toEqual(told[1]);
});

test.each([undefined, 0, 1])('a model whose share is %s is refused with a code and what to do', async (share) => {
  const { call, folder } = await serveHalves(share);
  for (const query of [{ text: 'red' }, { id: 'red' }]) {
    const { status, body } = await call('POST', '/v1/search', { query, beta: 0.3 });
    expect([status, body.code]).toEqual([422, 'DIPTYCH_CODER_BETA']);
    expect(body.detail).toMatch(/^Halves: the weight of the concept branch cannot be changed/);
    expect(JSON.stringify(body)).not.toContain(join(folder));
  }
});

test('a weight beyond 0 and 1 is no request, and without the model of the index nothing is known of its halves', async () => {
  const { call } = await serveHalves(SHARE);
  for (const beta of [-0.1, 1.1, '0.5', null]) {
    const { status, body } = await call('POST', '/v1/search', { query: { text: 'red' }, beta });
    expect([status, body.code]).toEqual([400, 'DIPTYCH_SERVER_REQUEST']);
    expect(body.errors).toMatchObject([{ path: 'beta' }]);
  }
  const bare = await serveColours({ models: fixedModels([]) });
  const { status, body } = await bare.call('POST', '/v1/search', { query: { id: 'red' }, beta: 0.5 });
  expect([status, body.code]).toEqual([404, 'DIPTYCH_SERVER_BUNDLE_UNKNOWN']);
});

/** @file `search --beta`, once on a spawned command line: an index of CODER's vectors, asked with other shares of the concept branch. */
import { join } from 'node:path';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { exportBundle } from '../../bundle/export.ts';
import { sharedFolder, train } from '../../bundle/testing/trained.ts';
import { Client } from '../../client/client.ts';
import { readDataset } from '../../data/dataset.ts';
import { writeDemoDataset } from '../../demo/write.ts';
import { changeableShare } from '../../methods/coder/reweigh.ts';
import { serve } from '../../server/serve.ts';
import { diptych } from '../../testing/diptych.ts';
import { callVerb } from '../../testing/verb.ts';
import { verb as create } from './index-create.ts';
import { verb as search } from './search.ts';

const folder = sharedFolder();
const at = (name: string): string => join(folder, name);
const PICTURES = 48;

beforeAll(async () => {
  await writeDemoDataset(at('scenes'), { train: 40, val: 8, seed: 1, size: 24 });
  const dataset = await readDataset(at('scenes'));
  await train(at('run'), at('scenes'), dataset, {
    objectives: { terms: ['coder'] },
    embedding: { dimension: 12 },
    image: { kind: 'pixels', imageSize: 16, patchSize: 8, width: 8, layers: 1, heads: 2, pooling: 'mean' },
    text: { kind: 'bigru', wordDimension: 8, pooling: 'mean' },
    coder: {
      keys: { queue: 32 },
      concepts: { size: 8, hidden: 8, beta: 0.2 },
      clusters: { prototypes: 4 },
    },
  });
  await exportBundle({ run: at('run'), out: at('bundle'), dataset, threads: 1 });
  await callVerb(create, [at('index'), at('scenes')], { 'index.bundle': at('bundle'), 'machine.threads': '1' });
}, 120_000);

type Results = { results: { id: string; score: number }[] };
const byId = ({ results }: Results) => new Map(results.map(({ id, score }) => [id, score]));

/** Scores of all pictures for a question, by id, best first. */
async function scores(words: readonly string[], flags: Record<string, string> = {}): Promise<Map<string, number>> {
  const { json } = await callVerb(search, words, { 'search.index': at('index'), 'search.top': '100', ...flags });
  return byId(json as Results);
}
const withBeta = (beta: string) => ({ 'search.beta': beta });

test('scores are those of the wanted share, without encoding pictures again', async () => {
  const question = ['a red circle'];
  const as = await scores(question);
  const instance = await scores(question, withBeta('0'));
  const concept = await scores(question, withBeta('1'));
  const half = await scores(question, withBeta('0.5'));
  expect(as.size).toBe(PICTURES);
  expect([...instance.keys()]).not.toEqual([...concept.keys()]);
  for (const [id, score] of as) {
    expect(score).toBeCloseTo(0.8 * instance.get(id)! + 0.2 * concept.get(id)!, 5);
    expect(half.get(id)).toBeCloseTo(0.5 * instance.get(id)! + 0.5 * concept.get(id)!, 5);
  }
  const descending = [...half.values()].sort((a, b) => b - a);
  expect([...half.values()]).toEqual(descending);
  // The threshold is one on these scores, whether all items are searched or some.
  const limit = (descending[9] + descending[10]) / 2;
  const asked = ['--beta', '0.5', '--threshold', String(limit), '--top', '100', '--json'];
  const { stdout } = await diptych(['search', ...question, '--index', at('index'), ...asked]);
  expect([...byId(JSON.parse(stdout) as Results)]).toEqual([...half].slice(0, 10));
}, 60_000);

test('items of the index are asked with other shares too', async () => {
  const [first] = (await scores(['a circle'])).keys();
  const [as, same, other] = [
    await scores([], { 'search.id': first }),
    await scores([], { 'search.id': first, ...withBeta('0.2') }),
    await scores([], { 'search.id': first, ...withBeta('0.9') }),
  ];
  expect(as.size).toBe(PICTURES - 1);
  for (const [id, score] of as) expect(same.get(id)).toBeCloseTo(score, 5);
  expect([...as].some(([id, score]) => Math.abs(other.get(id)! - score) > 1e-3)).toBe(true);
}, 60_000);

test('a model without the branch, or whose weight left out one half, is refused', async () => {
  expect(changeableShare('m', 0.3)).toBe(0.3);
  for (const share of [undefined, 0, 1])
    expect(() => changeableShare('m', share)).toThrow(expect.objectContaining({ code: 'DIPTYCH_CODER_BETA' }));
});

test('over HTTP the same word means the same', async () => {
  const service = await serve({ bundles: [at('bundle')], indexes: [at('index')], host: '127.0.0.1', port: 0 });
  onTestFinished(() => service.close());
  const client = new Client({ url: service.url });
  const question = 'a red circle';
  for (const beta of [0, 0.5, 1]) {
    const here = await scores([question], withBeta(String(beta)));
    const { results } = await client.search({ query: { text: question }, beta, limit: 100 });
    expect(results).toHaveLength(PICTURES);
    for (const { id, score } of results) expect(score).toBeCloseTo(here.get(id)!, 5);
  }
}, 60_000);

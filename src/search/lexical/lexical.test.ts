import { chmodSync, existsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { words } from '../../data/tokens/words.ts';
import { openIndex } from '../../index/index-folder.ts';
import { createIndex, removeFromIndex } from '../../index/manage.ts';
import { listSource } from '../../index/source.ts';
import { colourEncoder } from '../../index/testing/encoder.ts';
import { writePicture } from '../../index/testing/pictures.ts';
import { codeOf } from '../../index/testing/rows.ts';
import { temporaryFolder } from '../../testing/temporary.ts';
import { search } from '../search.ts';
import { bm25 } from './bm25.ts';
import { captionIndexOf } from './cache.ts';
import { reciprocalRankFusion } from './fusion.ts';
import { type CaptionIndex, CaptionIndexBuilder } from './inverted.ts';
import { searchCaptions } from './search.ts';

function indexOf(captions: readonly (readonly [image: string, text: string])[]): CaptionIndex {
  const builder = new CaptionIndexBuilder();
  for (const [image, text] of captions) builder.add(image, text);
  return builder.build();
}

const one = (text: string, weight = 1) => [{ text, weight }];

describe('bm25', () => {
  test('has the value of its formula', () => {
    const index = indexOf([
      ['a', 'dog dog runs'],
      ['b', 'a cat'],
      ['c', 'the dog sleeps on the mat'],
    ]);
    // N = 3, "dog" in 2 of them, mean length 11 / 3.
    const idf = Math.log(1 + (3 - 2 + 0.5) / 2.5);
    const a = (idf * 2 * 2.2) / (2 + 1.2 * (0.25 + (0.75 * 3) / (11 / 3)));
    const c = (idf * 1 * 2.2) / (1 + 1.2 * (0.25 + (0.75 * 6) / (11 / 3)));
    expect(bm25(index, one('Dog'))).toEqual([
      { id: 'a', score: expect.closeTo(a, 12) },
      { id: 'c', score: expect.closeTo(c, 12) },
    ]);
    // Without saturation and without regard to length a caption scores idf.
    expect(bm25(index, one('dog'), { k1: 0 }).map(({ score }) => score)).toEqual([idf, idf]);
    expect(bm25(index, one('dog dog'))[0].score).toBeCloseTo(2 * a, 12);
  });

  test('an image has the score of its best caption; the same caption twice counts once', () => {
    const index = indexOf([
      ['a', 'a dog'],
      ['a', 'a dog'],
      ['a', 'nothing at all'],
      ['b', 'the dog and the big tree'],
    ]);
    expect(index.lengths).toHaveLength(3);
    const hits = bm25(index, one('dog'));
    expect(hits.map(({ id }) => id)).toEqual(['a', 'b']);
    expect(bm25(index, one('nothing'))).toHaveLength(1);
  });

  test('texts with negative weights hold captions back', () => {
    const index = indexOf([
      ['a', 'a dog in snow'],
      ['b', 'a dog in grass'],
      ['c', 'snow'],
    ]);
    const hits = bm25(index, [...one('dog'), ...one('snow', -0.5)]);
    expect(hits.map(({ id }) => id)).toEqual(['b', 'a']);
    expect(bm25(index, one('dog', -1))).toEqual([]);
    expect(bm25(index, one('zebra'))).toEqual([]);
  });

  const captions = fc.array(
    fc.tuple(
      fc.constantFrom('x', 'y', 'z'),
      fc.array(fc.constantFrom('a', 'b', 'c', 'd')).map((list) => list.join(' ')),
    ),
    {
      minLength: 1,
      maxLength: 12,
    },
  );

  test('equals the sum over plain lists of words', () => {
    const property = fc.property(
      captions,
      fc.array(fc.constantFrom('a', 'b', 'c', 'e'), { minLength: 1 }),
      (given, query) => {
        const unique = [...new Map(given.map((pair) => [pair.join('|'), pair])).values()];
        const lists = unique.map(([, text]) => words(text));
        const mean = lists.reduce((sum, list) => sum + list.length, 0) / lists.length;
        const best = new Map<string, number>();
        lists.forEach((list, i) => {
          let score = 0;
          for (const word of query) {
            const n = lists.filter((other) => other.includes(word)).length;
            const f = list.filter((other) => other === word).length;
            if (f > 0)
              score +=
                (Math.log(1 + (lists.length - n + 0.5) / (n + 0.5)) * f * 2.2) /
                (f + 1.2 * (0.25 + (0.75 * list.length) / mean));
          }
          if (score > 0) best.set(unique[i][0], Math.max(score, best.get(unique[i][0]) ?? 0));
        });
        const hits = bm25(indexOf(given), one(query.join(' ')));
        expect(Object.fromEntries(hits.map(({ id, score }) => [id, score]))).toEqual(
          Object.fromEntries([...best].map(([id, score]) => [id, expect.closeTo(score, 9)])),
        );
        for (const limit of [1, 2]) {
          expect(bm25(indexOf(given), one(query.join(' ')), { limit })).toEqual(hits.slice(0, limit));
        }
        for (let i = 1; i < hits.length; i++) expect(hits[i - 1].score).toBeGreaterThanOrEqual(hits[i].score);
      },
    );
    fc.assert(property);
  });
});

describe('reciprocalRankFusion', () => {
  test('adds reciprocal ranks', () => {
    const fused = reciprocalRankFusion([
      ['a', 'b', 'c'],
      ['c', 'a'],
    ]);
    expect(fused).toEqual([
      { id: 'a', score: 1 / 61 + 1 / 62, ranks: [1, 2] },
      { id: 'c', score: 1 / 63 + 1 / 61, ranks: [3, 1] },
      { id: 'b', score: 1 / 62, ranks: [2, undefined] },
    ]);
    expect(reciprocalRankFusion([['a'], ['b']], 1).map(({ score }) => score)).toEqual([0.5, 0.5]);
    expect(reciprocalRankFusion([[], []])).toEqual([]);
  });

  const ranking = fc.uniqueArray(fc.constantFrom(...'abcdefgh'));

  test('one list, or the same list twice, keeps its order; the order of lists does not matter', () => {
    const ids = (lists: string[][]) => reciprocalRankFusion(lists).map(({ id }) => id);
    fc.assert(
      fc.property(ranking, ranking, (x, y) => {
        expect(ids([x])).toEqual(x);
        expect(ids([x, x])).toEqual(x);
        expect(ids([x, y])).toEqual(ids([y, x]));
        expect(new Set(ids([x, y]))).toEqual(new Set([...x, ...y]));
      }),
    );
  });

  test('what is better in both lists is better fused', () => {
    fc.assert(
      fc.property(ranking, ranking, (x, y) => {
        const order = reciprocalRankFusion([x, y]).map(({ id }) => id);
        for (const a of x) {
          for (const b of x) {
            if (x.indexOf(a) < x.indexOf(b) && y.includes(a) && (!y.includes(b) || y.indexOf(a) < y.indexOf(b)))
              expect(order.indexOf(a)).toBeLessThan(order.indexOf(b));
          }
        }
      }),
    );
  });
});

/** An index of six pictures with captions that say more than colours do. */
async function captioned(options: { captions?: boolean } = {}) {
  const root = temporaryFolder();
  const lines = [];
  const animals = { red: 'dog', blue: 'cat', yellow: 'dog', white: 'horse', black: 'cat', magenta: 'snail' };
  for (const [i, [colour, animal]] of Object.entries(animals).entries()) {
    const path = await writePicture(root, `${colour}.png`, colour);
    lines.push({ path, id: colour, captions: [`Ein ${animal} steht`, `a ${animal}, alone`], year: 2018 + i });
  }
  writeFileSync(join(root, 'list.jsonl'), lines.map((line) => JSON.stringify(line)).join('\n'));
  const encoder = colourEncoder();
  await createIndex(join(root, 'index'), encoder, [await listSource(join(root, 'list.jsonl'))], options);
  const index = await openIndex(join(root, 'index'));
  return { index, encoder, cache: join(root, 'index', index.version, 'captions.safetensors') };
}

describe('searchCaptions', () => {
  test.each([{}, { captions: true }])('alone, without a model (index made with %j)', async (options) => {
    const { index } = await captioned(options);
    const results = await searchCaptions(index, undefined, { query: { text: 'DOG' }, captions: 'only' });
    expect(results.map(({ id }) => id)).toEqual(['red', 'yellow']);
    expect(results[1]).toMatchObject({ captionScore: results[1].score, ranks: { vector: null, captions: 2 } });
    const more = await searchCaptions(index, undefined, {
      query: [{ text: 'dog' }, { id: 'red' }],
      captions: 'only',
    });
    expect(more.map(({ id }) => id)).toEqual(['yellow']);
    await index.store.close();
  });

  test('fused with vectors: what both find comes first', async () => {
    const { index, encoder } = await captioned();
    const request = { query: { text: 'yellow dog' }, top: 3, captions: 'fuse' } as const;
    const [first, second] = await searchCaptions(index, encoder, request);
    expect(first).toMatchObject({ id: 'yellow', ranks: { vector: 1 } });
    expect(second.id).toBe('red');
    const [byVector] = await search(index, encoder, { query: request.query });
    expect(first.score).toBeCloseTo(byVector.score, 12);
    const all = await search(index, encoder, { query: request.query });
    expect(second.score).toBeCloseTo(all.find(({ id }) => id === 'red')!.score, 12);
    await index.store.close();
  });

  test('keeps to filter and set', async () => {
    const { index, encoder } = await captioned({ captions: true });
    const query = { text: 'a dog or a cat' };
    const ids = async (options: object): Promise<string[]> => {
      const only = await searchCaptions(index, undefined, { query, captions: 'only', ...options });
      const fused = await searchCaptions(index, encoder, { query, captions: 'fuse', threshold: 0.99, ...options });
      expect(fused.map(({ id }) => id)).toEqual(only.map(({ id }) => id));
      return only.map(({ id }) => id);
    };
    expect((await ids({})).slice(0, 4)).toEqual(['black', 'blue', 'red', 'yellow']);
    expect((await ids({ filter: { year: { gte: 2020 } } })).slice(0, 2)).toEqual(['black', 'yellow']);
    expect(await ids({ within: ['blue', 'gone', 'caption:blue#0'] })).toEqual(['blue']);
    // The last of the ranking, beyond what is asked for at first.
    expect(await ids({ top: 1, within: ['white'] })).toEqual(['white']);
    expect(await ids({ top: 1, filter: { year: 2021 } })).toEqual(['white']);
    expect(await codeOf(ids({ filter: { yaer: 1 } }))).toBe('DIPTYCH_FILTER_FIELD');
    await index.store.close();
  });

  test('refuses what has no words, on either side', async () => {
    const { index, encoder } = await captioned();
    const asked = searchCaptions(index, encoder, { query: { id: 'red' }, captions: 'fuse' });
    expect(await codeOf(asked)).toBe('DIPTYCH_SEARCH_QUERY');
    await index.store.close();
    const root = temporaryFolder();
    writeFileSync(join(root, 'list.txt'), await writePicture(root, 'red.png', 'red'));
    await createIndex(join(root, 'index'), encoder, [await listSource(join(root, 'list.txt'))]);
    const plain = await openIndex(join(root, 'index'));
    const none = searchCaptions(plain, encoder, { query: { text: 'dog' }, captions: 'fuse' });
    expect(await codeOf(none)).toBe('DIPTYCH_SEARCH_CAPTIONS');
    await plain.store.close();
  });
});

describe('captionIndexOf', () => {
  test('is kept on disk, read again, and made anew when the index has changed or the file is damaged', async () => {
    const { index, cache } = await captioned();
    const built = await captionIndexOf(index);
    expect(existsSync(cache)).toBe(true);
    const { mtimeMs } = statSync(cache);
    await index.store.close();

    const again = await openIndex(index.folder);
    expect(await captionIndexOf(again)).toEqual(built);
    expect(statSync(cache).mtimeMs).toBe(mtimeMs);
    await again.store.close();

    await removeFromIndex(index.folder, { ids: ['red'] });
    const changed = await openIndex(index.folder);
    expect((await captionIndexOf(changed)).ids.toSorted()).toEqual(['black', 'blue', 'magenta', 'white', 'yellow']);
    await changed.store.close();

    writeFileSync(cache, 'no such thing');
    const mended = await openIndex(index.folder);
    expect((await captionIndexOf(mended)).ids).toHaveLength(5);
    expect(statSync(cache).size).toBeGreaterThan(100);
    await mended.store.close();
  });

  test('answers where nothing can be written', async () => {
    const { index, cache } = await captioned();
    chmodSync(join(cache, '..'), 0o500);
    expect((await captionIndexOf(index)).ids).toHaveLength(6);
    chmodSync(join(cache, '..'), 0o700);
    await index.store.close();
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ImageRecord, readDataset } from '../../../data/dataset.ts';
import { captionsOf, imagesOf } from '../../../data/relation.ts';
import { words } from '../../../data/tokens/words.ts';
import { Random } from '../../../random/random.ts';
import { silent } from '../../../system/progress.ts';
import { hasShared, sharedPath } from '../../../testing/shared.ts';
import { temporaryFolder } from '../../../testing/temporary.ts';
import { openRelevance, type RelevanceSource } from './open.ts';
import { batchRelevance } from './relevance.ts';
import { type Terms, termVectors } from './terms.ts';
import { expectRows, matrixOf, photos, pictures, problemOf } from './testing/photos.ts';

/** Similarity of two captions by the book: no index, no pruning. */
function bruteSimilarity(images: readonly ImageRecord[], kind: Terms) {
  const longest = kind === 'cider' ? 4 : 1;
  const split = new Map(captionsOf(images).map(({ text }) => [text, words(text)]));
  const grams = (text: string, n: number) => {
    const list = split.get(text)!;
    return list.slice(0, Math.max(0, list.length - n + 1)).map((_, i) => list.slice(i, i + n).join(' '));
  };
  const df = (gram: string, n: number) =>
    images.filter(({ captions }) => captions.some(({ text }) => grams(text, n).includes(gram))).length;
  const idf = (gram: string, n: number) =>
    kind === 'cider' ? Math.log(images.length / df(gram, n)) : Math.log((1 + images.length) / (1 + df(gram, n))) + 1;
  const vector = (text: string, n: number) => {
    const all = grams(text, n);
    return new Map(all.map((gram) => [gram, all.filter((other) => other === gram).length * idf(gram, n)]));
  };
  const norm = (v: Map<string, number>) => Math.sqrt([...v.values()].reduce((sum, x) => sum + x * x, 0));
  return (a: string, b: string) => {
    let total = 0;
    for (let n = 1; n <= longest; n++) {
      const [x, y] = [vector(a, n), vector(b, n)];
      const dot = [...x].reduce((sum, [gram, weight]) => sum + weight * (y.get(gram) ?? 0), 0);
      if (dot !== 0) total += dot / (norm(x) * norm(y));
    }
    return total / longest;
  };
}

function bruteMatrix(images: readonly ImageRecord[], similarity: (a: string, b: string) => number, mean = false) {
  return images.map((image) =>
    images.flatMap((other) =>
      other.captions.map(({ text }) => {
        if (other === image) return 1;
        const list = image.captions.map((caption) => similarity(caption.text, text));
        return mean ? list.reduce((a, b) => a + b) / list.length : Math.max(...list);
      }),
    ),
  );
}

describe('from captions', () => {
  test.each(['cider', 'tfidf'] as const)('%s by the book', async (kind) => {
    const similarity = bruteSimilarity(photos, kind);
    expectRows(await matrixOf({ kind, aggregate: 'max' }, photos), bruteMatrix(photos, similarity));
    expectRows(await matrixOf({ kind, aggregate: 'mean' }, photos), bruteMatrix(photos, similarity, true));
  });

  test('any captions, any batch: the index gives what a double loop gives', async () => {
    const word = fc.constantFrom('a', 'dog', 'cat', 'runs', 'red', 'sits', 'on', 'ball');
    const caption = fc.array(word, { minLength: 1, maxLength: 7 }).map((list) => list.join(' '));
    const data = fc.array(fc.array(caption, { minLength: 1, maxLength: 3 }), { minLength: 2, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(data, fc.constantFrom<Terms>('cider', 'tfidf'), fc.nat(), async (texts, kind, seed) => {
        const images = pictures(texts);
        const source = { kind, aggregate: 'max' } as const;
        const relevance = await openRelevance(source, { images, all: images }).catch((error) => {
          // No two images share a telling word: said so, not computed as zeros.
          expect(error.code).toBe('DIPTYCH_RELEVANCE_CAPTIONS');
          return undefined;
        });
        if (!relevance) return;
        const expected = bruteMatrix(images, bruteSimilarity(images, kind));
        const random = new Random(seed);
        // Twice: the second batch must not see the postings of the first.
        for (let batch = 0; batch < 2; batch++) {
          const pick = (count: number) => Int32Array.from({ length: 5 }, () => random.integer(count));
          const [rows, columns] = [pick(images.length), pick(captionsOf(images).length)];
          const found = await batchRelevance(relevance, rows, columns);
          rows.forEach((row, i) => {
            columns.forEach((column, j) => {
              expect(found[i * columns.length + j]).toBeCloseTo(expected[row][column], 5);
            });
          });
        }
      }),
      { numRuns: 25 },
    );
  });

  test('a repeated caption is as relevant as the own ones; captions without a common word are not at all', async () => {
    const [first, , chess] = await matrixOf({ kind: 'cider', aggregate: 'max' }, photos);
    expect(first[7]).toBeCloseTo(1, 6);
    expect(chess[7]).toBe(0); // "the" is in all images
  });

  test('a single image gives no relevance', async () => {
    expect(await problemOf({ kind: 'cider', aggregate: 'max' }, photos.slice(0, 1))).toBe('DIPTYCH_RELEVANCE_CAPTIONS');
  });

  test('equal data, equal fingerprint; other captions or another rule, another one', async () => {
    const of = async (source: RelevanceSource, images = photos) =>
      (await openRelevance(source, { images, all: images })).fingerprint;
    const plain = await of({ kind: 'cider', aggregate: 'max' });
    expect(await of({ kind: 'cider', aggregate: 'max', cache: temporaryFolder() })).toBe(plain);
    const others = [
      await of({ kind: 'cider', aggregate: 'mean' }),
      await of({ kind: 'tfidf', aggregate: 'max' }),
      await of({ kind: 'cider', aggregate: 'max' }, photos.slice(0, 3)),
    ];
    expect(new Set([plain, ...others]).size).toBe(4);
  });
});

const flickr = 'data/flickr8k/dataset_flickr8k.json';
test.skipIf(!hasShared(flickr))('Flickr8k: batches of 128 are quick, and degrees make sense', async () => {
  const dataset = await readDataset(sharedPath(flickr), { images: false });
  const images = imagesOf(dataset, 'train').slice(0, 500);
  const start = performance.now();
  const vectors = await termVectors(images, 'cider', silent);
  const counting = performance.now() - start;
  const relevance = await openRelevance({ kind: 'cider', aggregate: 'max' }, { images, all: images });
  const random = new Random('flickr8k');
  const times: number[] = []; // of the processor: a busy machine makes none of it slower
  for (let batch = 0; batch < 12; batch++) {
    const rows = Int32Array.from({ length: 128 }, () => random.integer(images.length));
    const columns = rows.map((image) => 5 * image + random.integer(5));
    const begin = process.cpuUsage();
    const c = await batchRelevance(relevance, rows, columns);
    const { user, system } = process.cpuUsage(begin);
    times.push((user + system) / 1000);
    for (let i = 0; i < 128; i++) expect(c[i * 129]).toBe(1);
    const others = c.filter((_, at) => at % 129 !== 0);
    expect(Math.max(...others)).toBeLessThan(1.001);
    expect(others.reduce((sum, x) => sum + x, 0) / others.length).toBeLessThan(0.2);
  }
  const median = times.sort((a, b) => a - b)[6];
  process.stderr.write(
    `CIDEr of ${images.length} images: ${counting.toFixed(0)} ms, ${vectors.size} terms; a batch of 128: ${median.toFixed(1)} ms\n`,
  );
  expect(median).toBeLessThan(50);
});

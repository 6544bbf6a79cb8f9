import { mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ImageRecord, readDataset } from '../../../data/dataset.ts';
import { captionsOf, imagesOf } from '../../../data/relation.ts';
import { readTokenizer } from '../../../data/tokens/load.ts';
import { words } from '../../../data/tokens/words.ts';
import { onnxSentenceEncoder } from '../../../encoders/pretrained/onnx-sentences.ts';
import type { SentenceEncoder } from '../../../encoders/pretrained/sentence-encoder.ts';
import { DiptychError } from '../../../errors/error.ts';
import { relationOf } from '../../../evaluation/relation.ts';
import { bytesOf } from '../../../files/bytes.ts';
import { writeNpy } from '../../../files/npy.ts';
import { writeSafetensors } from '../../../files/safetensors.ts';
import { encodeModel } from '../../../graph/onnx/model.ts';
import { Random } from '../../../random/random.ts';
import { type Progress, silent } from '../../../system/progress.ts';
import { hasShared, sharedPath } from '../../../testing/shared.ts';
import { temporaryFolder } from '../../../testing/temporary.ts';
import { cachedSentenceVectors } from './cache.ts';
import { cosineRelevance, imageCosineRelevance } from './cosines.ts';
import { openRelevance, type RelevanceSource } from './open.ts';
import { type Aggregate, batchRelevance } from './relevance.ts';
import { type Terms, termVectors } from './terms.ts';

/** Images with these captions. */
function pictures(captions: readonly (readonly string[])[]): ImageRecord[] {
  return captions.map((texts, i) => ({
    id: `image-${i}`,
    split: 'train',
    captions: texts.map((text, c) => ({ id: `image-${i}#${c}`, text })),
    metadata: {},
  }));
}

const photos = pictures([
  ['a dog runs', 'the brown dog runs on the beach'],
  ['a brown dog swims', 'a dog in the water'],
  ['two men play chess', 'men sit and play chess in the park', 'a game of chess'],
  ['the brown dog runs on the beach'],
]);

const range = (count: number) => Array.from({ length: count }, (_, i) => i);

/** The whole matrix of a source, as rows. */
async function matrixOf(source: RelevanceSource, images: readonly ImageRecord[], all = images): Promise<number[][]> {
  const relevance = await openRelevance(source, { images, all });
  const captions = captionsOf(images).length;
  const everyOne = (count: number) => Int32Array.from(range(count));
  const flat = await batchRelevance(relevance, everyOne(images.length), everyOne(captions));
  await relevance.close?.();
  return images.map((_, i) => [...flat.subarray(i * captions, (i + 1) * captions)]);
}

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

function expectRows(found: number[][], expected: number[][], digits = 6): void {
  expect(found.length).toBe(expected.length);
  found.forEach((row, i) => {
    row.forEach((value, j) => {
      expect(value, `row ${i}, column ${j}`).toBeCloseTo(expected[i][j], digits);
    });
  });
}

const problemOf = async (source: RelevanceSource, images = photos, all = images) => {
  const error = await openRelevance(source, { images, all }).catch((e) => e);
  expect(error).toBeInstanceOf(DiptychError);
  return (error as DiptychError).code;
};

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

describe('cache', () => {
  const noting = () => {
    const notes: string[] = [];
    const progress: Progress = { ...silent, note: (line) => void notes.push(line) };
    return { notes, progress };
  };
  const source = (cache: string) => ({ kind: 'cider', aggregate: 'max', cache }) as const;
  const cacheFile = (folder: string) => {
    const names = readdirSync(folder);
    expect(names).toHaveLength(1);
    return join(folder, names[0]);
  };

  test('is read, not written again, and gives the same numbers', async () => {
    const folder = join(temporaryFolder(), 'cache');
    const counted = await matrixOf(source(folder), photos);
    const file = cacheFile(folder);
    utimesSync(file, 1, 1);
    expect(await matrixOf(source(folder), photos)).toEqual(counted);
    expect(statSync(file).mtimeMs).toBe(1000);
  });

  test('a damaged one is made again, with a note', async () => {
    const folder = temporaryFolder();
    const counted = await matrixOf(source(folder), photos);
    writeFileSync(cacheFile(folder), 'damaged');
    const { notes, progress } = noting();
    await openRelevance(source(folder), { images: photos, all: photos }, progress);
    expect(notes.join()).toContain('made again');
    expect(await matrixOf(source(folder), photos)).toEqual(counted);
  });

  test('one that cannot be written is a note', async () => {
    const folder = join(temporaryFolder(), 'taken');
    writeFileSync(folder, 'a file');
    const { notes, progress } = noting();
    await openRelevance(source(join(folder, 'below')), { images: photos, all: photos }, progress);
    expect(notes.join()).toContain('not cached');
  });
});

describe('sentence vectors from a file', () => {
  const width = 3;
  const all = photos;
  const used = photos.slice(1);
  const random = new Random('sentences');
  const rows = captionsOf(all).map(() => Array.from({ length: width }, () => random.normal()));
  const rowOf = new Map(captionsOf(all).map(({ id }, i) => [id, rows[i]]));
  const cosine = (a: number[], b: number[]) => {
    const dot = (x: number[], y: number[]) => x.reduce((sum, value, i) => sum + value * y[i], 0);
    return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
  };
  const expected = used.map((image) =>
    captionsOf(used).map(({ id }) =>
      image.captions.some((own) => own.id === id)
        ? 1
        : Math.max(...image.captions.map((own) => cosine(rowOf.get(own.id)!, rowOf.get(id)!))),
    ),
  );
  const write = async (name: string, list: number[][], ids?: string[]) => {
    const path = join(temporaryFolder(), name);
    const [shape, data] = [[list.length, width], Float32Array.from(list.flat())];
    if (name.endsWith('.npy')) await writeNpy(path, { dtype: 'float32', shape, data });
    else await writeSafetensors(path, new Map([['vectors', { dtype: 'F32', shape, data }]]));
    if (ids) writeFileSync(path.replace(/\.[a-z]+$/, '.json'), JSON.stringify({ ids, model: 'any' }));
    return { kind: 'vectors', aggregate: 'max', file: path } as const;
  };
  const ids = captionsOf(all).map(({ id }) => id);

  test('rows of the whole data set, of the images used, or by ids in any order', async () => {
    expectRows(await matrixOf(await write('v.npy', rows), used, all), expected);
    expectRows(await matrixOf(await write('v.safetensors', rows), used, all), expected);
    const part = captionsOf(used).map(({ id }) => rowOf.get(id)!);
    expectRows(await matrixOf(await write('v.npy', part), used, all), expected);
    const reversed = [...ids].reverse();
    const sorted = await write(
      'v.npy',
      reversed.map((id) => rowOf.get(id)!),
      reversed,
    );
    expectRows(await matrixOf(sorted, used, all), expected);
  });

  test('cosines below zero stay below zero', () => {
    expect(Math.min(...expected.flat())).toBeLessThan(0);
  });

  test('what is wrong with a file is said', async () => {
    expect(await problemOf(await write('v.npy', rows.slice(1)), used, all)).toBe('DIPTYCH_RELEVANCE_SHAPE');
    expect(await problemOf(await write('v.npy', rows.slice(1), ids.slice(0, -1)), used, all)).toBe(
      'DIPTYCH_RELEVANCE_IDS',
    );
    expect(await problemOf(await write('v.npy', rows, ids.slice(1)), used, all)).toBe('DIPTYCH_RELEVANCE_SHAPE');
    const broken = rows.map((row, i) => (i === 4 ? [0, Number.NaN, 1] : row));
    expect(await problemOf(await write('v.npy', broken), used, all)).toBe('DIPTYCH_RELEVANCE_NOT_FINITE');
    const flat = join(temporaryFolder(), 'flat.npy');
    await writeNpy(flat, { dtype: 'float32', shape: [8], data: new Float32Array(8) });
    expect(await problemOf({ kind: 'vectors', aggregate: 'max', file: flat }, used, all)).toBe(
      'DIPTYCH_RELEVANCE_SHAPE',
    );
    const several = join(temporaryFolder(), 'several.safetensors');
    const tensor = { dtype: 'F32', shape: [1, 1], data: new Float32Array(1) } as const;
    await writeSafetensors(
      several,
      new Map([
        ['a', tensor],
        ['b', tensor],
      ]),
    );
    expect(await problemOf({ kind: 'vectors', aggregate: 'max', file: several }, used, all)).toBe(
      'DIPTYCH_RELEVANCE_SHAPE',
    );
  });

  test('a vector of zeros is similar to nothing', async () => {
    const [, second] = await matrixOf(
      await write(
        'v.npy',
        rows.map((row, i) => (i === 0 ? [0, 0, 0] : row)),
      ),
      all,
    );
    expect(second[0]).toBe(0);
  });
});

describe('a given matrix', () => {
  const images = photos.slice(1, 3);
  const captions = captionsOf(photos).length;
  const random = new Random('matrix');
  const data = Float32Array.from({ length: photos.length * captions }, () => random.uniform());
  const write = async (shape: number[], values: Float32Array<ArrayBuffer>) => {
    const file = join(temporaryFolder(), 'matrix.npy');
    await writeNpy(file, { dtype: 'float32', shape, data: values });
    return { kind: 'matrix', file } as const;
  };
  // Images 1 and 2 with their captions, 2 to 6.
  const expected = [1, 2].map((i) => [...data.subarray(i * captions + 2, i * captions + 7)]);

  test('of the whole data set or of the images used, taken as it is', async () => {
    expect(await matrixOf(await write([photos.length, captions], data), images, photos)).toEqual(expected);
    const part = Float32Array.from(expected.flat());
    expect(await matrixOf(await write([2, 5], part), images, photos)).toEqual(expected);
  });

  test('another shape and NaN are refused', async () => {
    expect(await problemOf(await write([5, 2], new Float32Array(10)), images, photos)).toBe('DIPTYCH_RELEVANCE_SHAPE');
    const broken = Float32Array.from(data);
    broken[captions + 3] = Number.NaN;
    expect(await problemOf(await write([photos.length, captions], broken), images, photos)).toBe(
      'DIPTYCH_RELEVANCE_NOT_FINITE',
    );
    // What is not used is not judged.
    const elsewhere = Float32Array.from(data);
    elsewhere[0] = Number.NaN;
    expect(await matrixOf(await write([photos.length, captions], elsewhere), images, photos)).toEqual(expected);
  });
});

describe('products of sentence vectors by ONNX Runtime', () => {
  const width = 7;
  const random = new Random('products');
  const count = captionsOf(photos).length;
  const data = Float32Array.from({ length: count * width }, () => random.normal());
  const { captionsOf: own, imageOf } = relationOf(photos);
  const unit = (caption: number) => {
    const x = [...data.subarray(caption * width, (caption + 1) * width)];
    return x.map((value) => value / Math.hypot(...x));
  };
  const plain = (image: number, caption: number, aggregate: Aggregate) => {
    if (imageOf[caption] === image) return 1;
    const y = unit(caption);
    const cosines = Array.from(own[image], (p) => unit(p).reduce((sum, x, k) => sum + x * y[k], 0));
    return aggregate === 'max' ? Math.max(...cosines) : cosines.reduce((a, b) => a + b) / cosines.length;
  };

  test.each<Aggregate>(['max', 'mean'])('are those of loops in any batch: %s', async (aggregate) => {
    const relevance = await cosineRelevance(data.slice(), width, photos, aggregate);
    try {
      for (const [rows, columns] of [
        [[3], range(count)],
        [range(photos.length), [4]],
        [
          [2, 2, 0, 3, 1],
          [0, 7, 7, 4, 1],
        ],
      ]) {
        const found = await batchRelevance(relevance, Int32Array.from(rows), Int32Array.from(columns));
        const expected = rows.flatMap((image) => columns.map((caption) => plain(image, caption, aggregate)));
        expected.forEach((c, at) => {
          expect(Math.abs(found[at] - c)).toBeLessThan(1e-6);
        });
      }
    } finally {
      await relevance.close!();
    }
  });

  test('one caption of an image more similar than the others decides for max, and only a part for mean', async () => {
    const [max, mean] = await Promise.all(
      (['max', 'mean'] as const).map(async (aggregate) => {
        const relevance = await cosineRelevance(data.slice(), width, photos, aggregate);
        const found = await batchRelevance(relevance, Int32Array.of(2), Int32Array.of(0));
        await relevance.close!();
        return found[0];
      }),
    );
    expect(max).toBeGreaterThan(mean);
  });

  test('of pictures: the same for all captions of one, and symmetric', async () => {
    const vectors = Float32Array.from({ length: photos.length * 3 }, () => random.normal());
    const relevance = await imageCosineRelevance(vectors.slice(), 3, photos);
    const all = (length: number) => Int32Array.from(range(length));
    const found = await batchRelevance(relevance, all(photos.length), all(count));
    await relevance.close!();
    const picture = (i: number) => [...vectors.subarray(3 * i, 3 * i + 3)];
    for (const i of range(photos.length)) {
      for (const caption of range(count)) {
        const [x, y] = [picture(i), picture(imageOf[caption])];
        const cosine = x.reduce((sum, value, k) => sum + value * y[k], 0) / (Math.hypot(...x) * Math.hypot(...y));
        expect(found[i * count + caption]).toBeCloseTo(imageOf[caption] === i ? 1 : cosine, 5);
      }
    }
  });
});

test('vectors of pictures: by ids or in order; another shape, other ids and NaN are refused', async () => {
  const vectors = [
    [1, 0],
    [0.6, 0.8],
    [0, 2],
    [-1, 0],
  ];
  const write = async (rows: number[][], ids?: string[], shape = [rows.length, 2]) => {
    const file = join(temporaryFolder(), 'pictures.npy');
    await writeNpy(file, { dtype: 'float32', shape, data: Float32Array.from(rows.flat()) });
    if (ids) writeFileSync(file.replace('.npy', '.json'), JSON.stringify({ ids }));
    return { kind: 'images', file } as const;
  };
  const used = photos.slice(1, 3);
  // Captions of images 1 and 2: two and three; 0.8 between the two pictures.
  const expected = [
    [1, 1, 0.8, 0.8, 0.8],
    [0.8, 0.8, 1, 1, 1],
  ];
  expectRows(await matrixOf(await write(vectors), used, photos), expected, 5);
  expectRows(await matrixOf(await write(vectors.slice(1, 3)), used, photos), expected, 5);
  const ids = photos.map(({ id }) => id).reverse();
  expectRows(await matrixOf(await write([...vectors].reverse(), ids), used, photos), expected, 5);
  expect(await problemOf(await write(vectors.slice(0, 3)), used, photos)).toBe('DIPTYCH_RELEVANCE_SHAPE');
  expect(await problemOf(await write(vectors, undefined, [8]), used, photos)).toBe('DIPTYCH_RELEVANCE_SHAPE');
  const others = ['a', 'b', 'c', 'd'];
  expect(await problemOf(await write(vectors, others), used, photos)).toBe('DIPTYCH_RELEVANCE_IDS');
  const broken = vectors.map((row, i) => (i === 2 ? [Number.NaN, 1] : row));
  expect(await problemOf(await write(broken), used, photos)).toBe('DIPTYCH_RELEVANCE_NOT_FINITE');
});

describe('word vectors', () => {
  const write = (text: string) => {
    const file = join(temporaryFolder(), 'glove.txt');
    writeFileSync(file, text);
    return { kind: 'words', aggregate: 'max', file } as const;
  };
  const images = pictures([['red dog', 'dog'], ['dog unknown'], ['cat'], ['nothing here']]);

  test('captions are the means of their known words', async () => {
    const [first, second, third] = await matrixOf(write('the 9 9\nred 0 1\ndog 1 0\ncat 0 1\n'), images);
    const half = Math.SQRT1_2;
    expect(first[2]).toBeCloseTo(1, 6); // dog and dog
    expect(second[0]).toBeCloseTo(half, 6); // dog and (red + dog) / 2
    expect(first[3]).toBeCloseTo(half, 6);
    expect(third[0]).toBeCloseTo(half, 6);
    expect([first[4], second[4], third[4]]).toEqual([0, 0, 0]);
  });

  test('a file without their words is refused', async () => {
    expect(await problemOf(write('zebra 1 2\n'), images)).toBe('DIPTYCH_WORD_VECTORS');
  });
});

describe('an encoder in an ONNX file', () => {
  const tokenizer = JSON.parse(
    readFileSync(new URL('../../../data/tokens/fixtures/wordpiece.json', import.meta.url), 'utf8'),
  );
  /** Rows of a table by the ids of the tokens: [texts, tokens, 3]. */
  function write({ place = 'onnx', input = 'input_ids', pooling = 'mean_tokens' } = {}): string {
    const folder = temporaryFolder();
    mkdirSync(join(folder, place), { recursive: true });
    writeFileSync(join(folder, 'tokenizer.json'), JSON.stringify(tokenizer));
    mkdirSync(join(folder, '1_Pooling'));
    writeFileSync(join(folder, '1_Pooling', 'config.json'), JSON.stringify({ [`pooling_mode_${pooling}`]: true }));
    const table = Float32Array.from({ length: 200 * 3 }, (_, i) => Math.sin(1 + i * i));
    const file = join(folder, place, 'model.onnx');
    const value = (name: string) => ({ name, type: 'int64' as const, dims: ['texts', 'tokens'] });
    const model = encodeModel({
      name: 'table',
      nodes: [{ op: 'Gather', inputs: ['table', input], outputs: ['last_hidden_state'] }],
      inputs: [value(input), value('attention_mask')],
      outputs: [{ name: 'last_hidden_state', type: 'float32', dims: ['texts', 'tokens', 3] }],
      initializers: [{ name: 'table', type: 'float32', dims: [200, 3], data: bytesOf(table) }],
    });
    writeFileSync(file, model);
    return file;
  }
  const source = (folder: string) => ({ kind: 'encoder', aggregate: 'max', folder }) as const;

  test('vectors are means over the tokens of each text, padding left out, whatever stands beside them', async () => {
    const file = write();
    const encoder = await onnxSentenceEncoder(file);
    const texts = captionsOf(photos).map(({ text }) => text);
    const together = await encoder.encode(texts);
    for (const [i, text] of texts.entries()) {
      const alone = await encoder.encode([text]);
      expect(Math.hypot(...alone)).toBeCloseTo(1, 5);
      alone.forEach((x, k) => {
        expect(together[i * 3 + k]).toBeCloseTo(x, 6);
      });
    }
    const read = await readTokenizer(dirname(dirname(file)));
    const ids = [...read.encode(texts[0])];
    const mean = range(3).map((k) => ids.reduce((sum, id) => sum + Math.sin(1 + (3 * id + k) ** 2), 0));
    mean.forEach((x, k) => {
      expect(together[k]).toBeCloseTo(x / Math.hypot(...mean), 4);
    });
    await encoder.close();
    const [first] = await matrixOf(source(file), photos);
    expect(first.slice(0, 2)).toEqual([1, 1]);
    expect(first.every((x) => Math.abs(x) <= 1.001)).toBe(true);
    // Its tokenizer may lie beside it as well.
    expect((await matrixOf(source(write({ place: '.' })), photos))[0]).toEqual(first);
  });

  test.each([
    ['another input', { input: 'pixels' }],
    ['another pooling', { pooling: 'cls_token' }],
  ])('%s is refused', async (_, changed) => {
    expect(await problemOf(source(write(changed)))).toBe('DIPTYCH_PRETRAINED_SENTENCE');
  });

  test('a file that is none is refused', async () => {
    const file = write();
    writeFileSync(file, 'no model');
    expect(await problemOf(source(file))).toBe('DIPTYCH_PRETRAINED_SENTENCE');
  });
});

test('vectors of an encoder are made once, and a cache changes no number', async () => {
  let calls = 0;
  const letters: SentenceEncoder = {
    dimension: 26,
    fingerprint: 'a'.repeat(64),
    encode: async (texts) => {
      calls++;
      return Float32Array.from(
        texts.flatMap((text) => range(26).map((k) => text.split(String.fromCharCode(97 + k)).length / 3)),
      );
    },
    close: async () => {},
  };
  const folder = temporaryFolder();
  const vectors = (images = photos, cache: string | undefined = folder) =>
    cachedSentenceVectors(images, letters, cache, silent);
  const made = await vectors();
  expect(await vectors()).toEqual(made);
  expect(calls).toBe(1);
  expect(await cachedSentenceVectors(photos, letters, undefined, silent)).toEqual(made);
  await vectors(photos.slice(1));
  expect([calls, readdirSync(folder).length]).toEqual([3, 2]);
});

const model = 'models/all-MiniLM-L6-v2';
test.skipIf(!hasShared(model))('a model folder: captions that mean the same are close', async () => {
  const [dogs, , chess] = await matrixOf({ kind: 'encoder', aggregate: 'max', folder: sharedPath(model) }, photos);
  expect(dogs[7]).toBeCloseTo(1, 2);
  expect(dogs[2]).toBeGreaterThan(0.5);
  expect(Math.max(...chess.slice(0, 4))).toBeLessThan(0.4);
});

test.skipIf(!hasShared(model) || !hasShared('data/flickr8k/dataset_flickr8k.json'))(
  'Flickr8k by MiniLM: deciles of relevance near those that are published for MPNet on Flickr30K',
  async () => {
    const dataset = await readDataset(sharedPath('data/flickr8k/dataset_flickr8k.json'), { images: false });
    const images = imagesOf(dataset, 'train').slice(0, 60);
    const rows = await matrixOf({ kind: 'encoder', aggregate: 'max', folder: sharedPath(model) }, images);
    const others = rows.flatMap((row, i) => row.filter((_, j) => Math.floor(j / 5) !== i)).sort((a, b) => a - b);
    const deciles = range(9).map((d) => others[Math.floor((others.length * (d + 1)) / 10)]);
    process.stderr.write(`deciles: ${deciles.map((x) => x.toFixed(2)).join(' ')}\n`);
    const published = [0, 0.04, 0.07, 0.09, 0.12, 0.15, 0.18, 0.22, 0.28];
    deciles.forEach((x, d) => {
      expect(Math.abs(x - published[d])).toBeLessThan(0.15);
    });
  },
);

const flickr = 'data/flickr8k/dataset_flickr8k.json';
test.skipIf(!hasShared(flickr))('Flickr8k: batches of 128 are quick, and degrees make sense', async () => {
  const dataset = await readDataset(sharedPath(flickr), { images: false });
  const images = imagesOf(dataset, 'train').slice(0, 500);
  const start = performance.now();
  const vectors = await termVectors(images, 'cider', silent);
  const counting = performance.now() - start;
  const relevance = await openRelevance({ kind: 'cider', aggregate: 'max' }, { images, all: images });
  const random = new Random('flickr8k');
  const times: number[] = [];
  for (let batch = 0; batch < 12; batch++) {
    const rows = Int32Array.from({ length: 128 }, () => random.integer(images.length));
    const columns = rows.map((image) => 5 * image + random.integer(5));
    const begin = performance.now();
    const c = await batchRelevance(relevance, rows, columns);
    times.push(performance.now() - begin);
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

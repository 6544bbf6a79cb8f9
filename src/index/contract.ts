/** @file What every store must do, as one suite of tests that runs against any of them. */
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { Random } from '../random/random.ts';
import { temporaryFolder } from '../testing/temporary.ts';
import { type Filter, matches } from './filter.ts';
import type { Hit, Metadata, NewStore, Row, Store, StoreKind } from './store.ts';
import { crashTest } from './testing/crash.ts';
import { anyFilter, anyMetadata } from './testing/filters.ts';
import { bruteForce, codeOf, contentOf, DIMENSION, errorOf, idsOf, rowOf, sorted, vectorOf } from './testing/rows.ts';

/** Stores that are filled and asked with random filters. Set DIPTYCH_FILTER_RUNS=300 for the long run. */
const FILTER_RUNS = Number(process.env.DIPTYCH_FILTER_RUNS ?? 6);

/** A store to test, and where a child process finds it. */
export interface StoreFactory {
  readonly kind: StoreKind;
  /** URL of a module that exports the kind. */
  readonly module: string;
  /** Its name there. */
  readonly exported: string;
}

/** Declares the tests of a store. */
export function storeContract(name: string, factory: StoreFactory): void {
  describe(`store contract: ${name}`, () => {
    const { kind } = factory;
    const open: Store[] = [];
    afterEach(async () => {
      for (const store of open.splice(0)) await store.close();
    });
    const opened = async (store: Promise<Store>): Promise<Store> => {
      open.push(await store);
      return store;
    };
    const create = (settings: Partial<NewStore> = {}): { folder: string; store: Promise<Store> } => {
      const folder = join(temporaryFolder(), 'store');
      return {
        folder,
        store: opened(kind.create(folder, { fingerprint: 'model A', dimension: DIMENSION, ...settings })),
      };
    };
    const reopen = async (store: Store, folder: string): Promise<Store> => {
      await store.close();
      return opened(kind.open(folder, { write: true }));
    };

    describe('rows', () => {
      test('come back as they were added', async () => {
        const { store, folder } = create();
        const metadata = {
          text: 'ä "quoted"\n\u2028\ud83d\udc15',
          number: -1.5e-7,
          yes: true,
          none: null,
          list: ['a', ''],
          __: '',
        };
        const rows = [rowOf('a/b c.jpg', 1, metadata), rowOf('日本\n"', 2), rowOf('\ud800', 3)];
        expect(await (await store).add(rows)).toEqual({ written: 3, rejected: [] });
        const again = await reopen(await store, folder);
        expect(await again.get(['日本\n"', 'gone', 'a/b c.jpg', '\ud800'])).toEqual([
          rows[1],
          undefined,
          rows[0],
          rows[2],
        ]);
        expect(await again.count()).toBe(3);
      });

      test('are scaled to unit length, and left alone if they have it', async () => {
        const store = await create().store;
        const long = Float32Array.of(3, 4, 0, 0, 0, 0, 0, 0);
        await store.add([{ id: 'long', vector: long, metadata: {} }]);
        const [row] = await store.get(['long']);
        expect([...row!.vector.slice(0, 3)]).toEqual([Math.fround(0.6), Math.fround(0.8), 0]);
        const random = vectorOf(5);
        await store.add([{ id: 'unit', vector: random, metadata: {} }]);
        expect((await store.get(['unit']))[0]!.vector).toEqual(random);
      });

      test('that cannot be stored are rejected one by one, with a code; the others are stored', async () => {
        const store = await create().store;
        const vector = (x: number) => Float32Array.from({ length: DIMENSION }, () => x);
        const receipt = await store.add([
          rowOf('good', 1),
          { id: 'nan', vector: vector(Number.NaN), metadata: {} },
          { id: 'infinite', vector: vector(Infinity), metadata: {} },
          { id: 'zero', vector: vector(0), metadata: {} },
          { id: 'short', vector: new Float32Array(DIMENSION - 1).fill(1), metadata: {} },
          rowOf('', 2),
          rowOf('nested', 3, { deep: { er: 1 } } as unknown as Metadata),
          rowOf('not finite', 4, { x: Number.NaN }),
          rowOf('good', 5),
          rowOf('also good', 6),
          rowOf('.', 8),
          rowOf('..', 9),
          rowOf('...', 10),
        ]);
        expect(receipt.written).toBe(3);
        expect(receipt.rejected.map(({ index, id, error }) => [index, id, error.code])).toEqual([
          [1, 'nan', 'DIPTYCH_INDEX_VECTOR'],
          [2, 'infinite', 'DIPTYCH_INDEX_VECTOR'],
          [3, 'zero', 'DIPTYCH_INDEX_VECTOR'],
          [4, 'short', 'DIPTYCH_INDEX_VECTOR'],
          [5, '', 'DIPTYCH_INDEX_ID'],
          [6, 'nested', 'DIPTYCH_INDEX_METADATA'],
          [7, 'not finite', 'DIPTYCH_INDEX_METADATA'],
          [8, 'good', 'DIPTYCH_INDEX_ID'],
          [10, '.', 'DIPTYCH_INDEX_ID'],
          [11, '..', 'DIPTYCH_INDEX_ID'],
        ]);
        expect(await idsOf(store)).toEqual(['...', 'also good', 'good']);
        expect((await store.add([rowOf('good', 7)])).rejected[0].error.code).toBe('DIPTYCH_INDEX_ID');
        expect((await store.get(['good']))[0]).toEqual(rowOf('good', 1));
      });

      test('are replaced by upsert; of an id given twice the last stands', async () => {
        const store = await create().store;
        await store.add([rowOf('a', 1, { v: 1 }), rowOf('b', 2)]);
        expect(await store.upsert([rowOf('a', 3, { v: 2 }), rowOf('c', 4), rowOf('a', 5, { v: 3 })])).toEqual({
          written: 2,
          rejected: [],
        });
        expect(await store.get(['a', 'b', 'c'])).toEqual([rowOf('a', 5, { v: 3 }), rowOf('b', 2), rowOf('c', 4)]);
        expect(await idsOf(store)).toEqual(['a', 'b', 'c']);
        expect((await store.search(vectorOf(1), { k: 9 })).map(({ id }) => id).sort()).toEqual(['a', 'b', 'c']);
      });

      test('that were deleted never come back, nor after compaction and restart', async () => {
        const { store: made, folder } = create();
        let store = await made;
        await store.add(Array.from({ length: 40 }, (_, i) => rowOf(`${i}`, i)));
        const gone = Array.from({ length: 20 }, (_, i) => `${2 * i}`);
        expect(await store.delete([...gone, 'unknown', '0'])).toBe(20);
        expect(await store.delete(gone)).toBe(0);
        const left = Array.from({ length: 20 }, (_, i) => `${2 * i + 1}`).sort();
        const check = async () => {
          expect(await idsOf(store)).toEqual(left);
          expect(await store.count()).toBe(20);
          expect(await store.count({ seed: { lt: 10 } })).toBe(5);
          expect(await store.get(['0', '1'])).toEqual([undefined, rowOf('1', 1)]);
          expect((await store.search(vectorOf(0), { k: 99 })).map(({ id }) => id).sort()).toEqual(left);
        };
        await check();
        store = await reopen(store, folder);
        await check();
        await store.compact();
        await check();
        store = await reopen(store, folder);
        await check();
        expect(await store.add([rowOf('0', 7)])).toEqual({ written: 1, rejected: [] });
        expect((await store.get(['0']))[0]).toEqual(rowOf('0', 7));
        expect(await store.verify()).toEqual([]);
      });

      test('are those of a plain map, whatever is done in whatever order', async () => {
        const operation = fc.oneof(
          {
            weight: 4,
            arbitrary: fc.tuple(fc.constant('upsert' as const), fc.array(fc.nat(11), { minLength: 1, maxLength: 6 })),
          },
          {
            weight: 3,
            arbitrary: fc.tuple(fc.constant('add' as const), fc.array(fc.nat(11), { minLength: 1, maxLength: 6 })),
          },
          { weight: 3, arbitrary: fc.tuple(fc.constant('delete' as const), fc.array(fc.nat(11), { maxLength: 4 })) },
          { weight: 1, arbitrary: fc.tuple(fc.constant('compact' as const), fc.constant([])) },
          { weight: 1, arbitrary: fc.tuple(fc.constant('reopen' as const), fc.constant([])) },
        );
        const property = fc.asyncProperty(fc.array(operation, { maxLength: 14 }), async (operations) => {
          const { store: made, folder } = create();
          let store = await made;
          const map = new Map<string, Row>();
          let seed = 0;
          for (const [what, numbers] of operations) {
            const rows = numbers.map((number) => rowOf(`id ${number}`, seed++));
            if (what === 'reopen') store = await reopen(store, folder);
            if (what === 'compact') await store.compact();
            if (what === 'delete') await store.delete(rows.map(({ id }) => id));
            if (what === 'upsert') await store.upsert(rows);
            if (what === 'add') await store.add(rows);
            for (const row of rows) {
              if (what === 'delete') map.delete(row.id);
              else if (what === 'upsert' || !map.has(row.id)) map.set(row.id, row);
            }
            expect(await contentOf(store)).toEqual(sorted(map.values()));
          }
          expect(await store.verify()).toEqual([]);
          await store.close();
        });
        await fc.assert(property, { numRuns: 15 });
      });
    });

    describe('search', () => {
      test.each(['float32', 'float16'] as const)('in %s finds exactly what trying every row finds', async (dtype) => {
        const store = await create({ dtype }).store;
        const random = new Random('search', dtype);
        const places = ['Rome', 'Oslo', null];
        for (let batch = 0; batch < 6; batch++) {
          const metadataOf = (i: number): Metadata => ({
            i,
            place: places[i % 3],
            tags: i % 2 === 0 ? ['even', `${i % 5}`] : [],
          });
          await store.upsert(
            Array.from({ length: 30 }, () => random.integer(150)).map((i) => rowOf(`${i}`, i, metadataOf(i))),
          );
          await store.delete([`${random.integer(150)}`, `${random.integer(150)}`]);
        }
        const rows: Row[] = [];
        for await (const row of store.scan()) rows.push(row);
        const filters: (Filter | undefined)[] = [
          undefined,
          { place: 'Rome' },
          { i: 100_000 },
          { any: [{ tags: '3' }, { i: { lt: 10 } }], none: [{ place: null }] },
          { i: { in: rows.slice(0, 2).map(({ metadata }) => metadata.i as number) } },
        ];
        for (const filter of filters) {
          for (const k of [1, 7, 1000]) {
            for (const threshold of [undefined, 0.2]) {
              const query = vectorOf(1000 + random.integer(1000));
              const hits = await store.search(query, { k, filter, threshold });
              const expected = bruteForce(rows, query, k, filter, threshold);
              expect(hits.map(({ id }) => id)).toEqual(expected.map(({ id }) => id));
              hits.forEach(({ score, metadata }, i) => {
                expect(score).toBeCloseTo(expected[i].score, 6);
                expect(metadata).toEqual(expected[i].metadata);
              });
            }
          }
          expect(await store.count(filter)).toBe(
            rows.filter(({ metadata }) => filter === undefined || matches(filter, metadata)).length,
          );
          expect(await idsOf(store, filter)).toEqual(
            rows
              .filter(({ metadata }) => filter === undefined || matches(filter, metadata))
              .map(({ id }) => id)
              .sort(),
          );
        }
      });

      test('with any filter finds all rows that match and no others', {
        timeout: 10_000 + 3_000 * FILTER_RUNS,
      }, async () => {
        const data = fc.tuple(
          fc.array(anyMetadata, { minLength: 1, maxLength: 20 }),
          fc.array(anyFilter, { minLength: 15, maxLength: 15 }),
        );
        const property = fc.asyncProperty(data, async ([metadata, filters]) => {
          const store = await create().store;
          const rows = metadata.map((one, i) => rowOf(`${i}`, i, one));
          // Fields and kinds of values come to be known in several steps.
          for (let first = 0; first < rows.length; first += 7) await store.add(rows.slice(first, first + 7));
          for (const filter of filters) {
            const expected = bruteForce(rows, vectorOf(999), rows.length, filter).map(({ id }) => id);
            const hits = await store.search(vectorOf(999), { k: rows.length, filter });
            expect(hits.map(({ id }) => id)).toEqual(expected);
            expect(await store.count(filter)).toBe(expected.length);
          }
          await store.close();
        });
        await fc.assert(property, { numRuns: FILTER_RUNS });
      });

      test('with a filter that nests deeply, names very many values, or asks for a field that nothing has', async () => {
        const store = await create().store;
        const rows = Array.from({ length: 30 }, (_, i) => rowOf(`${i}`, i, { i, text: `${i}` }));
        await store.add(rows);
        let deep: Filter = { i: { lt: 5 } };
        for (let level = 0; level < 60; level++) deep = level % 2 === 0 ? { none: [deep] } : { all: [deep] };
        const many = Array.from({ length: 20_000 }, (_, i) => `${3 * i}`);
        const wide = { any: many.slice(0, 2000).map((text) => ({ text })) };
        for (const filter of [deep, { text: { in: many } }, wide, { gone: 1 }, { gone: null }] as Filter[]) {
          const expected = bruteForce(rows, vectorOf(3), 100, filter).map(({ id }) => id);
          expect((await store.search(vectorOf(3), { k: 100, filter })).map(({ id }) => id)).toEqual(expected);
          expect(await store.count(filter)).toBe(expected.length);
        }
      });

      test('orders equal scores by id', async () => {
        const store = await create().store;
        const ids = new Random('ties').shuffle(
          Array.from({ length: 60 }, (_, i) => `twin ${String(i).padStart(2, '0')}`),
        );
        for (const id of ids) await store.add([{ id, vector: vectorOf(1), metadata: {} }]);
        await store.add([rowOf('another', 2)]);
        const hits = await store.search(vectorOf(1), { k: 12 });
        expect(hits.map(({ id }) => id)).toEqual([...ids].sort().slice(0, 12));
      });

      test('scales the query, and refuses one that cannot be compared', async () => {
        const store = await create().store;
        await store.add([rowOf('a', 1)]);
        const [hit] = await store.search(
          vectorOf(1).map((x) => x * 7),
          { k: 1 },
        );
        expect(hit.score).toBeCloseTo(1, 6);
        const bad = (vector: Float32Array, k = 1, threshold?: number) => codeOf(store.search(vector, { k, threshold }));
        expect(await bad(new Float32Array(DIMENSION))).toBe('DIPTYCH_INDEX_VECTOR');
        expect(await bad(new Float32Array(DIMENSION + 1).fill(1))).toBe('DIPTYCH_INDEX_VECTOR');
        expect(await bad(vectorOf(1), 0)).toBe('DIPTYCH_INDEX_OPTION');
        expect(await bad(vectorOf(1), 1, Number.NaN)).toBe('DIPTYCH_INDEX_OPTION');
      });

      test('in an empty store finds nothing', async () => {
        const store = await create().store;
        expect(await store.search(vectorOf(1), { k: 5, filter: { x: 1 } })).toEqual([]);
        expect(await idsOf(store)).toEqual([]);
      });
    });

    describe('versions', () => {
      test('rise with each change, and the manifest says what the store is', async () => {
        const { store: made, folder } = create({ dtype: 'float16' });
        const store = await made;
        const versions = [store.manifest().version];
        await store.add([rowOf('a', 1, { year: 2020, tags: ['x'] })]);
        versions.push(store.manifest().version);
        await store.add([]);
        await store.delete(['unknown']);
        expect(store.manifest().version).toBe(versions[1]);
        await store.upsert([rowOf('b', 2, { year: 'unknown', none: null })]);
        versions.push(store.manifest().version);
        await store.delete(['a']);
        versions.push(store.manifest().version);
        expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
        // One that the store began by itself comes to its end before.
        await store.compact();
        const reader = await opened(kind.open(folder));
        for (const manifest of [store.manifest(), reader.manifest()]) {
          expect(manifest).toMatchObject({
            kind: kind.kind,
            fingerprint: 'model A',
            dimension: DIMENSION,
            dtype: 'float16',
            rows: 1,
          });
          expect(manifest.version).toBe(store.manifest().version);
          expect(manifest.fields).toMatchObject({ year: ['number', 'string'], tags: ['list'] });
        }
      });

      test('are seen by a reader as of when it opened, until it refreshes', async () => {
        const { store: made, folder } = create();
        const store = await made;
        await store.add(Array.from({ length: 20 }, (_, i) => rowOf(`old ${i}`, i)));
        const reader = await opened(kind.open(folder));
        const before = await contentOf(reader);
        await store.delete(Array.from({ length: 15 }, (_, i) => `old ${i}`));
        await store.upsert([rowOf('old 15', 100), rowOf('new', 101)]);
        await store.compact();
        expect(await contentOf(reader)).toEqual(before);
        expect((await reader.search(vectorOf(3), { k: 1 }))[0].id).toBe('old 3');
        expect(await reader.refresh()).toBe(true);
        expect(await contentOf(reader)).toEqual(await contentOf(store));
        expect(await reader.get(['old 3', 'new'])).toEqual([undefined, rowOf('new', 101)]);
        expect(await reader.refresh()).toBe(false);
      });

      test('a search sees one version from start to end', async () => {
        const store = await create().store;
        await store.add(Array.from({ length: 30 }, (_, i) => rowOf(`${i}`, i)));
        const searches: Promise<Hit[]>[] = [];
        for (let round = 0; round < 30; round++) {
          searches.push(store.search(vectorOf(round), { k: 100, filter: { seed: { exists: true } } }));
          const write = store.upsert(Array.from({ length: 30 }, (_, i) => rowOf(`${i}`, i, { seed: i, round })));
          searches.push(store.search(vectorOf(round), { k: 100 }));
          await write;
          if (round % 10 === 9) await Promise.all([store.compact(), store.get(['1', '2'])]);
        }
        for (const hits of await Promise.all(searches)) {
          expect(new Set(hits.map(({ id }) => id)).size).toBe(30);
          expect(new Set(hits.map(({ metadata }) => metadata.round)).size).toBe(1);
        }
      });
    });

    describe('opening', () => {
      test('refuses what is not there, what is there already, and another model by naming both', async () => {
        const { store: made, folder } = create();
        await (await made).close();
        expect(await codeOf(kind.open(temporaryFolder()))).toBe('DIPTYCH_INDEX_MISSING');
        expect(await codeOf(kind.open(join(folder, 'deeper')))).toBe('DIPTYCH_INDEX_MISSING');
        expect(await codeOf(kind.open(join(folder, 'deeper'), { write: true }))).toBe('DIPTYCH_INDEX_MISSING');
        expect(await codeOf(kind.create(folder, { fingerprint: 'model A', dimension: 3 }))).toBe(
          'DIPTYCH_INDEX_EXISTS',
        );
        const refused = await errorOf(kind.open(folder, { fingerprint: 'model B', write: true }));
        expect(refused).toMatchObject({
          code: 'DIPTYCH_INDEX_FINGERPRINT',
          fields: { index: 'model A', encoder: 'model B' },
        });
        await opened(kind.open(folder, { fingerprint: 'model A', write: true }));
      });

      test('lets in one writer at a time and any number of readers', async () => {
        const { store: made, folder } = create();
        const store = await made;
        const second = await errorOf(kind.open(folder, { write: true }));
        expect(second).toMatchObject({
          code: 'DIPTYCH_INDEX_LOCKED',
          message: expect.stringContaining(`process ${process.pid}`),
        });
        const readers = await Promise.all(Array.from({ length: 3 }, () => opened(kind.open(folder))));
        await store.add([rowOf('a', 1)]);
        for (const reader of readers) {
          expect(await codeOf(reader.add([rowOf('b', 1)]))).toBe('DIPTYCH_INDEX_READ_ONLY');
          expect(await codeOf(reader.compact())).toBe('DIPTYCH_INDEX_READ_ONLY');
        }
        await store.close();
        await opened(kind.open(folder, { write: true }));
        expect(await codeOf(kind.open(folder, { write: true }))).toBe('DIPTYCH_INDEX_LOCKED');
      });

      test('closing finishes what was begun and ends all use', async () => {
        const { store: made, folder } = create();
        const store = await made;
        const write = store.add([rowOf('a', 1)]);
        await Promise.all([store.close(), store.close()]);
        expect((await write).written).toBe(1);
        for (const use of [
          store.add([]),
          store.get(['a']),
          store.search(vectorOf(1), { k: 1 }),
          idsOf(store),
          store.refresh(),
        ]) {
          expect(await codeOf(use)).toBe('DIPTYCH_INDEX_CLOSED');
        }
        expect(await (await opened(kind.open(folder))).count()).toBe(1);
      });
    });

    crashTest(factory);
  });
}

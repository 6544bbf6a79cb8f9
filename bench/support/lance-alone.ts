/** @file LanceDB used as its guide says: its own index over the vectors, one over the field that is filtered on. */
import { type Lance, loadLance } from '../../src/index/lance/binding.ts';
import { blocksOf, type Form, K, PERCENT } from './vectors.ts';

const TABLE = 'rows';
/** Blocks that are appended at once. */
const AT_ONCE = 8;
/** Of k-means, a fifth of what LanceDB takes unless told: the index is about as good, and made in a fifth of the time. */
const ROUNDS = 10;
/** Queries over which the number of probes is chosen. */
const TRIALS = 50;

/** How its index is searched: partitions that are looked into, and candidates for each result whose vectors are compared. */
interface Probing {
  readonly nprobes: number;
  readonly refine: number;
}

/** From quick to thorough. */
const ladder: readonly Probing[] = [10, 40, 160, 640].flatMap((nprobes) =>
  [5, 20, 80].map((refine) => ({ nprobes, refine })),
);

export interface LanceAlone {
  readonly probing: Probing;
  search(vector: Float32Array, hundredth?: number): Promise<number[]>;
}

/** Fills a table and has its indexes built with the settings that LanceDB chooses but for `ROUNDS`. */
export async function writeLanceAlone(folder: string, vectors: string, form: Form): Promise<void> {
  const lance = await loadLance();
  const { lancedb } = lance;
  const connection = await lancedb.connect(folder);
  const table = await connection.createEmptyTable(TABLE, schemaOf(lance, form));
  let batches: ReturnType<typeof batchOf>[] = [];
  const flush = async () => {
    if (batches.length > 0) await table.add(new lance.arrow.Table(batches));
    batches = [];
  };
  for (const { first, vectors: block } of blocksOf(vectors, form, 'in LanceDB')) {
    if (batches.push(batchOf(lance, first, block, form)) === AT_ONCE) await flush();
  }
  await flush();
  await table.createIndex('vector', { config: lancedb.Index.ivfPq({ distanceType: 'dot', maxIterations: ROUNDS }) });
  await table.createIndex('hundredth', { config: lancedb.Index.bitmap() });
  connection.close();
}

/**
 * Opens it with as few probes as reach a recall on some queries.
 *
 * @param recallOf recall of a search over the first so many queries
 */
export async function openLanceAlone(
  folder: string,
  wanted: number,
  recallOf: (search: LanceAlone['search'], queries: number) => Promise<number>,
): Promise<LanceAlone> {
  const { lancedb } = await loadLance();
  const table = await (await lancedb.connect(folder)).openTable(TABLE);
  const searchWith =
    ({ nprobes, refine }: Probing): LanceAlone['search'] =>
    async (vector, hundredth) => {
      const query = table.query().nearestTo(vector).distanceType('dot').nprobes(nprobes).refineFactor(refine);
      query.select(['number', '_distance']).limit(K);
      if (hundredth !== undefined) query.where(`hundredth = ${hundredth}`);
      return (await query.toArray()).map(({ number }) => Number(number));
    };
  for (const probing of ladder) {
    const search = searchWith(probing);
    if ((await recallOf(search, TRIALS)) >= wanted) return { probing, search };
  }
  const probing = ladder[ladder.length - 1];
  return { probing, search: searchWith(probing) };
}

function schemaOf({ arrow }: Lance, { dimension }: Form) {
  return new arrow.Schema([
    new arrow.Field('number', new arrow.Int32(), false),
    new arrow.Field('hundredth', new arrow.Int32(), false),
    new arrow.Field('vector', vectorType({ arrow }, dimension), false),
  ]);
}

function vectorType({ arrow }: Pick<Lance, 'arrow'>, dimension: number) {
  return new arrow.FixedSizeList(dimension, new arrow.Field('item', new arrow.Float32(), true));
}

function batchOf(lance: Lance, first: number, vectors: Float32Array, form: Form) {
  const { arrow } = lance;
  const length = vectors.length / form.dimension;
  const numbers = (value: (i: number) => number) =>
    arrow.makeData({ type: new arrow.Int32(), data: Int32Array.from({ length }, (_, i) => value(i)) });
  const child = arrow.makeData({ type: new arrow.Float32(), data: vectors });
  const list = { type: vectorType(lance, form.dimension), length, nullCount: 0, child };
  const children = [
    numbers((i) => first + i),
    numbers((i) => (first + i) % PERCENT),
    arrow.makeData(list as Parameters<typeof arrow.makeData>[0]),
  ];
  const schema = schemaOf(lance, form);
  const data = arrow.makeData({ type: new arrow.Struct(schema.fields), length, nullCount: 0, children });
  return new arrow.RecordBatch(schema, data);
}

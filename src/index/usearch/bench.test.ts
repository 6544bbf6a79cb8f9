import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Random } from '../../random/random.ts';
import { temporaryFolder } from '../../testing/temporary.ts';
import { createFlatStore } from '../flat/flat-store.ts';
import { GraphBench } from './bench.ts';

test('recall is what it is: a coarse graph with few candidates is seen to miss, an exhaustive one to find all', async () => {
  const folder = join(temporaryFolder(), 'store');
  const store = await createFlatStore(folder, { fingerprint: 'model A', dimension: 32, segmentRows: 700 });
  const random = new Random('coarse');
  const rows = Array.from({ length: 2000 }, (_, i) => ({
    id: `${i}`,
    vector: Float32Array.from({ length: 32 }, () => random.normal()),
    metadata: {},
  }));
  await store.add(rows);
  await store.close();
  const bench = await GraphBench.open(folder);
  bench.limit(2000);
  await bench.draw(50);
  for (let from = 0; from < 2000; from += 512) await bench.score(from, Math.min(2000, from + 512));
  bench.begin({ quantization: 'i8', connectivity: 4, expansion: 4 });
  await bench.add(0, 2000);
  const coarse = await bench.measure(10);
  expect(coarse.recall).toBeGreaterThan(0.05);
  expect(coarse.recall).toBeLessThan(0.8);
  bench.begin({ quantization: 'f32', connectivity: 32, expansion: 256 });
  await bench.add(0, 2000);
  // Several threads build it, never twice the same: now and then a row is out of reach.
  expect((await bench.measure(1800)).recall).toBeGreaterThan(0.95);
  await bench.close();
});

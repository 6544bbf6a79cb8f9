/** @file Spherical k-means: planted clusters, clusters that are too small, and sums that never get worse. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Random } from '../../../random/random.ts';
import { type KMeansOptions, sphericalKMeans } from './kmeans.ts';

const dimension = 8;
const options: KMeansOptions = {
  clusters: 5,
  iterations: 20,
  seedShare: 0.1,
  updates: 'minibatch',
  smallest: 1,
  seed: [3, 0],
};

function unit(vector: number[]): number[] {
  const length = Math.hypot(...vector);
  return vector.map((x) => x / length);
}

/** Vectors around some axes, so many around each. */
function planted(sizes: readonly number[], spread = 0.05): { vectors: Float32Array; truth: number[] } {
  const random = new Random('planted', sizes.length);
  const truth = sizes.flatMap((size, cluster) => Array.from({ length: size }, () => cluster));
  new Random('order').shuffle(truth);
  const rows = truth.map((cluster) =>
    unit(Array.from({ length: dimension }, (_, k) => (k === cluster ? 1 : 0) + spread * random.normal())),
  );
  return { vectors: Float32Array.from(rows.flat()), truth };
}

/** The same partition, whatever the numbers of its parts. */
function partition(assignment: ArrayLike<number>): number[] {
  const numbers = new Map<number, number>();
  return Array.from(assignment, (own) => {
    if (!numbers.has(own)) numbers.set(own, numbers.size);
    return numbers.get(own)!;
  });
}

const anyVectors = fc.tuple(fc.integer({ min: 2, max: 60 }), fc.nat(1000)).map(([count, seed]) => {
  const random = new Random('vectors', seed);
  const rows = Array.from({ length: count }, () => unit(Array.from({ length: 3 }, () => random.normal())));
  return Float32Array.from(rows.flat());
});

describe.each(['full', 'minibatch'] as const)('%s updates', (updates) => {
  test('find planted clusters of unequal size', () => {
    const { vectors, truth } = planted([400, 900, 60, 300, 1200]);
    const { assignment, sizes } = sphericalKMeans(vectors, dimension, { ...options, updates, smallest: 20 });
    expect(partition(assignment)).toEqual(partition(truth));
    expect([...sizes].sort((a, b) => a - b)).toEqual([60, 300, 400, 900, 1200]);
  });

  test('are a function of vectors and seed', () => {
    const { vectors } = planted([200, 300, 100, 50, 250], 0.6);
    const one = sphericalKMeans(vectors, dimension, { ...options, updates });
    expect(sphericalKMeans(vectors.slice(), dimension, { ...options, updates })).toEqual(one);
    const other = sphericalKMeans(vectors, dimension, { ...options, updates, seed: [3, 1] });
    expect(other.centroids).not.toEqual(one.centroids);
  });

  test('set clusters anew that are too small', () => {
    // Two clusters of three vectors each, far from all others.
    const { vectors } = planted([300, 300, 3, 3]);
    const alone = sphericalKMeans(vectors, dimension, { ...options, updates, clusters: 4, seedShare: 1 });
    const shared = sphericalKMeans(vectors, dimension, {
      ...options,
      updates,
      clusters: 4,
      seedShare: 1,
      smallest: 40,
    });
    expect(Math.min(...alone.sizes)).toBeLessThan(40);
    expect(Math.min(...shared.sizes)).toBeGreaterThanOrEqual(40);
    expect(shared.reseeded).toBeGreaterThan(0);
  });
});

test('equal vectors leave clusters empty, and nothing breaks', () => {
  const same = new Float32Array(3 * 10).map((_, i) => (i % 3 === 0 ? 1 : 0));
  const { assignment, sizes, cohesion } = sphericalKMeans(same, 3, { ...options, clusters: 3, updates: 'full' });
  expect(new Set(assignment).size).toBe(1);
  expect(sizes.reduce((a, b) => a + b)).toBe(10);
  expect(cohesion.at(-1)).toBe(1);
});

test('with all vectors and none but empty clusters set anew, no step makes cohesion worse', () => {
  fc.assert(
    fc.property(anyVectors, fc.integer({ min: 1, max: 6 }), fc.nat(100), (vectors, wanted, seed) => {
      const clusters = Math.min(wanted, vectors.length / 3);
      const { cohesion } = sphericalKMeans(vectors, 3, { ...options, clusters, updates: 'full', seed: [seed] });
      for (let i = 1; i < cohesion.length; i++) expect(cohesion[i]).toBeGreaterThanOrEqual(cohesion[i - 1] - 1e-6);
    }),
  );
});

test('every vector is with the nearest centroid', () => {
  fc.assert(
    fc.property(anyVectors, fc.constantFrom('full', 'minibatch'), (vectors, updates) => {
      const clusters = Math.min(4, vectors.length / 3);
      const { assignment, centroids } = sphericalKMeans(vectors, 3, {
        ...options,
        clusters,
        updates: updates as 'full',
        smallest: 3,
      });
      const cosine = (i: number, k: number) =>
        [0, 1, 2].reduce((sum, at) => sum + vectors[3 * i + at] * centroids[3 * k + at], 0);
      assignment.forEach((own, i) => {
        for (let k = 0; k < clusters; k++) expect(cosine(i, own)).toBeGreaterThanOrEqual(cosine(i, k) - 1e-6);
      });
    }),
  );
});

/** @file Spherical k-means: unit vectors to clusters, as a pure function of vectors, options and seed. */
import { plainProduct } from '../../../evaluation/product.ts';
import { Random } from '../../../random/random.ts';

export interface KMeansOptions {
  /** How many, at most as many as there are vectors. */
  readonly clusters: number;
  /** Rounds of assigning and moving. */
  readonly iterations: number;
  /** Share of the vectors among which k-means++ looks for first centroids. */
  readonly seedShare: number;
  /** Whether each round looks at a random part of the vectors, or at all of them. */
  readonly updates: 'minibatch' | 'full';
  /** Clusters with fewer members are given another centroid; 1 spares all but empty ones. */
  readonly smallest: number;
  /** All that is random follows from it. */
  readonly seed: readonly (number | string)[];
}

export interface Clustering {
  /** [n]: the cluster of each vector. */
  readonly assignment: Int32Array;
  /** [clusters]: their members. */
  readonly sizes: Int32Array;
  /** [clusters, d], unit length. */
  readonly centroids: Float32Array;
  /** Mean cosine of a vector and its centroid, after each look at all vectors; the last is that of the assignment. */
  readonly cohesion: readonly number[];
  /** How often a centroid was set anew. */
  readonly reseeded: number;
}

/** Rows of which scores are made at a time. */
const block = 256;
/** Vectors of a minibatch, and how many of them each cluster has at least. */
const minibatch = { vectors: 1024, perCluster: 16 };
/** How often clusters that are too small in the end are set anew. */
const repairs = 3;

/**
 * Maximises Σ_i x_i · c_a(i) over assignments a and unit centroids c:
 *
 *     a(i) = argmax_k x_i·c_k            c_k = norm( Σ_{a(i)=k} x_i )
 *
 * Minibatches add the sum of a random part to a running sum instead (Sculley 2010). With all vectors and none but empty clusters
 * set anew, the cohesion never falls. Of equal scores the first cluster wins.
 *
 * @param vectors [n, dimension], unit length
 */
export function sphericalKMeans(vectors: Float32Array, dimension: number, options: KMeansOptions): Clustering {
  const count = vectors.length / dimension;
  const { clusters, iterations, updates, smallest } = options;
  const all = Int32Array.from({ length: count }, (_, i) => i);
  const random = new Random('k-means', ...options.seed);
  const centroids = firstCentroids(vectors, dimension, options, random);
  const sums = new Float64Array(clusters * dimension);
  const cohesion: number[] = [];
  let reseeded = 0;

  /** Moves centroids to their members, and those with too few to members of the largest. */
  function move(members: Int32Array, assigned: Assigned, least: number): void {
    members.forEach((vector, at) => {
      const start = assigned.cluster[at] * dimension;
      for (let k = 0; k < dimension; k++) sums[start + k] += vectors[vector * dimension + k];
    });
    for (let cluster = 0; cluster < clusters; cluster++) {
      if (assigned.sizes[cluster] > 0) normalised(sums, cluster, dimension, centroids);
    }
    reseeded += reseed(members, assigned, least);
  }

  function reseed(members: Int32Array, { cluster, sizes }: Assigned, least: number): number {
    const left = Float64Array.from(sizes);
    const small = [...sizes.keys()].filter((k) => sizes[k] < least);
    for (const k of small) {
      const largest = left.indexOf(left.reduce((a, b) => Math.max(a, b)));
      const nth = random.integer(sizes[largest]);
      let seen = 0;
      const at = cluster.findIndex((own) => own === largest && seen++ === nth);
      centroids.set(vectors.subarray(members[at] * dimension, (members[at] + 1) * dimension), k * dimension);
      sums.fill(0, k * dimension, (k + 1) * dimension);
      left[largest] /= 2;
      left[k] = left[largest];
    }
    return small.length;
  }

  const look = (): Assigned => {
    const assigned = assign(vectors, all, dimension, centroids, clusters);
    cohesion.push(assigned.cohesion);
    return assigned;
  };

  for (let i = 0; i < iterations; i++) {
    if (updates === 'full') {
      sums.fill(0);
      move(all, look(), smallest);
      continue;
    }
    const part = sample(random, count, Math.max(minibatch.vectors, minibatch.perCluster * clusters));
    const assigned = assign(vectors, part, dimension, centroids, clusters);
    // A part has a share of the members: empty ones are noticed here, small ones at the end, by all vectors.
    move(part, assigned, part.length === count ? smallest : Math.min(1, smallest));
  }
  let assigned = look();
  for (let i = 0; i < repairs && assigned.sizes.some((size) => size < smallest); i++) {
    sums.fill(0);
    move(all, assigned, smallest);
    assigned = look();
  }
  return { assignment: assigned.cluster, sizes: assigned.sizes, centroids, cohesion, reseeded };
}

interface Assigned {
  /** For each of the given vectors. */
  readonly cluster: Int32Array;
  readonly sizes: Int32Array;
  readonly cohesion: number;
}

function assign(
  vectors: Float32Array,
  members: Int32Array,
  dimension: number,
  centroids: Float32Array,
  clusters: number,
): Assigned {
  const cluster = new Int32Array(members.length);
  const sizes = new Int32Array(clusters);
  const rows = new Float32Array(block * dimension);
  const scores = new Float32Array(block * clusters);
  let total = 0;
  for (let start = 0; start < members.length; start += block) {
    const count = Math.min(block, members.length - start);
    for (let i = 0; i < count; i++) {
      const vector = members[start + i];
      rows.set(vectors.subarray(vector * dimension, (vector + 1) * dimension), i * dimension);
    }
    plainProduct(rows, centroids, { rows: count, columns: clusters, depth: dimension }, scores);
    for (let i = 0; i < count; i++) {
      let best = 0;
      for (let k = 1; k < clusters; k++) if (scores[i * clusters + k] > scores[i * clusters + best]) best = k;
      cluster[start + i] = best;
      sizes[best]++;
      total += scores[i * clusters + best];
    }
  }
  return { cluster, sizes, cohesion: total / members.length };
}

/**
 * k-means++ (Arthur and Vassilvitskii 2007) on a part of the vectors: each further centroid is drawn with a chance that is
 * proportional to 1 - cosine with the nearest one so far, half the squared distance of unit vectors.
 */
function firstCentroids(
  vectors: Float32Array,
  dimension: number,
  { clusters, seedShare }: KMeansOptions,
  random: Random,
): Float32Array {
  const count = vectors.length / dimension;
  const part = sample(random, count, Math.max(clusters, Math.ceil(seedShare * count)));
  const centroids = new Float32Array(clusters * dimension);
  const far = new Float64Array(part.length).fill(Number.POSITIVE_INFINITY);
  let chosen = random.integer(part.length);
  for (let k = 0; k < clusters; k++) {
    const centroid = vectors.subarray(part[chosen] * dimension, (part[chosen] + 1) * dimension);
    centroids.set(centroid, k * dimension);
    let total = 0;
    part.forEach((vector, i) => {
      let cosine = 0;
      for (let d = 0; d < dimension; d++) cosine += vectors[vector * dimension + d] * centroid[d];
      far[i] = Math.min(far[i], Math.max(0, 1 - cosine));
      if (i === chosen) far[i] = 0;
      total += far[i];
    });
    chosen = total > 0 ? drawn(far, random.uniform() * total) : random.integer(part.length);
  }
  return centroids;
}

/** The entry at which the running sum passes a value. */
function drawn(weights: Float64Array, value: number): number {
  let sum = 0;
  for (let i = 0; i < weights.length; i++) {
    sum += weights[i];
    if (sum > value) return i;
  }
  return weights.findLastIndex((weight) => weight > 0);
}

/** So many different numbers below `count`, or all of them, ascending. */
function sample(random: Random, count: number, wanted: number): Int32Array {
  const all = Int32Array.from({ length: count }, (_, i) => i);
  if (wanted >= count) return all;
  for (let i = 0; i < wanted; i++) {
    const j = i + random.integer(count - i);
    [all[i], all[j]] = [all[j], all[i]];
  }
  return all.slice(0, wanted).sort();
}

/** Writes a row of sums as a unit vector. */
function normalised(sums: Float64Array, row: number, dimension: number, out: Float32Array): void {
  const start = row * dimension;
  let squares = 0;
  for (let k = 0; k < dimension; k++) squares += sums[start + k] ** 2;
  const length = Math.sqrt(squares);
  // Members that cancel each other out leave the centroid where it was.
  if (length > 0) for (let k = 0; k < dimension; k++) out[start + k] = sums[start + k] / length;
}

/** @file The clusters of a round, from the vectors of the training set: plain data, so that another thread can make them. */
import { Random } from '../../random/random.ts';
import { clusteredSampler } from '../sampler/clustered.ts';
import { type KMeansOptions, sphericalKMeans } from '../sampler/clusters/kmeans.ts';
import { negativeScore, randomScore, spreadOf } from '../sampler/clusters/measures.ts';
import { type ClusteredBy, imageVectors, type PartVectors } from '../sampler/clusters/pair-vectors.ts';

export interface ClusterRequest {
  readonly vectors: PartVectors;
  readonly by: ClusteredBy | 'random';
  readonly kmeans: Omit<KMeansOptions, 'seed'>;
  /** How batches will be filled, for what is measured of them. */
  readonly batches: { readonly size: number; readonly groups: number; readonly randomShare: number };
  readonly seed: number;
  /** Number of the round. */
  readonly round: number;
}

export interface Clusters {
  /** [images]: the cluster of each. */
  readonly assignment: Int32Array;
  /** μ: mean score of random pairs. */
  readonly centre: number;
  /** What is logged of the round. */
  readonly metrics: Readonly<Record<string, number>>;
}

/**
 * Clusters a training set, and measures what batches of them are worth: `negativeScore` is to be above `randomScore`, and the ranks
 * must not fall from round to round.
 */
export function clusterPart({ vectors, by, kmeans, batches, seed, round }: ClusterRequest): Clusters {
  const { images, captions, dimension, imageOfCaption } = vectors;
  const count = images.length / dimension;
  const { assignment, metrics } =
    by === 'random'
      ? { assignment: randomClusters(count, kmeans.clusters, seed, round), metrics: {} }
      : found(imageVectors(vectors, by), dimension, { ...kmeans, seed: [seed, round] });
  const { size: batchSize, ...filling } = batches;
  const sampler = clusteredSampler({ assignment, ...filling, imageOfCaption, batchSize, seed: [seed, round] });
  const pass = Array.from({ length: sampler.length }, (_, index) => sampler.batch(0, index));
  const sizes = new Int32Array(kmeans.clusters);
  for (const cluster of assignment) sizes[cluster]++;
  const centre = randomScore(vectors);
  const [image, text] = [spreadOf(images, dimension, seed), spreadOf(captions, dimension, seed)];
  return {
    assignment,
    centre,
    metrics: {
      round: round + 1,
      clusters: kmeans.clusters,
      smallest: Math.min(...sizes),
      largest: Math.max(...sizes),
      ...metrics,
      negativeScore: negativeScore(vectors, pass),
      randomScore: centre,
      imageRank: image.rank,
      textRank: text.rank,
      imageUniformity: image.uniformity,
      textUniformity: text.uniformity,
    },
  };
}

function found(vectors: Float32Array, dimension: number, options: KMeansOptions) {
  const { assignment, cohesion, reseeded } = sphericalKMeans(vectors, dimension, options);
  return { assignment, metrics: { cohesion: cohesion.at(-1)!, reseeded } };
}

/** Clusters of equal size that mean nothing: a control for what clustering alone brings. */
function randomClusters(images: number, clusters: number, seed: number, round: number): Int32Array {
  return new Random('random clusters', seed, round).shuffle(
    Int32Array.from({ length: images }, (_, i) => i % clusters),
  );
}

/**
 * @file Batches filled from clusters of images, so that batch mates are hard negatives (HREM's neighbour batches and TAS-B are
 * the models; the details are reconstructed).
 */
import { Random } from '../../random/random.ts';
import { cut, requireBatches, type Sampler, samplerOf } from './sampler.ts';

/** A set of images in clusters, and how batches are filled from it. */
export interface ClusteredImages {
  /** Cluster of each image, from 0; -1 leaves an image out. */
  readonly assignment: Int32Array;
  /** n_g: clusters in a batch, each with the same number of images; divides the batch size. 1 is hardest. */
  readonly groups: number;
  /** ε: share of the images that is kept for purely random batches, to protect the order of the whole. */
  readonly randomShare: number;
}

export interface ClusteredBatch {
  readonly images: Int32Array;
  /** Whether it was filled from clusters; else its images are random. */
  readonly clustered: boolean;
}

/**
 * The batches of one pass over all images, in random order. No image occurs twice; fewer than a batch are left out, random ones.
 *
 *     set aside εN images;  per cluster: shuffle, cut into groups of B / n_g;  n_g groups of different clusters are a batch
 *
 * What is left over by that joins the images that were set aside.
 */
export function clusteredPass(
  { assignment, groups, randomShare }: ClusteredImages,
  batchSize: number,
  random: Random,
): ClusteredBatch[] {
  const all = Int32Array.from(assignment, (_, image) => image);
  const order = random.shuffle(all.filter((image) => assignment[image] >= 0));
  const aside = Math.round(randomShare * order.length);
  const rest: number[] = [...order.subarray(0, aside)];
  const piles = dealt(order.subarray(aside), assignment, batchSize / groups, rest);

  const batches: ClusteredBatch[] = [];
  for (;;) {
    // Taking from the highest piles leaves the fewest groups over; which of equal ones is random.
    random.shuffle(piles);
    piles.sort((a, b) => b.length - a.length);
    if (groups > piles.length || piles[groups - 1].length === 0) break;
    const images = Int32Array.from(piles.slice(0, groups).flatMap((pile) => pile.pop()!));
    batches.push({ images, clustered: true });
  }
  for (const pile of piles) rest.push(...pile.flat());
  random.shuffle(rest);
  for (const images of cut(Int32Array.from(rest), batchSize)) batches.push({ images, clustered: false });
  return random.shuffle(batches);
}

/** Groups of each cluster; images that fill no group are added to the rest. */
function dealt(images: Int32Array, assignment: Int32Array, size: number, rest: number[]): number[][][] {
  const members = new Map<number, number[]>();
  for (const image of images) {
    const own = members.get(assignment[image]);
    if (own) own.push(image);
    else members.set(assignment[image], [image]);
  }
  return [...members.keys()]
    .sort((a, b) => a - b)
    .map((cluster) => {
      const own = members.get(cluster)!;
      const whole = own.length - (own.length % size);
      rest.push(...own.slice(whole));
      return Array.from({ length: whole / size }, (_, i) => own.slice(i * size, (i + 1) * size));
    });
}

export interface ClusteredOptions extends ClusteredImages {
  /** Number of the image of each caption. */
  readonly imageOfCaption: Int32Array;
  readonly batchSize: number;
  /** All that is random follows from it, the pass and the clusters. */
  readonly seed: readonly (number | string)[];
}

/**
 * Clustered batches. An epoch is a pass over the images with one caption each; as many passes as an image has captions show all
 * of them. A pure function of its options, so that clusters and seed are all its state.
 *
 * @throws DIPTYCH_TRAINING_BATCH_TOO_LARGE
 */
export function clusteredSampler(options: ClusteredOptions): Sampler {
  const { imageOfCaption, batchSize, seed } = options;
  const captions = captionsByImage(imageOfCaption, options.assignment.length);
  const assignment = options.assignment.map((cluster, image) => (captions[image].length > 0 ? cluster : -1));
  const available = assignment.filter((cluster) => cluster >= 0).length;
  const length = Math.floor(available / batchSize);
  requireBatches(length, batchSize, available, 'images, one caption each');
  return samplerOf(length, batchSize, function* batchesOf(pass) {
    const random = new Random('clustered', ...seed, pass);
    for (const { images } of clusteredPass({ ...options, assignment }, batchSize, random)) {
      yield images.map((image) => captionOf(captions[image], pass, new Random('caption', ...seed, image)));
    }
  });
}

function captionsByImage(imageOfCaption: Int32Array, images: number): Int32Array[] {
  const lists = Array.from({ length: images }, (): number[] => []);
  imageOfCaption.forEach((image, caption) => {
    lists[image].push(caption);
  });
  return lists.map((list) => Int32Array.from(list));
}

/** The captions of an image in a random order, one after the other. */
function captionOf(captions: Int32Array, pass: number, random: Random): number {
  return random.shuffle(captions.slice())[pass % captions.length];
}

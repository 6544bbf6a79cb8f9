/** @file Batches in which no image occurs twice, so that no caption is a false negative of its own image. */
import { requireBatches, type Sampler, samplerOf } from './sampler.ts';
import { shuffledCaptions } from './shuffled.ts';

/**
 * Shuffled batches of one size with at most one caption of each image. An epoch has as many batches as can be made so.
 *
 * @param imageOfCaption for each caption the index of its image, from 0
 * @throws DIPTYCH_TRAINING_BATCH_TOO_LARGE
 */
export function imageUniqueSampler(imageOfCaption: Int32Array, batchSize: number, seed: number): Sampler {
  const counts = captionCounts(imageOfCaption);
  const length = mostBatches(counts, imageOfCaption.length, batchSize);
  requireBatches(length, batchSize, counts.filter((count) => count > 0).length, 'images, one caption each');
  // Where no image has more captions than there are batches, any captions will do.
  const scarce = counts.every((count) => count <= length);
  return samplerOf(length, batchSize, (epoch) => {
    const order = shuffledCaptions(imageOfCaption.length, seed, epoch);
    const chosen = scarce
      ? order.subarray(0, length * batchSize)
      : choose(order, imageOfCaption, counts.length, length, batchSize);
    return dealUnique(chosen, imageOfCaption, length, batchSize);
  });
}

function captionCounts(imageOfCaption: Int32Array): Int32Array {
  let images = 0;
  for (const image of imageOfCaption) images = Math.max(images, image + 1);
  const counts = new Int32Array(images);
  for (const image of imageOfCaption) counts[image]++;
  return counts;
}

/**
 * The largest L with `sum_i min(c_i, L) >= L B`: an image with c_i captions has a place in at most min(c_i, L) of L
 * batches, and dealing (below) shows that this is enough. The left side is concave in L, so bisection finds it.
 */
function mostBatches(counts: Int32Array, captions: number, batchSize: number): number {
  const feasible = (length: number) => {
    let places = 0;
    for (const count of counts) places += Math.min(count, length);
    return places >= length * batchSize;
  };
  let low = 0;
  let high = Math.floor(captions / batchSize);
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (feasible(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** The first `length * batchSize` captions in the given order with at most `length` of any image. */
function choose(
  order: Int32Array,
  imageOfCaption: Int32Array,
  images: number,
  length: number,
  batchSize: number,
): Int32Array {
  const taken = new Int32Array(images);
  const chosen = new Int32Array(length * batchSize);
  let count = 0;
  for (const caption of order) {
    const image = imageOfCaption[caption];
    if (count === chosen.length) break;
    if (taken[image] === length) continue;
    taken[image]++;
    chosen[count++] = caption;
  }
  return chosen;
}

/**
 * Deals captions into batches, in their order as far as possible. A caption whose image is in the batch already waits for
 * the next one. An image with as many captions left as there are batches left must go into each of them; there are never
 * more such images than places, because the captions left fill the batches left exactly. Linear in the captions.
 */
function* dealUnique(
  chosen: Int32Array,
  imageOfCaption: Int32Array,
  length: number,
  batchSize: number,
): Generator<Int32Array, void> {
  const left = new ImagesByCaptionsLeft(chosen, imageOfCaption);
  /** For each image: captions that the cursor has passed, less captions dealt. */
  const owed = new Int32Array(left.images);
  const batchOf = new Int32Array(left.images).fill(-1);
  let waiting: number[] = [];
  let cursor = 0;

  for (let index = 0; index < length; index++) {
    const batch = new Int32Array(batchSize);
    let filled = 0;
    const deal = (image: number) => {
      batch[filled++] = left.take(image);
      batchOf[image] = index;
      owed[image]--;
    };
    for (const image of left.withAtLeast(length - index)) deal(image);

    const stillWaiting: number[] = [];
    for (const image of waiting) {
      if (owed[image] > 0 && filled < batchSize && batchOf[image] !== index) deal(image);
      if (owed[image] > 0) stillWaiting.push(image);
    }
    waiting = stillWaiting;

    while (filled < batchSize) {
      const image = imageOfCaption[chosen[cursor++]];
      owed[image]++;
      if (owed[image] < 1) continue;
      if (batchOf[image] !== index) deal(image);
      else if (owed[image] === 1) waiting.push(image);
    }
    yield batch;
  }
}

/** Images ordered by the number of captions they have left, most first; taking one caption is O(1). */
class ImagesByCaptionsLeft {
  readonly images: number;
  /** Captions of each image, one image behind the other, in dealing order. */
  readonly #queue: Int32Array;
  readonly #next: Int32Array;
  readonly #left: Int32Array;
  readonly #order: Int32Array;
  readonly #place: Int32Array;
  /** `#atLeast[c]`: how many images have c captions or more left; they are the first ones of `#order`. */
  readonly #atLeast: Int32Array;

  constructor(captions: Int32Array, imageOfCaption: Int32Array) {
    let images = 0;
    for (const caption of captions) images = Math.max(images, imageOfCaption[caption] + 1);
    this.images = images;
    this.#left = new Int32Array(images);
    for (const caption of captions) this.#left[imageOfCaption[caption]]++;

    this.#next = new Int32Array(images);
    let most = 0;
    for (let image = 0, start = 0; image < images; start += this.#left[image++]) {
      this.#next[image] = start;
      most = Math.max(most, this.#left[image]);
    }
    const end = this.#next.slice();
    this.#queue = new Int32Array(captions.length);
    for (const caption of captions) this.#queue[end[imageOfCaption[caption]]++] = caption;

    this.#atLeast = new Int32Array(most + 2);
    for (const count of this.#left) this.#atLeast[count]++;
    for (let count = most; count > 0; count--) this.#atLeast[count - 1] += this.#atLeast[count];
    const place = this.#atLeast.slice();
    this.#order = new Int32Array(images);
    this.#place = new Int32Array(images);
    for (let image = 0; image < images; image++) {
      this.#place[image] = --place[this.#left[image]];
      this.#order[this.#place[image]] = image;
    }
  }

  /** The images with at least `count` captions left; a copy. */
  withAtLeast(count: number): Int32Array {
    return this.#order.slice(0, this.#atLeast[count] ?? 0);
  }

  /** Takes the next caption of an image that has one. */
  take(image: number): number {
    // The image changes places with the last of those that have as many left, which then becomes the first of the next.
    const last = --this.#atLeast[this.#left[image]--];
    const other = this.#order[last];
    const place = this.#place[image];
    this.#order[place] = other;
    this.#place[other] = place;
    this.#order[last] = image;
    this.#place[image] = last;
    return this.#queue[this.#next[image]++];
  }
}

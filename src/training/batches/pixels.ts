/** @file The image side of batches over pixels: pictures decoded once, kept as bytes. */
import { augmentPixels, type PixelAugmentation } from '../../data/images/augment.ts';
import type { TensorData } from '../../graph/values.ts';
import { Random } from '../../random/random.ts';
import type { Drawn, Moment, Side } from './side.ts';

/** Pictures [3, size, size] as bytes, one after the other. */
export class PixelSide implements Side {
  readonly #pixels: Uint8Array;
  readonly #size: number;
  readonly #augmentation: PixelAugmentation | undefined;

  /** @param augmentation what training changes; nothing unless given */
  constructor(pixels: Uint8Array, size: number, augmentation?: PixelAugmentation) {
    this.#pixels = pixels;
    this.#size = size;
    this.#augmentation = augmentation;
  }

  /** The same pictures, changed in training. */
  augmented(augmentation: PixelAugmentation): PixelSide {
    return new PixelSide(this.#pixels, this.#size, augmentation);
  }

  async draw(items: Int32Array, moment: Moment | undefined): Promise<Drawn> {
    const size = this.#size;
    const bytes = 3 * size * size;
    const pictureOf = (place: number): Uint8Array => {
      const picture = this.#pixels.subarray(items[place] * bytes, (items[place] + 1) * bytes);
      if (!moment || !this.#augmentation) return picture;
      return augmentPixels(picture, size, this.#augmentation, new Random(moment.seed, 'pixels', moment.step, place));
    };
    return {
      lengths: new Int32Array(items.length).fill(1),
      feeds: async (order) => {
        const data = new Uint8Array(order.length * bytes);
        order.forEach((i, place) => {
          data.set(pictureOf(i), place * bytes);
        });
        return new Map<string, TensorData>([
          ['pixels', { dtype: 'uint8', shape: [order.length, 3, size, size], data }],
        ]);
      },
    };
  }
}

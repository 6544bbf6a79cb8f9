/** @file The image side of batches over pixels: pictures decoded once, kept as bytes. */
import type { TensorData } from '../../graph/values.ts';
import type { Drawn, Side } from './side.ts';

/** Pictures [3, size, size] as bytes, one after the other. */
export class PixelSide implements Side {
  readonly #pixels: Uint8Array;
  readonly #size: number;

  constructor(pixels: Uint8Array, size: number) {
    this.#pixels = pixels;
    this.#size = size;
  }

  async draw(items: Int32Array): Promise<Drawn> {
    const size = this.#size;
    const bytes = 3 * size * size;
    return {
      lengths: new Int32Array(items.length).fill(1),
      feeds: async (order) => {
        const data = new Uint8Array(order.length * bytes);
        order.forEach((i, place) => {
          data.set(this.#pixels.subarray(items[i] * bytes, (items[i] + 1) * bytes), place * bytes);
        });
        return new Map<string, TensorData>([
          ['pixels', { dtype: 'uint8', shape: [order.length, 3, size, size], data }],
        ]);
      },
    };
  }
}

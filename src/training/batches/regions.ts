/** @file The image side of batches over stored features: views drawn, regions left out, what is left packed as rows. */
import type { TensorData } from '../../graph/values.ts';
import { layoutFeeds, layoutOf } from '../../nn/layout.ts';
import { Random } from '../../random/random.ts';
import type { Drawn, Moment, Side } from './side.ts';

/** Where the features of a list of images are read from. */
export interface RegionSource {
  readonly regions: number;
  readonly width: number;
  /** Views of each image; the first is the plain one. */
  readonly views: number;
  readonly dtype: 'float16' | 'float32';
  /** Features [regions, width] of one view of one image of the list, as they are stored. */
  read(image: number, view: number): Promise<Uint16Array | Float32Array>;
}

export interface RegionOptions {
  /** Chance of each region to be left out while training; a picture keeps at least one. */
  readonly regionDrop: number;
  /** How often a training picture shows one of its further views. */
  readonly viewProbability: number;
  /** Views that evaluation averages, at most those of the source; one unless given. */
  readonly averagedViews?: number;
}

/** Pictures that are read at once: as many as Node has threads for files. */
const LANES = 4;

/** Images as regions. */
export class RegionSide implements Side {
  readonly #source: RegionSource;
  readonly #options: RegionOptions;
  readonly views: number;

  constructor(source: RegionSource, options: RegionOptions) {
    this.views = Math.min(source.views, options.averagedViews ?? 1);
    this.#source = source;
    this.#options = options;
  }

  async draw(items: Int32Array, moment: Moment | undefined, view = 0): Promise<Drawn> {
    const { regions } = this.#source;
    const all = Int32Array.from({ length: regions }, (_, i) => i);
    const draws = Array.from(items, (_, place) =>
      moment
        ? drawn(new Random(moment.seed, 'regions', moment.step, place), this.#source, this.#options)
        : { view, kept: all },
    );
    return {
      lengths: draws.map(({ kept }) => kept.length),
      feeds: (order) =>
        packed(
          this.#source,
          order.map((i) => ({ image: items[i], ...draws[i] })),
        ),
    };
  }
}

function drawn(random: Random, { regions, views }: RegionSource, { regionDrop, viewProbability }: RegionOptions) {
  const view = views > 1 && random.uniform() < viewProbability ? 1 + random.integer(views - 1) : 0;
  const kept = Int32Array.from({ length: regions }, (_, i) => i).filter(() => random.uniform() >= regionDrop);
  return { view, kept: kept.length > 0 ? kept : Int32Array.of(random.integer(regions)) };
}

/** What is shown of a picture. */
interface Shown {
  readonly image: number;
  readonly view: number;
  /** Regions, ascending. */
  readonly kept: Int32Array;
}

/** Kept regions of all pictures as rows, one picture after the other. */
async function packed(source: RegionSource, pictures: readonly Shown[]): Promise<Map<string, TensorData>> {
  const { regions, width, dtype } = source;
  const lengths = pictures.map(({ kept }) => kept.length);
  const layout = layoutOf(lengths, [regions], 'sequence');
  const count = layout.target.length;
  const data = dtype === 'float16' ? new Uint16Array(count * width) : new Float32Array(count * width);
  let [next, rows] = [0, 0];
  // All that was read meanwhile is taken over in one turn of the event loop, which is not to take tens of milliseconds.
  const lanes = Array.from({ length: LANES }, async () => {
    while (next < pictures.length) {
      const { image, view, kept } = pictures[next++];
      const first = rows;
      rows += kept.length;
      const features = await source.read(image, view);
      kept.forEach((place, k) => {
        data.set(features.subarray(place * width, (place + 1) * width), (first + k) * width);
      });
    }
  });
  await Promise.all(lanes);
  return new Map<string, TensorData>([
    ['features', { dtype, shape: [count, width], data }],
    ...[...layoutFeeds(layout)].map(([path, tensor]) => [`layout.${path}`, tensor] as const),
  ]);
}

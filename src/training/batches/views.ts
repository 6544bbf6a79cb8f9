/** @file Second views of the pairs of a batch, for objectives that contrast two views of the same thing. */
import type { NamedTensors } from '../../graph/runtime/protocol.ts';
import type { TensorData } from '../../graph/values.ts';
import { longestFirst } from '../../nn/layout.ts';
import { keyOf } from '../../random/hash.ts';
import { Random } from '../../random/random.ts';
import { prefixed } from './pairs.ts';
import type { Drawn, Moment, Side } from './side.ts';

export interface ViewSource {
  readonly image: Side;
  readonly text: Side;
  /** A third view of the images; none unless given. */
  readonly third?: Side | undefined;
}

/**
 * The entries `image.*`, `text.*`, `place` and, where there is one, `third.*` of further views. Captions of a view stand in an order of
 * their own, longest first; `place` says where each pair went. Images stand as in the batch.
 *
 * @param images numbers, in the order of the batch's rows
 * @param captions numbers, in the same order
 */
export async function viewFeeds(
  source: ViewSource,
  images: Int32Array,
  captions: Int32Array,
  moment: Moment,
): Promise<NamedTensors> {
  // Other random numbers than those of the first view, and of each other.
  const again = (view: number): Moment => ({ ...moment, seed: keyOf(moment.seed, 'view', view) });
  const [image, text, third] = await Promise.all([
    source.image.draw(images, again(2)),
    source.text.draw(captions, again(2)),
    source.third?.draw(images, again(3)),
  ]);
  const asIs = Array.from(images, (_, row) => row);
  const order = longestFirst(text.lengths);
  const place = new Int32Array(order.length);
  order.forEach((pair, row) => {
    place[pair] = row;
  });
  return new Map<string, TensorData>([
    ...prefixed('image', await image.feeds(asIs)),
    ...prefixed('text', await text.feeds(order)),
    ...(third ? prefixed('third', await third.feeds(asIs)) : []),
    ['place', { dtype: 'int32', shape: [place.length], data: place }],
  ]);
}

/** Another caption of the same image in place of each; the same where an image has only one. */
export class OtherCaptions implements Side {
  readonly #captions: Side;
  readonly #siblings: readonly (readonly number[])[];

  /** @param imageOfCaption number of the image of each caption */
  constructor(captions: Side, imageOfCaption: Int32Array) {
    this.#captions = captions;
    const byImage: number[][] = [];
    imageOfCaption.forEach((image, caption) => {
      byImage[image] ??= [];
      byImage[image].push(caption);
    });
    this.#siblings = Array.from(imageOfCaption, (image, caption) =>
      byImage[image].filter((other) => other !== caption),
    );
  }

  draw(items: Int32Array, moment: Moment | undefined): Promise<Drawn> {
    if (!moment) return this.#captions.draw(items, moment);
    const others = items.map((caption, place) => {
      const siblings = this.#siblings[caption];
      const random = new Random(moment.seed, 'other caption', moment.step, place);
      return siblings.length > 0 ? siblings[random.integer(siblings.length)] : caption;
    });
    return this.#captions.draw(others, moment);
  }
}

/** @file Batches of pairs: both sides in one order, longest caption first, so that recurrent rows shrink as captions end. */
import type { NamedTensors } from '../../graph/runtime/protocol.ts';
import type { TensorData } from '../../graph/values.ts';
import { longestFirst } from '../../nn/layout.ts';
import { type Moment, type Side, stepKey } from './side.ts';

/** Batch entries of an objective for pairs given by the numbers of their images and captions, in the order of the rows. */
export type PairFeeds = (images: Int32Array, captions: Int32Array, moment: Moment) => Promise<NamedTensors>;

export interface PairSource {
  readonly image: Side;
  readonly text: Side;
  /** Number of the image of each caption. */
  readonly imageOfCaption: Int32Array;
  /** Entries of objectives, by their name; none unless given. */
  readonly feeds?: Readonly<Record<string, PairFeeds>>;
}

/**
 * The tensors of a training batch: `image.*`, `text.*`, `objectives.NAME.*`, `imageIds` and the `key` of its random numbers.
 *
 * @param captions numbers of the captions; each brings its image
 * @param moment on which all that is random depends: the same moment gives the same batch
 */
export async function pairBatch(source: PairSource, captions: Int32Array, moment: Moment): Promise<NamedTensors> {
  const images = captions.map((caption) => source.imageOfCaption[caption]);
  const [image, text] = await Promise.all([source.image.draw(images, moment), source.text.draw(captions, moment)]);
  const order = longestFirst(text.lengths);
  const ordered = (numbers: Int32Array) => Int32Array.from(order, (i) => numbers[i]);
  const [imageIds, captionIds] = [ordered(images), ordered(captions)];
  const [imageFeeds, textFeeds, ...others] = await Promise.all([
    image.feeds(order),
    text.feeds(order),
    ...Object.entries(source.feeds ?? {}).map(async ([name, feeds]) =>
      prefixed(`objectives.${name}`, await feeds(imageIds, captionIds, moment)),
    ),
  ]);
  return new Map<string, TensorData>([
    ...prefixed('image', imageFeeds),
    ...prefixed('text', textFeeds),
    ...others.flat(),
    ['imageIds', { dtype: 'int32', shape: [order.length], data: imageIds }],
    ['key', { dtype: 'int32', shape: [], data: Int32Array.of(stepKey(moment)) }],
  ]);
}

/**
 * The tensors of an evaluation batch of one side, and the order in which its rows come out.
 *
 * @param items numbers of images or captions
 * @param view of those that the side has; the plain one unless given
 */
export async function sideBatch(
  side: Side,
  items: Int32Array,
  view = 0,
): Promise<{ feeds: NamedTensors; order: readonly number[] }> {
  const drawn = await side.draw(items, undefined, view);
  const order = longestFirst(drawn.lengths);
  return { feeds: await drawn.feeds(order), order };
}

/** Tensors under a prefix of their paths. */
export function prefixed(prefix: string, tensors: NamedTensors): [string, TensorData][] {
  return [...tensors].map(([path, tensor]) => [`${prefix}.${path}`, tensor]);
}

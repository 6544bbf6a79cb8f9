/** @file Second views: other random numbers than the first, and every pair at the place that is told. */
import { expect, test } from 'vitest';
import { strongView } from '../../data/images/augment.ts';
import { wordEditor } from '../../data/tokens/edits.ts';
import { countVocabulary } from '../../data/tokens/vocabulary.ts';
import { Random } from '../../random/random.ts';
import { CaptionSide, widthsUpTo } from './captions.ts';
import { pairBatch } from './pairs.ts';
import { PixelSide } from './pixels.ts';
import { RegionSide } from './regions.ts';
import { OtherCaptions, viewFeeds } from './views.ts';

const [regions, width, count] = [6, 2, 12];
const texts = Array.from({ length: count }, (_, i) => `${'the very '.repeat(i % 4)}word${i} near thing${i} and more`);
const tokenizer = countVocabulary(texts, { minimumCount: 1 });
const captions = texts.map((text) => tokenizer.tokenize(text));
/** Two captions of each image. */
const imageOfCaption = Int32Array.from(texts, (_, i) => i >> 1);
const text = new CaptionSide(captions, { tokenizer, widths: widthsUpTo(16), order: 'time' });
const image = new RegionSide(
  {
    regions,
    width,
    views: 3,
    dtype: 'float32',
    read: async (n, view) => new Float32Array(regions * width).fill(10 * n + view),
  },
  { regionDrop: 0.3, viewProbability: 0.8 },
);
const items = Int32Array.of(4, 1, 7, 2, 11, 8);
const images = items.map((caption) => imageOfCaption[caption]);
const moment = { seed: 3, step: 5 };

/** Ids of each caption of a batch in the order of time, by its row. */
function sequencesOf(
  feeds: ReadonlyMap<string, { data: ArrayLike<number> }>,
  prefix: string,
  rows: number,
): number[][] {
  const ids = feeds.get(`${prefix}ids`)!.data;
  const position = feeds.get(`${prefix}layout.position`)!.data;
  const sequences: number[][] = Array.from({ length: rows }, () => []);
  // Longest first and step by step: the rows of a step are those of the captions that are as long.
  let row = 0;
  for (let at = 0; at < ids.length; at++) {
    row = at > 0 && position[at] === position[at - 1] ? row + 1 : 0;
    sequences[row].push(ids[at]);
  }
  return sequences;
}

test('captions of a second view are found at their places, in another form', async () => {
  const edited = text.changed((seed) => wordEditor({ probability: 1, share: 0.5, kinds: ['swap', 'delete'] }, seed));
  const feeds = await viewFeeds({ image, text: edited }, images, items, moment);
  const place = feeds.get('place')!.data;
  const rows = sequencesOf(feeds, 'text.', items.length);
  let changed = 0;
  items.forEach((caption, pair) => {
    const own = [...captions[caption].ids];
    const found = rows[place[pair]];
    // What is edited keeps only words of its own caption.
    expect(found.every((id) => own.includes(id))).toBe(true);
    if (found.join() !== own.join()) changed++;
  });
  expect(changed).toBeGreaterThan(3);
  const plain = await viewFeeds({ image, text }, images, items, moment);
  const unchanged = sequencesOf(plain, 'text.', items.length);
  items.forEach((caption, pair) => {
    expect(unchanged[plain.get('place')!.data[pair]]).toEqual([...captions[caption].ids]);
  });
});

test('images of the second view are those of the pairs, drawn apart from the first and from the third', async () => {
  const first = await pairBatch({ image, text, imageOfCaption }, items, moment);
  const ordered = first.get('imageIds')!.data as Int32Array;
  const feeds = await viewFeeds({ image, text, third: image }, ordered, items, moment);
  const shown = (path: string, from: ReadonlyMap<string, { data: ArrayLike<number> }>) =>
    Array.from(from.get(path)!.data);
  const [one, two, three] = [
    shown('image.features', first),
    shown('image.features', feeds),
    shown('third.features', feeds),
  ];
  const imagesIn = (features: number[]) => [...new Set(features.map((x) => Math.floor(x / 10)))];
  expect(imagesIn(two)).toEqual(imagesIn(one));
  expect(two).not.toEqual(one);
  expect(three).not.toEqual(two);
  expect(await viewFeeds({ image, text, third: image }, ordered, items, moment)).toEqual(feeds);
});

test('another caption is one of the same image', async () => {
  const others = new OtherCaptions(text, imageOfCaption);
  const feeds = await viewFeeds({ image, text: others }, images, items, moment);
  const rows = sequencesOf(feeds, 'text.', items.length);
  items.forEach((caption, pair) => {
    expect(rows[feeds.get('place')!.data[pair]]).toEqual([...captions[caption ^ 1].ids]);
  });
  // An image with one caption keeps it; evaluation shows every caption itself.
  const alone = new OtherCaptions(
    text,
    Int32Array.from(texts, (_, i) => i),
  );
  const kept = await alone.draw(items, moment);
  expect(kept.lengths).toEqual((await others.draw(items, undefined)).lengths);
});

test('pictures are changed in training alone', async () => {
  const size = 8;
  const random = new Random('pictures');
  const pixels = Uint8Array.from({ length: 4 * 3 * size * size }, () => random.integer(256));
  const side = new PixelSide(pixels, size).augmented(strongView);
  const of = async (when: typeof moment | undefined) => {
    const drawn = await side.draw(Int32Array.of(2, 0), when);
    return (await drawn.feeds([1, 0])).get('pixels')!.data;
  };
  expect(await of(undefined)).toEqual(Uint8Array.from([...pixels.subarray(0, 192), ...pixels.subarray(384, 576)]));
  expect(await of(moment)).not.toEqual(await of(undefined));
  expect(await of(moment)).toEqual(await of(moment));
});

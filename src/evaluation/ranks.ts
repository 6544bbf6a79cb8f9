/** @file Ranks of the ground truth in both directions, by counting in blocks: no sorting, never the whole matrix. */
import { setImmediate } from 'node:timers/promises';
import { DiptychError } from '../errors/error.ts';
import { type Progress, silent } from '../system/progress.ts';
import type { Relation } from './relation.ts';
import type { ScoreSource } from './scores.ts';

/** Ranks of one direction. Arrays are parallel: one element for each query. */
export interface DirectionRanks {
  /** Image or caption index of each query. */
  readonly queries: Int32Array;
  /** Image that each query belongs to (for image queries the image itself): what the bootstrap resamples. */
  readonly images: Int32Array;
  /** 0-based rank if ties are decided for the model: how many wrong items score strictly higher. */
  readonly optimistic: Int32Array;
  /** 0-based rank if ties are decided against the model: how many wrong items score at least as high. */
  readonly pessimistic: Int32Array;
  /** Score of the ground truth; of an image's captions the best. */
  readonly truth: Float32Array;
  /** Highest score of a wrong item; -Infinity where there is none. */
  readonly rival: Float32Array;
}

/** Ranks of both directions over one gallery. */
export interface Ranks {
  /** The images of the gallery, in order. */
  readonly gallery: Int32Array;
  /** Query image, gallery all captions; an image without captions asks nothing. */
  readonly imageToText: DirectionRanks;
  /** Query caption, gallery all images; captions image by image. */
  readonly textToImage: DirectionRanks;
}

/** Bounds of a block: it is made of whole images, until one of these is reached. */
const blockImages = 128;
const blockCaptions = 640;

/** Images of a block with their captions, and where both begin in the arrays of the walk. */
interface Group {
  readonly images: Int32Array;
  readonly captions: Int32Array;
  readonly firstImage: number;
  readonly firstCaption: number;
}

/** Counts of one side of the matrix while it is walked. */
interface Counts {
  readonly truth: Float32Array;
  readonly greater: Int32Array;
  readonly atLeast: Int32Array;
  readonly rival: Float32Array;
}

/**
 * Ranks every image among the captions and every caption among the images.
 *
 * The images are cut into groups with their captions. Blocks on the diagonal hold every true score; they come first.
 * Each other block then counts for both directions at once. So each score is computed once, and a true score is
 * compared with scores of the same arithmetic: ties are exact.
 *
 * @param images the images of the gallery (a fold, say); the whole split unless given. Their captions come along.
 * @returns ranks; with C captions of an image, its rank is that of the best of them, and they never rank each other
 * @throws DIPTYCH_EVALUATION_SHAPE if source and relation differ in size
 * @throws DIPTYCH_EVALUATION_EMPTY if no image has a caption
 * @throws DIPTYCH_EVALUATION_NOT_FINITE at the first score that is NaN or infinite
 */
export async function rank(
  source: ScoreSource,
  relation: Relation,
  images: Int32Array = Int32Array.from(relation.imageIds.keys()),
  progress: Progress = silent,
): Promise<Ranks> {
  checkSizes(source, relation);
  const groups = groupsOf(relation, images);
  const captioned = groups.filter((group) => group.captions.length > 0);
  const captions = Int32Array.from(captioned.flatMap((group) => [...group.captions]));
  if (captions.length === 0) throw new DiptychError('DIPTYCH_EVALUATION_EMPTY', { what: 'no image has a caption' });
  const owners = captions.map((caption) => relation.imageOf[caption]);
  const rows = counts(images.length, Number.NEGATIVE_INFINITY);
  const columns = counts(captions.length, 0);
  const scratch = new Float32Array(
    Math.max(...groups.map((group) => group.images.length)) * Math.max(...groups.map((group) => group.captions.length)),
  );
  let done = 0;
  const block = async (imageGroup: Group, captionGroup: Group): Promise<Float32Array> => {
    const out = scratch.subarray(0, imageGroup.images.length * captionGroup.captions.length);
    await source.block(imageGroup.images, captionGroup.captions, out);
    await setImmediate(); // a long evaluation leaves room for timers and signals
    progress.update({ done: ++done, total: groups.length * captioned.length, unit: 'blocks' });
    return out;
  };
  const check = (finite: boolean, scores: Float32Array, imageGroup: Group, captionGroup: Group): void => {
    if (!finite) throw notFinite(scores, imageGroup, captionGroup, relation);
  };
  for (const group of captioned) {
    const scores = await block(group, group);
    check(countOwn(scores, group, owners, rows, columns), scores, group, group);
  }
  for (const imageGroup of groups) {
    for (const captionGroup of captioned) {
      if (imageGroup === captionGroup) continue;
      const scores = await block(imageGroup, captionGroup);
      check(countOthers(scores, imageGroup, captionGroup, rows, columns), scores, imageGroup, captionGroup);
    }
  }
  return {
    gallery: images,
    imageToText: imageQueries(relation, images, rows),
    textToImage: {
      queries: captions,
      images: owners,
      optimistic: columns.greater,
      pessimistic: columns.atLeast,
      truth: columns.truth,
      rival: columns.rival,
    },
  };
}

function checkSizes(source: ScoreSource, relation: Relation): void {
  const check = (what: string, expected: number, found: number): void => {
    if (expected === found) return;
    throw new DiptychError('DIPTYCH_EVALUATION_SHAPE', { what, expected: `${expected} rows`, found: `${found}` });
  };
  check('images of the scores', relation.imageIds.length, source.images);
  check('captions of the scores', relation.captionIds.length, source.captions);
}

function groupsOf(relation: Relation, images: Int32Array): Group[] {
  const groups: Group[] = [];
  let start = 0;
  let captions: number[] = [];
  let firstCaption = 0;
  for (let i = 0; i < images.length; i++) {
    captions.push(...relation.captionsOf[images[i]]);
    const full = i + 1 - start >= blockImages || captions.length >= blockCaptions;
    if (!full && i + 1 < images.length) continue;
    const members = images.slice(start, i + 1);
    groups.push({ images: members, captions: Int32Array.from(captions), firstImage: start, firstCaption });
    firstCaption += captions.length;
    captions = [];
    start = i + 1;
  }
  return groups;
}

function counts(length: number, truth: number): Counts {
  return {
    truth: new Float32Array(length).fill(truth),
    greater: new Int32Array(length),
    atLeast: new Int32Array(length),
    rival: new Float32Array(length).fill(Number.NEGATIVE_INFINITY),
  };
}

/** Reads the true scores of a block on the diagonal, then counts its wrong pairs. False if a score is not finite. */
function countOwn(scores: Float32Array, group: Group, owners: Int32Array, rows: Counts, columns: Counts): boolean {
  const { images, captions, firstImage, firstCaption } = group;
  let zero = 0;
  images.forEach((image, i) => {
    for (let j = 0; j < captions.length; j++) {
      const score = scores[i * captions.length + j];
      zero += score - score;
      if (owners[firstCaption + j] !== image) continue;
      columns.truth[firstCaption + j] = score;
      rows.truth[firstImage + i] = Math.max(rows.truth[firstImage + i], score);
    }
  });
  images.forEach((image, i) => {
    for (let j = 0; j < captions.length; j++) {
      if (owners[firstCaption + j] === image) continue;
      const score = scores[i * captions.length + j];
      countOne(rows, firstImage + i, score);
      countOne(columns, firstCaption + j, score);
    }
  });
  return zero === 0;
}

function countOne(side: Counts, query: number, score: number): void {
  if (score > side.truth[query]) side.greater[query]++;
  if (score >= side.truth[query]) side.atLeast[query]++;
  if (score > side.rival[query]) side.rival[query] = score;
}

/** Counts a block in which every pair is wrong; the hot loop. False if a score is not finite. */
function countOthers(
  scores: Float32Array,
  imageGroup: Group,
  captionGroup: Group,
  rows: Counts,
  columns: Counts,
): boolean {
  const width = captionGroup.captions.length;
  const { firstCaption } = captionGroup;
  const columnTruth = columns.truth;
  const columnRival = columns.rival;
  let position = 0;
  let zero = 0; // score - score is 0, or NaN where a score is NaN or infinite
  for (let i = 0; i < imageGroup.images.length; i++) {
    const row = imageGroup.firstImage + i;
    const truth = rows.truth[row];
    let rival = rows.rival[row];
    let greater = 0;
    let atLeast = 0;
    for (let column = firstCaption; column < firstCaption + width; column++) {
      const score = scores[position++];
      zero += score - score;
      if (score >= truth) {
        atLeast++;
        if (score > truth) greater++;
      }
      if (score > rival) rival = score;
      if (score >= columnTruth[column]) {
        columns.atLeast[column]++;
        if (score > columnTruth[column]) columns.greater[column]++;
      }
      if (score > columnRival[column]) columnRival[column] = score;
    }
    rows.rival[row] = rival;
    rows.greater[row] += greater;
    rows.atLeast[row] += atLeast;
  }
  return zero === 0;
}

/** The rows that ask: images with at least one caption. */
function imageQueries(relation: Relation, images: Int32Array, rows: Counts): DirectionRanks {
  const asking = Int32Array.from(images.keys()).filter((row) => relation.captionsOf[images[row]].length > 0);
  const queries = asking.map((row) => images[row]);
  return {
    queries,
    images: queries,
    optimistic: asking.map((row) => rows.greater[row]),
    pessimistic: asking.map((row) => rows.atLeast[row]),
    truth: Float32Array.from(asking, (row) => rows.truth[row]),
    rival: Float32Array.from(asking, (row) => rows.rival[row]),
  };
}

function notFinite(scores: Float32Array, imageGroup: Group, captionGroup: Group, relation: Relation): DiptychError {
  const position = scores.findIndex((score) => !Number.isFinite(score));
  const width = captionGroup.captions.length;
  const image = relation.imageIds[imageGroup.images[Math.floor(position / width)]];
  const caption = relation.captionIds[captionGroup.captions[position % width]];
  return new DiptychError('DIPTYCH_EVALUATION_NOT_FINITE', {
    place: `the score of image ${JSON.stringify(image)} and caption ${JSON.stringify(caption)}`,
    value: scores[position],
  });
}

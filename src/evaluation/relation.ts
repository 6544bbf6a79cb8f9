/** @file Ground truth as a relation of ids: which captions belong to which image, in the order of the split. */
import { createHash } from 'node:crypto';
import { DiptychError } from '../errors/error.ts';

/** What a relation needs of an image record. */
export interface RelatedImage {
  readonly id: string;
  readonly captions: readonly { readonly id: string }[];
}

/** Images and captions of a split, and the image that each caption belongs to. Row i of the image embeddings is
 * image i, row c of the caption embeddings is caption c. */
export interface Relation {
  readonly imageIds: readonly string[];
  readonly captionIds: readonly string[];
  /** The image of each caption, [captions]. */
  readonly imageOf: Int32Array;
  /** The captions of each image, in the order of `captionIds`; may be empty. */
  readonly captionsOf: readonly Int32Array[];
}

/**
 * The relation of image records: captions are numbered image by image, in file order.
 *
 * @param images records in the order of the split (folds are contiguous runs of this order)
 * @throws DIPTYCH_EVALUATION_RELATION if an id occurs twice
 */
export function relationOf(images: readonly RelatedImage[]): Relation {
  const captionIds: string[] = [];
  const owners: string[] = [];
  for (const image of images) {
    for (const caption of image.captions) {
      captionIds.push(caption.id);
      owners.push(image.id);
    }
  }
  return relationOfIds(
    images.map((image) => image.id),
    captionIds,
    owners,
  );
}

/**
 * The relation of parallel id lists, captions in any order.
 *
 * @param owners the image id of each caption, [captions]
 * @throws DIPTYCH_EVALUATION_RELATION if an id occurs twice or an owner is not among the images
 */
export function relationOfIds(
  imageIds: readonly string[],
  captionIds: readonly string[],
  owners: readonly string[],
): Relation {
  if (owners.length !== captionIds.length) {
    throw new DiptychError('DIPTYCH_EVALUATION_SHAPE', {
      what: 'images of captions',
      expected: `${captionIds.length} ids`,
      found: `${owners.length}`,
    });
  }
  const positions = positionsOf('image', imageIds);
  positionsOf('caption', captionIds);
  const lists: number[][] = imageIds.map(() => []);
  const imageOf = new Int32Array(captionIds.length);
  for (let caption = 0; caption < captionIds.length; caption++) {
    const image = positions.get(owners[caption]);
    if (image === undefined) {
      const problem = `belongs to image ${JSON.stringify(owners[caption])}, which is not in the split`;
      throw new DiptychError('DIPTYCH_EVALUATION_RELATION', { kind: 'caption', id: captionIds[caption], problem });
    }
    imageOf[caption] = image;
    lists[image].push(caption);
  }
  return { imageIds, captionIds, imageOf, captionsOf: lists.map((list) => Int32Array.from(list)) };
}

function positionsOf(kind: 'image' | 'caption', ids: readonly string[]): Map<string, number> {
  const positions = new Map<string, number>();
  ids.forEach((id, position) => {
    if (positions.has(id)) {
      throw new DiptychError('DIPTYCH_EVALUATION_RELATION', { kind, id, problem: 'occurs more than once' });
    }
    positions.set(id, position);
  });
  return positions;
}

/** SHA-256 of what was evaluated: image ids in order, each with its caption ids. Equal hashes: comparable numbers. */
export function splitHash(relation: Relation): string {
  const hash = createHash('sha256');
  relation.imageIds.forEach((id, image) => {
    const captions = Array.from(relation.captionsOf[image], (caption) => relation.captionIds[caption]);
    hash.update(`${JSON.stringify([id, captions])}\n`);
  });
  return hash.digest('hex');
}

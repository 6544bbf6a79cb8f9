/** @file Errors of graded relevance: its files, its captions, and windows that do not fit a batch. */
import { entry } from './entry.ts';

export const bclsErrors = {
  DIPTYCH_BCLS_WINDOW: entry<{ window: number; pairs: number; least: number; most: number }>({
    message: ({ window, pairs, least, most }) =>
      most < least
        ? `a batch of ${pairs} pairs is too small for any window`
        : `a window of ${window} ranks does not fit a batch of ${pairs} pairs: it may be ${least} to ${most}`,
    why: 'The sliding window runs along the candidates of an anchor, as many as the batch has pairs, and candidates have to be left outside it to compare with.',
    cure: 'Choose a window in the range that the message names (an eighth of the batch is usual), or raise `--batch-size`.',
  }),
  DIPTYCH_RELEVANCE_SHAPE: entry<{ path: string; expected: string; found: string }>({
    message: ({ path, expected, found }) => `${path}: expected ${expected}, found ${found}`,
    why: 'A file of sentence vectors holds one row for each caption, and a matrix of relevance one row for each image and one column for each caption, in the order of the data set.',
    cure: 'Write the file again from the data set that is read here; beside vectors, NAME.json may list the caption id of each row as `{"ids": […]}`, in any order.',
  }),
  DIPTYCH_RELEVANCE_NOT_FINITE: entry<{ path: string; place: string; value: number }>({
    message: ({ path, place, value }) => `${path}: ${place} is ${value}`,
    why: 'Relevance orders captions, and NaN or infinity cannot be ordered.',
    cure: 'Find out which caption the place belongs to and why the program that wrote the file failed there; write the file again.',
  }),
  DIPTYCH_RELEVANCE_IDS: entry<{ path: string; missing: number; first: string }>({
    message: ({ path, missing, first }) => `${path}: no row for ${missing} captions, such as ${JSON.stringify(first)}`,
    why: 'The list of caption ids beside the file lacks captions of the splits that are used.',
    cure: 'Encode all captions of these splits, under the ids that `diptych data check` shows.',
  }),
  DIPTYCH_RELEVANCE_CAPTIONS: entry<{ labels: string; images: number; captions: number }>({
    message: ({ labels, images, captions }) =>
      `${labels}: ${captions} captions of ${images} images share no word that tells images apart`,
    why: 'Relevance from captions weighs words by how few images they occur with; with a single image, or captions without a word in common, all weights are zero.',
    cure: 'Give captions of several images, or relevance from a file of sentence vectors or a matrix.',
  }),
} as const;

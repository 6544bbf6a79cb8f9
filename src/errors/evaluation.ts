/** @file Errors of evaluation: shapes, ids, scores, protocols, judgement files, and the guard of the test split. */
import { entry } from './entry.ts';

export const evaluationErrors = {
  DIPTYCH_EVALUATION_SHAPE: entry<{ what: string; expected: string; found: string }>({
    message: ({ what, expected, found }) => `${what}: expected ${expected}, found ${found}`,
    why: 'Embeddings or scores do not have one row for each image and each caption of the split.',
    cure: 'Encode exactly the images and captions of the split that is evaluated, in its order, all with one model.',
  }),
  DIPTYCH_EVALUATION_RELATION: entry<{ kind: 'image' | 'caption'; id: string; problem: string }>({
    message: ({ kind, id, problem }) => `${kind} ${JSON.stringify(id)}: ${problem}`,
    why: 'Ground truth is a relation between ids, so each id must occur once and each caption must name a known image.',
    cure: 'Look for the id in the data set file and repair or remove the record; `diptych data check` lists all such ids.',
  }),
  DIPTYCH_EVALUATION_EMPTY: entry<{ what: string }>({
    message: ({ what }) => `nothing to evaluate: ${what}`,
    why: 'Recall needs at least one image with a caption in the split.',
    cure: 'Check the name of the split and the data set: `diptych data check` prints how many images each split has.',
  }),
  DIPTYCH_EVALUATION_NOT_FINITE: entry<{ place: string; value: number }>({
    message: ({ place, value }) => `${place} is ${value}, which cannot be ranked`,
    why: 'An embedding holds NaN or infinity, most often because training diverged or a feature file is damaged.',
    cure: 'Evaluate an earlier checkpoint; lower the learning rate, or check the feature file with `diptych data check`.',
  }),
  DIPTYCH_EVALUATION_FOLDS: entry<{ folds: number; images: number }>({
    message: ({ folds, images }) => `${folds} folds cannot be made of ${images} images`,
    why: 'Folds are contiguous runs of images; their number is a whole number between 1 and the number of images.',
    cure: 'Choose fewer folds (COCO 1K is 5 folds of 5,000 images), or leave folds out to evaluate the whole split.',
  }),
  DIPTYCH_EVALUATION_TEST_SELECTION: entry<{ purpose: string }>({
    message: ({ purpose }) => `the test split cannot be used for ${purpose}`,
    why: 'A checkpoint, a step or a setting that was chosen by its test result makes that result optimistic.',
    cure: 'Use the val split; evaluate on test once, when everything is chosen.',
  }),
  DIPTYCH_EVALUATION_JUDGEMENTS_FORMAT: entry<{ path: string; lines: number }>({
    message: ({ path, lines }) => `${path}: none of its ${lines} lines is a judgement`,
    why: 'A judgement file has five columns separated by tabs: image, caption id, then three grades of 1 to 4, or the fraction, the yes count and the no count.',
    cure: 'Give ExpertAnnotations.txt or CrowdFlowerAnnotations.txt of Flickr8k, or a file with the same columns.',
  }),
  DIPTYCH_EVALUATION_JUDGEMENTS_UNMATCHED: entry<{ path: string; pairs: number }>({
    message: ({ path, pairs }) => `${path}: none of its ${pairs} pairs has a score`,
    why: 'The judged pictures or captions are not in the split that is evaluated; Flickr8k judges its test split only.',
    cure: 'Evaluate the split that the judgements belong to, and read the data set by the names that the file uses.',
  }),
} as const;

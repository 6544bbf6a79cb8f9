/** @file Errors of trained models over data sets: what cannot be evaluated or compared. */
import { entry } from './entry.ts';

export const trainedErrors = {
  DIPTYCH_MODEL_UNKNOWN: entry<{ path: string }>({
    message: ({ path }) => `${path}: neither a run nor a bundle`,
    why: 'A run folder holds `run.json`, a bundle holds `bundle.json`; this place holds neither.',
    cure: 'Name the folder that `diptych train --run` or `diptych export --out` wrote.',
  }),
  DIPTYCH_MODEL_FEATURES: entry<{ model: string; expected: string; found: string }>({
    message: ({ model, expected, found }) => `${model}: trained on features of ${expected}, given ${found}`,
    why: 'The image tower reads features of the backbone and the grid that it was trained on, and no others.',
    cure: 'Name the feature file of that backbone with `--features`; it needs a row for each image of the split.',
  }),
  DIPTYCH_MODEL_PICTURE: entry<{ path: string; reason: string }>({
    message: ({ path, reason }) => `${path}: cannot be evaluated on: ${reason}`,
    why: 'Ranks are counted among all images of the split, so each of them needs a vector.',
    cure: 'Repair the picture, or take its record out of the data set; `diptych data check` lists all such pictures.',
  }),
  DIPTYCH_COMPARE_CHANGED: entry<{ folder: string; was: string; now: string }>({
    message: ({ folder, was, now }) => `${folder}: begun as \`diptych ${was}\`, now asked for as \`diptych ${now}\``,
    why: 'A comparison is gone on with in its folder, and this run was begun there with other options or another budget.',
    cure: 'Give the same options, or another folder with `--report`.',
  }),
  DIPTYCH_COMPARE_DUPLICATE: entry<{ path: string }>({
    message: ({ path }) => `${path}: named twice`,
    why: 'Each run is one row of the table.',
    cure: 'Name each run once.',
  }),
} as const;

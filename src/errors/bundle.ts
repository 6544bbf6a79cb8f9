/** @file Errors of exporting a trained model as a bundle, and of opening one. */
import { entry } from './entry.ts';

export const bundleErrors = {
  DIPTYCH_BUNDLE_MISSING: entry<{ path: string }>({
    message: ({ path }) => `${path}: there is no bundle here`,
    why: 'A bundle is a folder that holds `bundle.json` and the models beside it; this one does not.',
    cure: 'Check the path, or make a bundle of a run with `diptych export RUN --out DIR`.',
  }),
  DIPTYCH_BUNDLE_EXISTS: entry<{ path: string; what: string }>({
    message: ({ path, what }) => `${path}: ${what}`,
    why: 'A bundle is written as a whole folder, and never over something that is there. Nothing was changed.',
    cure: 'Choose another folder. A bundle, and nothing else, can be replaced with `--replace`.',
  }),
  DIPTYCH_BUNDLE_FORMAT: entry<{ path: string; format: unknown; known: number }>({
    message: ({ path, format, known }) => `${path}: written in format ${format}; this version reads ${known}`,
    why: 'The bundle was written by another version of Diptych.',
    cure: 'Export the run again with this version, or use the version that wrote the bundle.',
  }),
  DIPTYCH_BUNDLE_DAMAGED: entry<{ path: string; reason: string }>({
    message: ({ path, reason }) => `${path}: damaged (${reason})`,
    why: 'A file of the bundle is missing or not what was written, or says something that the others contradict. Vectors of such a model would be compared with those of the whole one.',
    cure: 'Copy the bundle again from where it came from, or export the run again.',
  }),
  DIPTYCH_BUNDLE_FEATURES_ONLY: entry<{ path: string }>({
    message: ({ path }) => `${path}: holds no backbone, so it encodes features and texts but no pictures`,
    why: 'The model was trained on stored features, and it was exported without the frozen model that made them.',
    cure: 'Export the run again with `--backbone FILE` (and `--preprocessing`, if the feature file does not say it).',
  }),
  DIPTYCH_BUNDLE_UNKNOWN: entry<{ index: string; bundle?: string | undefined }>({
    message: ({ index, bundle }) =>
      `${index}: its bundle ${bundle === undefined ? 'is not known' : `is no longer at ${bundle}`}`,
    why: 'Texts and pictures are encoded by the model that made the index. The index remembers where it was, and it is not there any more, or is another one now.',
    cure: 'Name the bundle with `--bundle DIR`.',
  }),
  DIPTYCH_BUNDLE_INPUT: entry<{ path: string; expected: string; found: string }>({
    message: ({ path, expected, found }) => `${path}: expects ${expected}, was given ${found}`,
    why: 'What was to be encoded does not have the form that the model was trained on.',
    cure: 'Give pictures to a model of pixels; give features of the same backbone to a model of features.',
  }),
  DIPTYCH_EXPORT_DIFFERS: entry<{ what: string; difference: string; allowed: string }>({
    message: ({ what, difference, allowed }) =>
      `the exported model is not the trained one: ${what} differ by ${difference}, more than ${allowed}`,
    why: 'Every export is compared with the graph that was trained, and is refused where they disagree. No bundle was written.',
    cure: 'This is a mistake of ours, or of ONNX Runtime on this machine: report it with the configuration of the run.',
  }),
  DIPTYCH_EXPORT_BACKBONE: entry<{ path: string; reason: string }>({
    message: ({ path, reason }) => `${path}: not the backbone of this run (${reason})`,
    why: 'Pictures must be seen as they were when the features were made that the run learnt from; another model, or another preprocessing, would give vectors that mean nothing.',
    cure: 'Give the ONNX file and the preprocessing that `diptych features` was given for the feature file of the run.',
  }),
  DIPTYCH_EXPORT_ENSEMBLE: entry<{ run: string; first: string; what: string; expected: string; found: string }>({
    message: ({ run, first, what, expected, found }) =>
      `${run}: cannot be one model with ${first}, because ${what} differs: ${found} instead of ${expected}`,
    why: 'Pictures and texts enter a bundle once, for all models of an ensemble: these runs learnt from other features, or read texts as other ids. No bundle was written.',
    cure: 'Join runs over the same features and captions, such as those of several seeds; where the files are the same but moved, name them with `--features` and `--backbone`. `diptych eval --ensemble` ranks by the mean of any runs.',
  }),
  DIPTYCH_EXPORT_INPUTS: entry<{ run: string; reason: string }>({
    message: ({ run, reason }) => `${run}: the inputs of the run cannot be read (${reason})`,
    why: 'An export is compared with the trained graph on pictures and captions of the validation split, and these are no longer where they were.',
    cure: 'Say where the data set is now with `--data PATH` (and `--features FILE`), or compare on drawn inputs alone with `--verify drawn`.',
  }),
} as const;

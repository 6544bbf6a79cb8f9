/** @file Errors of pictures, of frozen backbones and of the features they make. */
import { entry } from './entry.ts';

export const imageErrors = {
  DIPTYCH_IMAGE_UNREADABLE: entry<{ path: string; reason: string }>({
    message: ({ path, reason }) => `${path}: no readable picture (${reason})`,
    why: 'The file is empty, cut off, damaged, or of a kind that the decoder does not know.',
    cure: 'Open it in a picture viewer; save it again as JPEG or PNG, or take it out of the data set.',
  }),
  DIPTYCH_IMAGE_TOO_LARGE: entry<{ path: string; what: string; size: number; limit: number }>({
    message: ({ path, what, size, limit }) => `${path}: ${size} ${what}, above the limit of ${limit}`,
    why: 'A small file can claim a size that fills the memory, so pictures above a limit are not decoded.',
    cure: 'Make the picture smaller, or raise the limit if its size is right.',
  }),
  DIPTYCH_PREPROCESSING_UNKNOWN: entry<{ name: string; known: readonly string[] }>({
    message: ({ name, known }) => `${name}: neither a JSON file nor a built-in preprocessing (${known.join(', ')})`,
    why: 'Preprocessing is given as the path of a JSON file, or as the name of one that comes with Diptych.',
    cure: 'Write the JSON file (docs/preprocessing holds one to start from), or correct the name.',
  }),
  DIPTYCH_BACKBONE_UNLOADABLE: entry<{ path: string; reason: string }>({
    message: ({ path, reason }) => `${path}: cannot be loaded as an ONNX model (${reason})`,
    why: 'The file is no ONNX model, is damaged, or uses operators that this ONNX Runtime does not have.',
    cure: 'Check that the file is complete; export the model again with an older operator set if one is unknown.',
  }),
  DIPTYCH_BACKBONE_NAMES: entry<{ path: string; what: 'input' | 'output'; wanted?: string; names: readonly string[] }>({
    message: ({ path, what, wanted, names }) =>
      wanted === undefined
        ? `${path}: has several ${what}s (${names.join(', ')}), and none was chosen`
        : `${path}: has no ${what} ${wanted}; it has ${names.join(', ')}`,
    why: 'Which tensor of a model takes the picture, or holds the features, can be told only where there is just one.',
    cure: 'Name it as "input" or "output" in the preprocessing JSON.',
  }),
  DIPTYCH_BACKBONE_SHAPE: entry<{ path: string; name: string; shape: readonly unknown[]; reason: string }>({
    message: ({ path, name, shape, reason }) => `${path}: ${name} is [${shape.join(', ')}]: ${reason}`,
    why: 'The preprocessing makes pictures of one size and layout; the model wants another, or gives no features.',
    cure: 'Correct size and layout in the preprocessing JSON, or choose another output.',
  }),
  DIPTYCH_BACKBONE_FAILED: entry<{ path: string; reason: string }>({
    message: ({ path, reason }) => `${path}: ONNX Runtime failed while running it (${reason})`,
    why: 'The model loaded, but could not be run on a picture.',
    cure: 'Check the preprocessing against the model; lower the number of threads if memory ran out.',
  }),
  DIPTYCH_BACKBONE_DIED: entry<{ path: string; reason: string }>({
    message: ({ path, reason }) => `a process running ${path} ended (${reason})`,
    why: 'The system ended it, most often because memory ran out, or a native library crashed.',
    cure: 'Run the same command again: finished work is kept. Use fewer threads if memory is short.',
  }),
  DIPTYCH_FEATURES_TAKEN: entry<{ path: string; difference: string }>({
    message: ({ path, difference }) => `${path}: holds features of another run (${difference})`,
    why: 'The file, or an unfinished one, was made from other pictures, another backbone or other settings.',
    cure: 'Choose another file name, or ask to start afresh, which replaces it.',
  }),
  DIPTYCH_FEATURES_STOPPED: entry<{ path: string; done: number; images: number }>({
    message: ({ path, done, images }) => `${path}: stopped after ${done} of ${images} pictures`,
    why: 'The extraction was interrupted. What is done is kept beside the file.',
    cure: 'Run the same command again: it goes on from there.',
    exit: 130,
  }),
  DIPTYCH_FEATURES_NONE: entry<{ path: string; images: number; reason: string }>({
    message: ({ path, images, reason }) => `${path}: none of ${images} pictures gave features (${reason})`,
    why: 'There were no pictures, or each of them failed; the first reason is given.',
    cure: 'Check the folder of pictures and the reason given.',
  }),
  DIPTYCH_FEATURES_IDS: entry<{ path: string; id: string; reason: string }>({
    message: ({ path, id, reason }) => `${path}: image ${id} ${reason}`,
    why: 'Rows of features are found by image id, so each id must be there once.',
    cure: 'Make the features of this data set again, or correct the repeated id.',
  }),
  DIPTYCH_FEATURES_VIEW: entry<{ path: string; view: number; views: number }>({
    message: ({ path, view, views }) => `${path}: there is no view ${view}; it holds ${views}`,
    why: 'Features were made with fewer views of each picture than are asked for.',
    cure: 'Ask for fewer views, or make the features again with more.',
  }),
  DIPTYCH_FEATURES_INVALID: entry<{ path: string; reason: string }>({
    message: ({ path, reason }) => `${path}: no feature file (${reason})`,
    why: 'Features are an npy file of shape [images, regions, d] or [images, views, regions, d], float16 or float32.',
    cure: 'Give the npy file that "diptych features" wrote, or convert yours to that shape and type.',
  }),
} as const;

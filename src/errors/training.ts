/** @file Errors of training: run folders, locks, checkpoints, samplers, memory, and numbers that stop being finite. */
import { entry } from './entry.ts';

export const trainingErrors = {
  DIPTYCH_RUN_LOCKED: entry<{ folder: string; pid: number; host: string; since: string; lock: string }>({
    message: ({ folder, pid, host, since }) =>
      `${folder}: process ${pid} on ${host} has been writing here since ${since}`,
    why: 'Two runs that write to one folder would damage each other, so the first one holds a lock file.',
    cure: 'Wait for the other run or stop it, or choose another folder. The lock of a process that died on this machine is taken over by itself; one left by another machine must be deleted by hand (`lock.*.json` in the folder).',
  }),
  DIPTYCH_RUN_EXISTS: entry<{ folder: string }>({
    message: ({ folder }) => `${folder}: there is a run already`,
    why: 'A new run never writes over an old one.',
    cure: 'Continue that run with `--resume`, or choose another folder.',
  }),
  DIPTYCH_RUN_MISSING: entry<{ folder: string }>({
    message: ({ folder }) => `${folder}: there is no run to resume`,
    why: 'A run folder holds `run.json`; this one does not.',
    cure: 'Check the folder, or leave `--resume` out to begin a new run there.',
  }),
  DIPTYCH_RUN_DAMAGED: entry<{ path: string; reason: string }>({
    message: ({ path, reason }) => `${path}: not a run record of this version (${reason})`,
    why: 'The file was edited, cut off, or written by another version of Diptych.',
    cure: 'Restore the file from a copy; the checkpoints beside it are not touched and can still be exported.',
  }),
  DIPTYCH_RUN_CHANGED: entry<{ folder: string; differences: readonly string[] }>({
    message: ({ folder, differences }) =>
      `${folder}: the run was begun with another configuration: ${differences.join('; ')}`,
    why: 'A resumed run must equal an uninterrupted one, so what shapes its numbers cannot change on the way.',
    cure: 'Give the values of the run (they are in its `run.json`), or begin a new run. Device and threads may change; the length changes with `--extend-to`.',
  }),
  DIPTYCH_RUN_DATA_CHANGED: entry<{ folder: string; differences: readonly string[] }>({
    message: ({ folder, differences }) => `${folder}: the data are not those of the run: ${differences.join('; ')}`,
    why: 'The fingerprint of a data set or feature file differs from the one written when the run began.',
    cure: 'Give the data that the run was begun with, or begin a new run.',
  }),
  DIPTYCH_RUN_LENGTH: entry<{ folder: string; was: number; now: number }>({
    message: ({ folder, was, now }) => `${folder}: the run is ${was} steps long, not ${now}`,
    why: 'The learning rate follows from the length, so the length belongs to the run and is not changed in passing.',
    cure: 'Resume without giving a length, or lengthen the run explicitly with `--extend-to`. A run cannot be shortened: stop it with Ctrl-C, or begin a new one.',
  }),
  DIPTYCH_CHECKPOINT_MISSING: entry<{ folder: string; wanted: string }>({
    message: ({ folder, wanted }) => `${folder}: no checkpoint ${wanted}`,
    why: 'No checkpoint was saved yet, or only the last few and the best one were kept.',
    cure: 'Give a step that is there (the folder names say which), or resume from the last one.',
  }),
  DIPTYCH_CHECKPOINT_DAMAGED: entry<{ path: string; reason: string; earlier?: number | undefined }>({
    message: ({ path, reason, earlier }) =>
      `${path}: the checkpoint is damaged (${reason})${earlier === undefined ? '' : `; the one before it is of step ${earlier}`}`,
    why: 'Its files do not match the checksums written with them: the disk or a copy lost bytes, or a file was edited.',
    cure: 'Restore it from a copy, or resume from an earlier one with `--from-step`. An earlier one is never taken silently.',
  }),
  DIPTYCH_CHECKPOINT_FOREIGN: entry<{ path: string; what: string; expected: string; found: string }>({
    message: ({ path, what, expected, found }) =>
      `${path}: the checkpoint belongs to another run (${what} ${found}, expected ${expected})`,
    why: 'Its configuration, or the number of batches in an epoch, is not that of the run it lies in.',
    cure: 'Move the checkpoint back to its own run folder.',
  }),
  DIPTYCH_TRAINING_BATCH_TOO_LARGE: entry<{ batchSize: number; available: number; what: string }>({
    message: ({ batchSize, available, what }) => `no batch of ${batchSize} can be drawn from ${available} ${what}`,
    why: 'Every batch has the same size, and with one caption an image it needs as many images as it has rows.',
    cure: 'Lower `--batch-size`, or give more training data.',
  }),
  DIPTYCH_TRAINING_NOT_FINITE: entry<{
    step: number;
    metric: string;
    value: number;
    ids: readonly string[];
    dump: string;
  }>({
    message: ({ step, metric, value, ids, dump }) =>
      `step ${step}: ${metric} is ${value}${ids.length > 0 ? ` on the batch ${briefly(ids)}` : ''}; dump: ${dump}`,
    why: 'The learning rate is too high, a logarithm or division met zero, or the features hold NaN.',
    cure: 'Look at the dump (batch, state and configuration), lower the learning rate or clip the gradient, and begin anew or resume from the last checkpoint, which holds finite numbers.',
  }),
  DIPTYCH_TRAINING_MEMORY: entry<{ line: string; available: string; option: string; advice: string }>({
    message: ({ line, available, advice }) => `${line}, but ${available} are free: ${advice}`,
    why: 'The estimate before the first step (state, activations, stored vectors, batches) is above the memory that is free.',
    cure: 'Change the option that the message names, or close other programs.',
  }),
  DIPTYCH_TRAINING_FEATURES: entry<{ id: string; reason: string }>({
    message: ({ id, reason }) => `${id}: no features to train on: ${reason}`,
    why: 'The grid tower reads stored features, and each image of the training and validation splits needs a row.',
    cure: 'Make features with `diptych features` and name the file with `--features`, or train on pixels with `--image-tower pixels`.',
  }),
  DIPTYCH_TRAINING_PICTURES: entry<{ id: string }>({
    message: ({ id }) => `${id}: there is no picture to train on`,
    why: 'The pixel tower reads pictures, and the data set names none for this image.',
    cure: 'Name the folder of the pictures with `--images`, or train on stored features with `--image-tower grid`.',
  }),
  DIPTYCH_TRAINING_ONE_IMAGE: entry<{ id: string; captions: number }>({
    message: ({ id, captions }) => `all ${captions} captions to learn from are of one image, ${id}`,
    why: 'An image is told from others by captions that are not its own, and here there are none.',
    cure: 'Give captions of several images, or more splits with `--train-splits`.',
  }),
  DIPTYCH_TRAINING_SPLIT: entry<{ split: string; known: readonly string[] }>({
    message: ({ split, known }) => `the data set has no images in split ${split}; it has ${known.join(', ') || 'none'}`,
    why: 'Training needs images to learn from and others, with captions, to choose the best checkpoint by.',
    cure: 'Name splits that exist with `--train-splits` and `--val-split`, or have the data set split with `--split-seed`.',
  }),
} as const;

function briefly(ids: readonly string[]): string {
  const shown = ids.slice(0, 8).join(', ');
  return ids.length > 8 ? `[${shown}, … ${ids.length} in all]` : `[${shown}]`;
}

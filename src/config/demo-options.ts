/** @file The options of `demo`. */
import { z } from 'zod';
import { path } from './form.ts';
import { machine } from './machine.ts';
import { group, option } from './option.ts';
import { defineSchema } from './schema.ts';
import { port } from './server-options.ts';
import { positive, seed } from './types.ts';

const demo = group('The demonstration', {
  folder: option({
    type: path,
    default: 'demo',
    help: 'where scenes, run, bundle, index and contact sheets are written; an earlier demo there is replaced',
    source: 'diptych',
  }),
  scenes: option({
    type: z.int().min(40),
    default: 2400,
    help: 'scenes drawn to train on, each with five captions',
    tooSmall: 'The towers learn the scenes by heart and find little among new ones.',
    tooLarge: 'More minutes, better answers.',
    source: 'diptych',
  }),
  heldOut: option({
    type: z.int().min(20),
    default: 300,
    help: 'scenes of combinations never trained on: recalls are measured and queries answered among them',
    tooSmall: 'Chance alone finds a good part.',
    tooLarge: 'Drawing and indexing take longer.',
    source: 'diptych',
  }),
  epochs: option({
    type: positive,
    default: 4,
    help: 'times through the captions',
    tooSmall: 'Colours are found, relations are not.',
    tooLarge: 'Little is gained after ten.',
    source: 'diptych',
  }),
  seed: option({
    type: seed,
    default: 7,
    help: 'scenes and training follow from it',
    source: 'diptych',
  }),
});

const serving = group('Looking around afterwards', {
  serve: option({
    type: z.boolean(),
    default: false,
    help: 'serves the scenes afterwards, with pages to search in, until it is interrupted',
    source: 'diptych',
  }),
  port,
});

export const demoSchema = defineSchema({ demo, serving, machine });

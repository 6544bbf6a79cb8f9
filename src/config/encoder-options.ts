/** @file Options of towers that begin as what others trained: frozen behind heads, or fine-tuned. */
import { z } from 'zod';
import { path } from './form.ts';
import { group, option } from './option.ts';
import { partialShare, positive } from './types.ts';

/** The folder of a pretrained model, for one side. */
export function modelFolder(side: 'image' | 'text', kinds: string) {
  return option({
    type: path.nullable(),
    default: null,
    flag: `${side}-model`,
    help: `${kinds}: folder of the model as the Hugging Face hub lays it out (config.json, model.safetensors …)`,
    source: 'diptych',
  });
}

/** Towers of kind `vector`. */
export const headOptions = group('Heads: what is trained on the stored vectors of frozen towers (kind vector)', {
  hidden: option({
    type: z.int().min(0),
    default: 0,
    help: 'vector: width between two linear maps; 0 for a single map',
    tooSmall: 'A single map cannot bend: some rSum lower.',
    tooLarge: 'Slow, and learnt by heart without dropout and views.',
    source: 'diptych',
  }),
  dropout: option({
    type: partialShare,
    default: 0.5,
    flag: 'head-dropout',
    help: 'vector: share of the standardised numbers, and of those between two maps, dropped in training',
    tooSmall: 'Learnt by heart within a few epochs.',
    tooLarge: 'Underfits: the training loss stays high.',
    source: 'diptych',
  }),
  cache: option({
    type: path.nullable(),
    default: null,
    flag: 'vector-cache',
    help: 'vector: folder that keeps the vectors of frozen towers; none takes the cache folder of the user',
    source: 'diptych',
  }),
});

/** Towers of kind `pretrained`. Stages count from the input: 0 embeddings, 1 the first layer and so on. */
export const fineTuningOptions = group('Fine-tuning: how pretrained weights change (kind pretrained)', {
  head: option({
    type: z.enum(['projection', 'vector']),
    default: 'projection',
    flag: 'text-head',
    help: 'pretrained texts: projection maps words, then pools; vector is the head of kind vector on one vector of the text',
    source: 'diptych',
  }),
  pooling: option({
    type: z.enum(['tower', 'model', 'first']),
    default: 'tower',
    flag: 'pretrained-pooling',
    help: 'one vector of a sequence: as --image-pooling and --text-pooling say, as the model makes it, or the class token (ICC)',
    source: 'diptych',
  }),
  factor: option({
    type: positive,
    default: 0.1,
    flag: 'pretrained-factor',
    help: 'pretrained: times the learning rate, for what is nearest to the output; what is new learns at the full rate',
    tooSmall: 'The model stays what it was.',
    tooLarge: 'What was learnt on other data is forgotten in the first hundred steps.',
    source: 'related work',
  }),
  layerDecay: option({
    type: z.number().gt(0).max(1),
    default: 1,
    flag: 'layer-decay',
    help: 'pretrained: each layer learns at this times the rate of the next one',
    tooSmall: 'Only the last layers learn.',
    tooLarge: '1: all layers learn alike, the embeddings too.',
    source: 'related work',
  }),
  frozen: option({
    type: z.int().min(0),
    default: 0,
    flag: 'frozen-stages',
    help: 'pretrained: stages from the input that never change; 1 freezes the embeddings, 2 the first layer too',
    tooSmall: 'Rare words move with the few captions that have them.',
    tooLarge: 'Little is left to adapt; the kind vector is then as good and much faster.',
    source: 'related work',
  }),
  dropout: option({
    type: partialShare.nullable(),
    default: null,
    flag: 'layer-dropout',
    help: 'pretrained: share dropped in its layers; none takes the shares that it was trained with',
    tooSmall: 'Learnt by heart sooner.',
    tooLarge: 'Underfits, and slower: random numbers cost time.',
    source: 'related work',
  }),
});

/** @file Options of the text tower. */
import { z } from 'zod';
import { modelFolder } from '../encoder-options.ts';
import { group, option } from '../option.ts';
import { count, partialShare, pooling } from '../types.ts';

export const text = group('Text tower', {
  kind: option({
    type: z.enum(['bigru', 'transformer', 'vector', 'pretrained']),
    default: 'bigru',
    flag: 'text-tower',
    help: 'from scratch: bigru, transformer; from --text-model: vector (a head on frozen sentence vectors), pretrained (BERT, CLIP)',
    source: 'related work',
  }),
  model: modelFolder('text', 'vector, pretrained'),
  wordDimension: option({
    type: count,
    default: 300,
    help: 'bigru: length of the word vectors',
    tooSmall: 'Words that differ in little cannot be told apart.',
    tooLarge: 'Rare words are learnt by heart.',
    source: 'related work',
  }),
  width: option({
    type: count,
    default: 256,
    help: 'transformer: length of the vectors between the layers; a multiple of the heads',
    tooSmall: 'Words in context cannot be told apart.',
    tooLarge: 'Time grows with its square; more captions are needed.',
    source: 'diptych',
  }),
  layers: option({
    type: count,
    default: 4,
    help: 'transformer: number of layers',
    tooSmall: 'A single layer hardly sees word order.',
    tooLarge: 'Slow, and hard to train from scratch on few captions.',
    source: 'diptych',
  }),
  heads: option({
    type: count,
    default: 8,
    help: 'transformer: attention heads of each layer',
    tooSmall: 'One pattern of attention for everything.',
    tooLarge: 'Each head becomes too narrow to compare anything.',
    source: 'diptych',
  }),
  pooling: option({
    type: pooling,
    default: 'gpo',
    help: 'how the words of a caption become one vector',
    source: 'related work',
  }),
  topK: option({
    type: count,
    default: 2,
    help: 'pooling topK: how many of the largest values of each dimension are averaged',
    tooSmall: '1 is max pooling.',
    tooLarge: 'Approaches the mean: one telling word is drowned.',
    source: 'official code',
  }),
  dropout: option({
    type: partialShare,
    default: 0,
    help: 'share of values dropped: of word vectors and the pooled vector (bigru), inside the layers (transformer)',
    tooSmall: 'Learnt by heart sooner.',
    tooLarge: 'Underfits: the training loss stays high.',
    source: 'diptych',
  }),
});

/** @file Options of the image tower. */
import { z } from 'zod';
import { modelFolder } from '../encoder-options.ts';
import { group, option } from '../option.ts';
import { count, partialShare, pooling } from '../types.ts';

export const image = group('Image tower', {
  kind: option({
    type: z.enum(['grid', 'pixels', 'vector', 'pretrained']),
    default: 'grid',
    flag: 'image-tower',
    help: 'over stored features: grid, vector (a head on their mean and maximum); over pictures: pixels, pretrained (ViT, CLIP)',
    source: 'related work',
  }),
  model: modelFolder('image', 'pretrained'),
  mlp: option({
    type: z.boolean(),
    default: true,
    help: 'grid: adds a two-layer perceptron with batch normalisation to the linear projection',
    tooSmall: 'A linear view of the backbone only; a little faster, some rSum lower.',
    source: 'official code',
  }),
  pooling: option({
    type: pooling,
    default: 'gpo',
    help: 'how regions become one vector: weights learnt over the sorted values, mean, largest, both, or mean of the largest',
    source: 'related work',
  }),
  topK: option({
    type: count,
    default: 2,
    help: 'pooling topK: how many of the largest values of each dimension are averaged',
    tooSmall: '1 is max pooling: noisy regions win.',
    tooLarge: 'Approaches the mean: small objects vanish.',
    source: 'official code',
  }),
  imageSize: option({
    type: z.int().min(8),
    default: 64,
    help: 'pixels: side of the square picture that enters the tower',
    tooSmall: 'Small objects are below one pixel.',
    tooLarge: 'Patches, and so time and memory, grow with its square.',
    source: 'diptych',
  }),
  patchSize: option({
    type: count,
    default: 8,
    help: 'pixels: side of one patch; divides the image size',
    tooSmall: 'Many patches; attention costs their square.',
    tooLarge: 'Details inside a patch blur.',
    source: 'diptych',
  }),
  width: option({
    type: count,
    default: 192,
    help: 'pixels: length of the vectors between the Transformer layers; a multiple of the heads',
    tooSmall: 'Too little room for shape, colour and place at once.',
    tooLarge: 'Time grows with its square; more data is needed.',
    source: 'diptych',
  }),
  layers: option({
    type: count,
    default: 4,
    help: 'pixels: number of Transformer layers',
    tooSmall: 'Relations between objects are not seen.',
    tooLarge: 'Slow, and hard to train from scratch on little data.',
    source: 'diptych',
  }),
  heads: option({
    type: count,
    default: 4,
    help: 'pixels: attention heads of each layer',
    tooSmall: 'One pattern of attention for everything.',
    tooLarge: 'Each head becomes too narrow to compare anything.',
    source: 'diptych',
  }),
  dropout: option({
    type: partialShare,
    default: 0,
    help: 'share of values dropped: inside the Transformer layers (pixels), on the pooled vector (grid)',
    tooSmall: 'Learnt by heart sooner.',
    tooLarge: 'Underfits: the training loss stays high.',
    source: 'diptych',
  }),
});

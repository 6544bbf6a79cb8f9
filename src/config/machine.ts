/** @file Options of what computes, shared by the verbs that compute. */
import { z } from 'zod';
import { group, option } from './option.ts';

export const threads = option({
  type: z.int().min(0),
  default: 0,
  help: 'cores to use; 0 takes all there are',
  tooSmall: 'Cores stay idle.',
  tooLarge: 'Threads wait for each other: more than there are cores is slower.',
  source: 'diptych',
});

export const machine = group('What computes', {
  device: option({
    type: z.enum(['cpu', 'webgpu', 'cuda']),
    default: 'cpu',
    help: 'execution provider of ONNX Runtime; one that is not there is an error, never replaced',
    source: 'diptych',
  }),
  threads,
});

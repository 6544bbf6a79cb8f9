/** @file Options of what computes, shared by the verbs that compute. */
import { z } from 'zod';
import { group, option } from './option.ts';

/** What computes, and with how much of the machine. */
export const machine = group('What computes', {
  device: option({
    type: z.enum(['cpu', 'webgpu', 'cuda']),
    default: 'cpu',
    help: 'execution provider of ONNX Runtime; one that is not there is an error, never replaced',
    source: 'diptych',
  }),
  threads: option({
    type: z.int().min(0),
    default: 0,
    help: 'threads inside one operator; 0 takes one for each physical core',
    tooSmall: 'Cores stay idle.',
    tooLarge: 'Threads wait for each other: more than the physical cores is slower.',
    source: 'diptych',
  }),
});

/** @file Errors of building, compiling and running graphs. */
import { entry } from './entry.ts';

export const graphErrors = {
  DIPTYCH_GRAPH_SHAPE: entry<{ path: string; problem: string }>({
    message: ({ path, problem }) => `${path}: ${problem}`,
    why: 'An operator was given tensors whose shapes or element types do not fit. The path names the parameter or batch entry nearest to it.',
    cure: 'Compare the two shapes: most often a width in the configuration (embedding size, feature width) differs from the data or the checkpoint.',
  }),
  DIPTYCH_GRAPH_STATE: entry<{ path: string; problem: string }>({
    message: ({ path, problem }) => `state ${path}: ${problem}`,
    why: 'A step must return a state of the same form, shapes and types as it was given, and a state that is loaded must match the compiled step.',
    cure: 'Name the differing entry in the step function, or load a checkpoint that was made with the same configuration.',
  }),
  DIPTYCH_GRAPH_FEED: entry<{ path: string; problem: string }>({
    message: ({ path, problem }) => `batch entry ${path}: ${problem}`,
    why: 'What was fed to a compiled graph does not match its inputs.',
    cure: 'Feed every input once, with the shape and element type the message asks for.',
  }),
  DIPTYCH_DEVICE_MISSING: entry<{ device: string; missing: string }>({
    message: ({ device, missing }) => `device ${device} is not available: ${missing}`,
    why: 'The run asked for a device that this machine or this installation of ONNX Runtime does not have. Diptych never falls back silently.',
    cure: 'Run `diptych doctor` to see what is there, install what is missing, or choose --device cpu.',
  }),
  DIPTYCH_RUNTIME_FAILED: entry<{ program: string; reason: string }>({
    message: ({ program, reason }) => `ONNX Runtime refused ${program}: ${reason}`,
    why: 'The runtime could not load or run a compiled graph, most often because memory ran out.',
    cure: 'Lower the batch size or the embedding size; run again with --verbose to see the runtime’s own message.',
  }),
  DIPTYCH_RUNTIME_STOPPED: entry<{ reason: string }>({
    message: ({ reason }) => `the runtime thread stopped: ${reason}`,
    why: 'The thread that runs ONNX Runtime ended while work was waiting.',
    cure: 'Run again; a training run resumes from its last checkpoint with --resume.',
  }),
} as const;

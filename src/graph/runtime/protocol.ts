/** @file Messages between the main thread and the thread that runs ONNX Runtime. */
import type { Program } from '../compile.ts';
import type { TensorData } from '../values.ts';

/** Where and with how many threads ONNX Runtime computes. */
export interface RuntimeOptions {
  readonly device: 'cpu' | 'webgpu' | 'cuda';
  /** Threads of one operator; by default one per core. */
  readonly threads?: number | undefined;
  /**
   * Whether threads without work look for it in a loop before they sleep, true unless given: a little sooner ready while runs
   * follow each other, six times the processor's time where they come one by one.
   */
  readonly spinning?: boolean | undefined;
}

/** Tensors by dotted path. */
export type NamedTensors = ReadonlyMap<string, TensorData>;

export type Request =
  | { readonly kind: 'load'; readonly program: Program }
  | { readonly kind: 'unload'; readonly name: string }
  | { readonly kind: 'setState'; readonly tensors: NamedTensors }
  | { readonly kind: 'getState'; readonly prefix: string }
  | { readonly kind: 'run'; readonly name: string; readonly batch: NamedTensors }
  | { readonly kind: 'close' };

export interface Answer {
  readonly id: number;
  readonly tensors?: NamedTensors;
  readonly error?: {
    readonly code: 'DIPTYCH_RUNTIME_FAILED' | 'DIPTYCH_GRAPH_FEED' | 'DIPTYCH_GRAPH_STATE';
    readonly fields: never;
    readonly message: string;
  };
}

/** What the thread says once it is ready, or why it cannot be. */
export interface Greeting {
  readonly ready: boolean;
  readonly missing?: string;
}

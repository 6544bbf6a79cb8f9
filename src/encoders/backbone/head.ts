/** @file A model after the backbone, in the same process: from the features of a picture to one vector. */
import { readFile } from 'node:fs/promises';
import * as ort from 'onnxruntime-node';
import { DiptychError } from '../../errors/error.ts';
import { unreadable } from '../../files/failures.ts';
import type { FeatureShape } from './backbone.ts';
import { createSession, runSession } from './session.ts';

/** Features [count, regions, width] to vectors [count, dimension]. */
type Run = (features: Float32Array, count: number) => Promise<ort.Tensor>;

/**
 * Views that go through together: what a head takes for one hardly falls any further, and all that they have fits in a few MiB.
 */
const BATCH = 16;

/** Features are much larger than the vector that is made of them: what is made here need not pass between processes. */
export class Head {
  /** One region: the vector. */
  readonly shape: FeatureShape;
  /** Most views at once. */
  readonly capacity = BATCH;
  /** Numbers of the features of one view. */
  readonly #length: number;
  /** Where the features of a batch lie, used again: fresh memory costs the system a page fault every 4 KiB. */
  readonly #batch: Float32Array;
  readonly #run: Run;

  private constructor(length: number, shape: FeatureShape, run: Run) {
    this.#length = length;
    this.#batch = new Float32Array(BATCH * length);
    this.shape = shape;
    this.#run = run;
  }

  /**
   * Loads a model from features float32 [images, regions, width] to vectors [images, dimension], and runs it once.
   *
   * @param features what the backbone gives
   * @param threads threads of ONNX Runtime
   * @throws DIPTYCH_FILE_MISSING, DIPTYCH_BACKBONE_UNLOADABLE, DIPTYCH_BACKBONE_SHAPE, DIPTYCH_BACKBONE_FAILED
   */
  static async load(path: string, features: FeatureShape, threads: number): Promise<Head> {
    const { regions, dimension: width } = features;
    const model = await readFile(path).catch((cause) => {
      throw unreadable(path, cause);
    });
    const session = await createSession(path, model, threads);
    const [input] = session.inputNames;
    const [output] = session.outputNames;
    checkInput(path, session, [1, regions, width]);
    const run = async (values: Float32Array, count: number): Promise<ort.Tensor> => {
      const feeds = { [input]: new ort.Tensor('float32', values, [count, regions, width]) };
      return (await runSession(path, session, feeds, [output]))[output];
    };
    const { dims: shape } = await run(new Float32Array(regions * width), 1);
    if (shape.length !== 2 || shape[0] !== 1) throw unfit(path, output, shape, 'one picture gives [1, d]');
    return new Head(regions * width, { output, regions: 1, dimension: shape[1] }, run);
  }

  /** Where the features of a view go, before `vectors`; views are counted from 0, up to `capacity`. */
  place(view: number): Float32Array {
    return this.#batch.subarray(view * this.#length, (view + 1) * this.#length);
  }

  /**
   * The vectors of the first views, made together: the weights are read once.
   *
   * @throws DIPTYCH_BACKBONE_FAILED
   */
  async vectors(count: number): Promise<Float32Array[]> {
    if (count === 0) return [];
    const { data } = await this.#run(this.#batch.subarray(0, count * this.#length), count);
    const { dimension } = this.shape;
    return Array.from({ length: count }, (_, i) => (data as Float32Array).slice(i * dimension, (i + 1) * dimension));
  }
}

function checkInput(path: string, { inputMetadata: [metadata] }: ort.InferenceSession, dims: readonly number[]): void {
  const shape = metadata.isTensor ? metadata.shape : [];
  // Sizes that the model leaves open come as names, or as numbers below 1.
  const fits = shape.length === dims.length && shape.every((size, i) => !(Number(size) >= 1) || size === dims[i]);
  if (!fits) throw unfit(path, metadata.name, shape, `the backbone gives [${dims.join(', ')}]`);
}

function unfit(path: string, name: string, shape: readonly unknown[], reason: string) {
  return new DiptychError('DIPTYCH_BACKBONE_SHAPE', { path, name, shape, reason });
}

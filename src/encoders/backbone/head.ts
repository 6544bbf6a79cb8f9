/** @file A model after the backbone, in the same process: from the features of a picture to one vector. */
import { readFile } from 'node:fs/promises';
import * as ort from 'onnxruntime-node';
import { DiptychError } from '../../errors/error.ts';
import { unreadable } from '../../files/failures.ts';
import { fromFloat16 } from '../../files/float16.ts';
import type { FeatureShape } from './backbone.ts';
import { createSession, runSession } from './session.ts';

/** Features [count, regions, width] to vectors [count, dimension]. */
type Run = (features: Float32Array, count: number) => Promise<ort.Tensor>;

/** Features are much larger than the vector that is made of them: what is made here need not pass between processes. */
export class Head {
  /** One region: the vector. */
  readonly shape: FeatureShape;
  readonly #features: FeatureShape;
  readonly #run: Run;

  private constructor(features: FeatureShape, shape: FeatureShape, run: Run) {
    this.#features = features;
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
    return new Head(features, { output, regions: 1, dimension: shape[1] }, run);
  }

  /** The features of each view of a picture, which come one after the other. */
  viewsOf<F extends Float32Array | Uint16Array>(features: F): F[] {
    const { length } = this;
    return Array.from(
      { length: features.length / length },
      (_, k) => features.subarray(k * length, (k + 1) * length) as F,
    );
  }

  /** Numbers of the features of one view. */
  get length(): number {
    return this.#features.regions * this.#features.dimension;
  }

  /**
   * The vectors of some views, made together: the weights are read once.
   *
   * @param features `regions * width` numbers of each, float16 as 16-bit patterns
   * @throws DIPTYCH_BACKBONE_FAILED
   */
  async vectors(features: readonly (Float32Array | Uint16Array)[]): Promise<Float32Array[]> {
    if (features.length === 0) return [];
    const { length } = this;
    const batch = new Float32Array(features.length * length);
    features.forEach((one, i) => {
      const place = batch.subarray(i * length, (i + 1) * length);
      if (one instanceof Uint16Array) fromFloat16(one, place);
      else place.set(one);
    });
    const { data } = await this.#run(batch, features.length);
    const { dimension } = this.shape;
    return features.map((_, i) => (data as Float32Array).slice(i * dimension, (i + 1) * dimension));
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

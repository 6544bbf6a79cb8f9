/** @file A model after the backbone, in the same process: from the features of a picture to one vector. */
import { readFile } from 'node:fs/promises';
import * as ort from 'onnxruntime-node';
import { DiptychError } from '../../errors/error.ts';
import { unreadable } from '../../files/failures.ts';
import { fromFloat16 } from '../../files/float16.ts';
import type { FeatureShape } from './backbone.ts';
import { createSession, runSession } from './session.ts';

/** Features are much larger than the vector that is made of them: what is made here need not pass between processes. */
export class Head {
  /** One region: the vector. */
  readonly shape: FeatureShape;
  readonly #run: (features: Float32Array) => Promise<ort.Tensor>;
  /** Half precision widened, in memory that is used again. */
  readonly #widened: Float32Array;

  private constructor(shape: FeatureShape, run: (features: Float32Array) => Promise<ort.Tensor>, length: number) {
    this.shape = shape;
    this.#run = run;
    this.#widened = new Float32Array(length);
  }

  /**
   * Loads a model from features float32 [images, regions, width] to vectors [images, dimension], and runs it once.
   *
   * @param features what the backbone gives
   * @param threads threads of ONNX Runtime
   * @throws DIPTYCH_FILE_MISSING, DIPTYCH_BACKBONE_UNLOADABLE, DIPTYCH_BACKBONE_SHAPE, DIPTYCH_BACKBONE_FAILED
   */
  static async load(path: string, { regions, dimension: width }: FeatureShape, threads: number): Promise<Head> {
    const model = await readFile(path).catch((cause) => {
      throw unreadable(path, cause);
    });
    const session = await createSession(path, model, threads);
    const dims = [1, regions, width];
    const [input] = session.inputNames;
    const [output] = session.outputNames;
    checkInput(path, session, dims);
    const run = async (features: Float32Array): Promise<ort.Tensor> => {
      const feeds = { [input]: new ort.Tensor('float32', features, dims) };
      return (await runSession(path, session, feeds, [output]))[output];
    };
    const { dims: shape } = await run(new Float32Array(regions * width));
    if (shape.length !== 2 || shape[0] !== 1) throw unfit(path, output, shape, 'one picture gives [1, d]');
    return new Head({ output, regions: 1, dimension: shape[1] }, run, regions * width);
  }

  /**
   * The vector of one picture.
   *
   * @param features `regions * width` numbers, float16 as 16-bit patterns
   * @throws DIPTYCH_BACKBONE_FAILED
   */
  async vector(features: Float32Array | Uint16Array): Promise<Float32Array> {
    const { data } = await this.#run(features instanceof Uint16Array ? fromFloat16(features, this.#widened) : features);
    return data as Float32Array;
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

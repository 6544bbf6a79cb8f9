/** @file A frozen ONNX backbone in the process that runs it: prepared pixels to region features. */
import { access } from 'node:fs/promises';
import * as ort from 'onnxruntime-node';
import { outputSize, type Preprocessing } from '../data/images/preprocessing.ts';
import { DiptychError } from '../errors/error.ts';
import { unreadable } from '../files/failures.ts';

/** A model file with what it wants done to pictures. */
export interface BackboneFile {
  /** Path of the ONNX file. */
  readonly model: string;
  /** With `input` and `output` where the model has several. */
  readonly preprocessing: Preprocessing;
}

/** What a backbone gives for one picture. */
export interface FeatureShape {
  /** Name of the tensor. */
  readonly output: string;
  readonly regions: number;
  readonly dimension: number;
}

/**
 * Pictures go through one by one: as fast as batches on a CPU (the weights of a layer stay in the cache either way), and the
 * features of a picture cannot depend on its neighbours.
 */
export class Backbone {
  readonly shape: FeatureShape;
  readonly #path: string;
  readonly #session: ort.InferenceSession;
  readonly #input: string;
  readonly #dims: readonly number[];
  readonly #result: ort.Tensor;
  /** Whether the channels of a feature map come before its rows and columns. */
  readonly #channelsFirst: boolean;

  private constructor(
    file: BackboneFile,
    session: ort.InferenceSession,
    input: string,
    result: ort.Tensor,
    output: string,
  ) {
    this.#path = file.model;
    this.#session = session;
    this.#input = input;
    this.#dims = inputDims(file.preprocessing);
    this.#result = result;
    const { dims } = result;
    this.#channelsFirst = dims.length === 4 && file.preprocessing.layout === 'NCHW';
    const dimension = this.#channelsFirst ? dims[1] : dims[dims.length - 1];
    this.shape = { output, regions: result.size / dimension, dimension };
  }

  /**
   * Loads a model and runs it once, on black, to learn what it gives.
   *
   * @param threads threads of ONNX Runtime
   * @throws DIPTYCH_FILE_MISSING, DIPTYCH_FILE_UNREADABLE, DIPTYCH_BACKBONE_UNLOADABLE, DIPTYCH_BACKBONE_NAMES,
   *   DIPTYCH_BACKBONE_SHAPE, DIPTYCH_BACKBONE_FAILED
   */
  static async load(file: BackboneFile, threads: number): Promise<Backbone> {
    const session = await createSession(file.model, threads);
    const input = choose(file.model, 'input', file.preprocessing.input, session.inputNames);
    const output = choose(file.model, 'output', file.preprocessing.output, session.outputNames);
    checkInput(file, session, input);
    const dims = inputDims(file.preprocessing);
    const black = new Float32Array(dims.reduce((product, size) => product * size, 1));
    const results = await run(file.model, session, { [input]: new ort.Tensor('float32', black, dims) }, [output]);
    return new Backbone(file, session, input, checkOutput(file.model, output, results[output]), output);
  }

  /**
   * Features of one picture.
   *
   * @param pixels what `preprocess` made
   * @returns `regions * dimension` numbers, overwritten by the next call
   * @throws DIPTYCH_BACKBONE_FAILED
   */
  async features(pixels: Float32Array): Promise<Float32Array> {
    const feeds = { [this.#input]: new ort.Tensor('float32', pixels, this.#dims) };
    await run(this.#path, this.#session, feeds, { [this.shape.output]: this.#result });
    const values = this.#result.data as Float32Array;
    return this.#channelsFirst ? transpose(values, this.shape.dimension, this.shape.regions) : values;
  }
}

async function createSession(path: string, threads: number): Promise<ort.InferenceSession> {
  await access(path).catch((cause) => {
    throw unreadable(path, cause);
  });
  try {
    return await ort.InferenceSession.create(path, {
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      graphOptimizationLevel: 'all',
      logSeverityLevel: 3,
      // Denormal numbers are a hundred times slower and mean nothing here.
      extra: { session: { set_denormal_as_zero: '1' } },
    });
  } catch (cause) {
    throw new DiptychError('DIPTYCH_BACKBONE_UNLOADABLE', { path, reason: firstLineOf(cause) }, { cause });
  }
}

async function run(
  path: string,
  session: ort.InferenceSession,
  feeds: ort.InferenceSession.FeedsType,
  fetches: ort.InferenceSession.FetchesType,
): Promise<ort.InferenceSession.OnnxValueMapType> {
  try {
    return await session.run(feeds, fetches);
  } catch (cause) {
    throw new DiptychError('DIPTYCH_BACKBONE_FAILED', { path, reason: firstLineOf(cause) }, { cause });
  }
}

/** The tensor that was named, or the only one. */
function choose(path: string, what: 'input' | 'output', wanted: string | undefined, names: readonly string[]): string {
  if (wanted === undefined && names.length === 1) return names[0];
  if (wanted !== undefined && names.includes(wanted)) return wanted;
  throw new DiptychError('DIPTYCH_BACKBONE_NAMES', { path, what, names, ...(wanted !== undefined && { wanted }) });
}

/** One picture, in the layout of the model. */
function inputDims(preprocessing: Preprocessing): number[] {
  const { width, height } = outputSize(preprocessing);
  return preprocessing.layout === 'NCHW' ? [1, 3, height, width] : [1, height, width, 3];
}

function checkInput({ model: path, preprocessing }: BackboneFile, session: ort.InferenceSession, name: string): void {
  const metadata = session.inputMetadata.find((input) => input.name === name);
  if (metadata === undefined) return;
  const { shape, type } = metadata.isTensor ? metadata : { shape: [], type: 'no tensor' };
  const refuse = (reason: string): never => {
    throw new DiptychError('DIPTYCH_BACKBONE_SHAPE', { path, name, shape, reason });
  };
  if (type !== 'float32') refuse(`pictures are float32, this is ${type}`);
  const wanted = inputDims(preprocessing);
  // Sizes that the model leaves open come as names, or as numbers below 1.
  const fits = shape.length === 4 && shape.every((size, i) => !(Number(size) >= 1) || size === wanted[i]);
  if (!fits) refuse(`the preprocessing makes [${wanted.join(', ')}]`);
}

/** Features of a picture: [1, d], [1, regions, d], or a map: [1, d, rows, columns] or [1, rows, columns, d], as the layout says. */
function checkOutput(path: string, name: string, result: ort.Tensor): ort.Tensor {
  const { dims: shape, type } = result;
  const refuse = (reason: string): never => {
    throw new DiptychError('DIPTYCH_BACKBONE_SHAPE', { path, name, shape, reason });
  };
  if (type !== 'float32') refuse(`features are float32, this is ${type}`);
  if (shape.length < 2 || shape.length > 4 || shape[0] !== 1)
    refuse('one picture gives [1, d], [1, regions, d] or a map');
  if (result.size === 0) refuse('it is empty');
  return result;
}

/** [rows, columns] to [columns, rows]. */
function transpose(values: Float32Array, rows: number, columns: number): Float32Array {
  const result = new Float32Array(values.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) result[column * rows + row] = values[row * columns + column];
  }
  return result;
}

function firstLineOf(cause: unknown): string {
  return (cause instanceof Error ? cause.message : String(cause)).split('\n')[0];
}

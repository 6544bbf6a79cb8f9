/** @file A frozen ONNX backbone in the process that runs it: prepared pixels to region features. */
import { readFile } from 'node:fs/promises';
import * as ort from 'onnxruntime-node';
import { outputSize } from '../../data/images/preprocess.ts';
import type { Preprocessing } from '../../data/images/preprocessing.ts';
import { DiptychError } from '../../errors/error.ts';
import { unreadable } from '../../files/failures.ts';
import { createSession, runSession } from './session.ts';
import { outputNames, TRIMMED_OUTPUT, trimModel } from './trim.ts';

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

/** How features are stored. */
export type FeatureType = 'float16' | 'float32';

/** What a session runs, once it is known. */
interface Loaded {
  readonly session: ort.InferenceSession;
  readonly input: string;
  /** The tensor that the features are in, used again for each picture. */
  readonly result: ort.Tensor;
  readonly output: string;
}

/**
 * Pictures go through one by one: as fast as batches on a CPU (the weights of a layer stay in the cache either way), and the
 * features of a picture cannot depend on its neighbours.
 */
export class Backbone {
  readonly shape: FeatureShape;
  readonly #path: string;
  readonly #loaded: Loaded;
  readonly #dims: readonly number[];
  /** Whether the channels of a feature map come before its rows and columns. */
  readonly #channelsFirst: boolean;

  private constructor({ model, preprocessing }: BackboneFile, loaded: Loaded) {
    this.#path = model;
    this.#loaded = loaded;
    this.#dims = inputDims(preprocessing);
    const { dims, size } = loaded.result;
    this.#channelsFirst = dims.length === 4 && preprocessing.layout === 'NCHW';
    const dimension = this.#channelsFirst ? dims[1] : dims[dims.length - 1];
    this.shape = { output: loaded.output, regions: size / dimension, dimension };
  }

  /**
   * Loads a model and runs it once, on black, to learn what it gives.
   *
   * @param threads threads of ONNX Runtime
   * @param dtype what features come as
   * @param widened whether they come as float32 all the same, rounded to `dtype`
   * @throws DIPTYCH_FILE_MISSING, DIPTYCH_FILE_UNREADABLE, DIPTYCH_BACKBONE_UNLOADABLE, DIPTYCH_BACKBONE_NAMES,
   *   DIPTYCH_BACKBONE_SHAPE, DIPTYCH_BACKBONE_FAILED
   */
  static async load(
    file: BackboneFile,
    threads: number,
    dtype: FeatureType = 'float32',
    widened = false,
  ): Promise<Backbone> {
    const { model: path, preprocessing } = file;
    const model = await readFile(path).catch((cause) => {
      throw unreadable(path, cause);
    });
    const { output, trimmed } = trim(path, model, preprocessing.output, dtype, widened);
    const session = await createSession(path, trimmed, threads);
    const input = choose(path, 'input', preprocessing.input, session.inputNames);
    checkInput(file, session, input);
    const dims = inputDims(preprocessing);
    const black = new Float32Array(dims.reduce((product, size) => product * size, 1));
    const results = await runSession(path, session, { [input]: new ort.Tensor('float32', black, dims) }, [
      TRIMMED_OUTPUT,
    ]);
    const result = results[TRIMMED_OUTPUT];
    checkOutput(path, output, result);
    return new Backbone(file, { session, input, result, output });
  }

  /**
   * Features of one picture.
   *
   * @param pixels what `preprocess` made
   * @returns `regions * dimension` numbers, float16 as 16-bit patterns; overwritten by the next call
   * @throws DIPTYCH_BACKBONE_FAILED
   */
  async features(pixels: Float32Array): Promise<Float32Array | Uint16Array> {
    const { result } = this.#loaded;
    await this.#run(pixels, result);
    const values = numbersOf(result);
    return this.#channelsFirst ? transpose(values, this.shape.dimension, this.shape.regions, values.slice()) : values;
  }

  /**
   * The same, written where they are needed; of a backbone whose features come as float32.
   *
   * @param place `regions * dimension` numbers
   * @throws DIPTYCH_BACKBONE_FAILED
   */
  async featuresInto(pixels: Float32Array, place: Float32Array): Promise<void> {
    const { result } = this.#loaded;
    const target = this.#channelsFirst ? result : new ort.Tensor('float32', place, result.dims);
    await this.#run(pixels, target);
    if (target === result) transpose(numbersOf(result), this.shape.dimension, this.shape.regions, place);
  }

  async #run(pixels: Float32Array, target: ort.Tensor): Promise<void> {
    const { session, input } = this.#loaded;
    const feeds = { [input]: new ort.Tensor('float32', pixels, this.#dims) };
    await runSession(this.#path, session, feeds, { [TRIMMED_OUTPUT]: target });
  }
}

/** The model cut down to the tensor that was named, or to its only output. */
function trim(
  path: string,
  model: Uint8Array,
  wanted: string | undefined,
  dtype: FeatureType,
  widened: boolean,
): { output: string; trimmed: Uint8Array } {
  try {
    const names = outputNames(model);
    const output = wanted ?? choose(path, 'output', wanted, names);
    const trimmed = trimModel(model, output, dtype, widened);
    if (trimmed === undefined)
      throw new DiptychError('DIPTYCH_BACKBONE_NAMES', { path, what: 'output', wanted: output, names });
    return { output, trimmed };
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new DiptychError('DIPTYCH_BACKBONE_UNLOADABLE', { path, reason: cause.message }, { cause });
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
function checkOutput(path: string, name: string, { dims: shape, size }: ort.Tensor): void {
  const refuse = (reason: string): never => {
    throw new DiptychError('DIPTYCH_BACKBONE_SHAPE', { path, name, shape, reason });
  };
  if (shape.length < 2 || shape.length > 4 || shape[0] !== 1) {
    refuse('one picture gives [1, d], [1, regions, d] or a map');
  }
  if (size === 0) refuse('it is empty');
}

/** Half precision as patterns, also where the runtime has a type of its own for it. */
function numbersOf({ type, data }: ort.Tensor): Float32Array | Uint16Array {
  const { buffer, byteOffset, length } = data as Float32Array;
  return type === 'float32' ? (data as Float32Array) : new Uint16Array(buffer, byteOffset, length);
}

/** [rows, columns] to [columns, rows], into `out`. */
function transpose<A extends Float32Array | Uint16Array>(
  values: Float32Array | Uint16Array,
  rows: number,
  columns: number,
  out: A,
): A {
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) out[column * rows + row] = values[row * columns + column];
  }
  return out;
}

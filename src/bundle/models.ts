/** @file The two ONNX models of a bundle, run in a thread of their own: plain arrays in, unit vectors out. */
import { join } from 'node:path';
import { readBytes } from '../files/text.ts';
import type { Program } from '../graph/compile.ts';
import { type Shape, shapeText } from '../graph/dims.ts';
import type { NamedTensors, RuntimeOptions } from '../graph/runtime/protocol.ts';
import { Runtime } from '../graph/runtime/runtime.ts';
import type { Spec } from '../graph/tensor.ts';
import type { TensorData } from '../graph/values.ts';
import { damagedBundle, type ImagesInput, type Manifest } from './manifest.ts';
import { EMBEDDING, type SideName } from './trace.ts';

/** Texts that go through the model together; they are of similar length. */
const TEXTS = 64;

/** The input of the image model: its name, and the shape of one image. */
export function imageInput(images: ImagesInput): { name: 'pixels' | 'features'; shape: number[] } {
  return images.kind === 'pixels'
    ? { name: 'pixels', shape: [3, images.size, images.size] }
    : { name: 'features', shape: [images.regions, images.width] };
}

export class Models {
  readonly #folder: string;
  readonly #manifest: Omit<Manifest, 'fingerprint'>;
  readonly #options: RuntimeOptions;
  #runtime: Promise<Runtime> | undefined;
  readonly #programs = new Map<SideName, Promise<Program>>();

  /** Nothing is loaded before it is needed. */
  constructor(folder: string, manifest: Omit<Manifest, 'fingerprint'>, options: RuntimeOptions) {
    this.#folder = folder;
    this.#manifest = manifest;
    this.#options = options;
  }

  /** How many numbers one image is. */
  get imageLength(): number {
    return imageInput(this.#manifest.images).shape.reduce((product, size) => product * size, 1);
  }

  /**
   * Vectors of images.
   *
   * @param data pixels 0 … 255, or features, of images one after the other; its memory is handed over
   * @returns [images, dimension]
   */
  async images(data: Float32Array): Promise<Float32Array> {
    const count = data.length / this.imageLength;
    const { name, shape } = imageInput(this.#manifest.images);
    return this.#run('image', new Map([[name, { dtype: 'float32', shape: [count, ...shape], data }]]), count);
  }

  /**
   * Vectors of texts given as ids, in their order. Texts of similar length are padded together; padding changes nothing.
   *
   * @param pad what is written after the end of shorter texts
   */
  async texts(texts: readonly Int32Array[], pad: number): Promise<Float32Array[]> {
    const vectors: Float32Array[] = new Array(texts.length);
    const order = texts.map((_, i) => i).sort((a, b) => texts[a].length - texts[b].length);
    for (let start = 0; start < order.length; start += TEXTS) {
      const places = order.slice(start, start + TEXTS);
      const batch = paddedBatch(
        places.map((i) => texts[i]),
        pad,
      );
      const rows = await this.#run('text', batch, places.length);
      const { dimension } = this.#manifest;
      places.forEach((i, row) => {
        vectors[i] = rows.slice(row * dimension, (row + 1) * dimension);
      });
    }
    return vectors;
  }

  /** The thread that they run in. */
  runtime(): Promise<Runtime> {
    this.#runtime ??= Runtime.start(this.#options);
    return this.#runtime;
  }

  async close(): Promise<void> {
    const runtime = await this.#runtime?.catch(() => undefined);
    await runtime?.close();
  }

  async #run(side: SideName, batch: NamedTensors, count: number): Promise<Float32Array> {
    const runtime = await this.runtime();
    const program = await this.#program(side);
    await runtime.load(program);
    const { data, shape } = (await runtime.run(program.name, batch)).get(EMBEDDING)!;
    const expected = shapeText([count, this.#manifest.dimension]);
    if (shapeText(shape) === expected && data instanceof Float32Array) return data;
    throw damagedBundle(join(this.#folder, `${side}.onnx`), `it gives ${shapeText(shape)} instead of ${expected}`);
  }

  #program(side: SideName): Promise<Program> {
    let program = this.#programs.get(side);
    if (!program) {
      program = readBytes(join(this.#folder, `${side}.onnx`)).then((model) => programOf(side, model, this.#manifest));
      this.#programs.set(side, program);
    }
    return program;
  }
}

function programOf(side: SideName, model: Uint8Array, manifest: Omit<Manifest, 'fingerprint'>): Program {
  const { name, shape } = imageInput(manifest.images);
  const inputs: Record<string, Spec> =
    side === 'image'
      ? { [name]: { shape: ['images', ...shape], dtype: 'float32' } }
      : { ids: { shape: ['texts', 'tokens'], dtype: 'int32' }, lengths: { shape: ['texts'], dtype: 'int32' } };
  const output: Shape = [side === 'image' ? 'images' : 'texts', manifest.dimension];
  return {
    name: `${side}.onnx`,
    model,
    inputs: Object.entries(inputs).map(([path, spec]) => ({ name: path, path, role: 'batch', ...spec })),
    outputs: [{ name: EMBEDDING, path: EMBEDDING, role: 'output', shape: output, dtype: 'float32' }],
  };
}

/** `ids` [texts, tokens] and `lengths` [texts]. */
function paddedBatch(texts: readonly Int32Array[], pad: number): Map<string, TensorData> {
  const width = texts.reduce((longest, { length }) => Math.max(longest, length), 1);
  const ids = new Int32Array(texts.length * width).fill(pad);
  texts.forEach((text, i) => {
    ids.set(text, i * width);
  });
  const lengths = Int32Array.from(texts, ({ length }) => length);
  return new Map<string, TensorData>([
    ['ids', { dtype: 'int32', shape: [texts.length, width], data: ids }],
    ['lengths', { dtype: 'int32', shape: [texts.length], data: lengths }],
  ]);
}

/**
 * @file Sessions and state. The state lives in two sets of tensors that swap roles: a step reads one and writes the other in
 * place, so that memory stays flat and nothing is copied.
 */
import * as ort from 'onnxruntime-node';
import { DiptychError } from '../../errors/error.ts';
import type { DType } from '../attributes.ts';
import type { Port, Program } from '../compile.ts';
import { shapeText } from '../dims.ts';
import { arrayFor, countOf, type TensorData, type TypedArray } from '../values.ts';
import { probeModel } from './probe.ts';
import type { NamedTensors, Request, RuntimeOptions } from './protocol.ts';

interface Loaded {
  readonly program: Program;
  readonly session: ort.InferenceSession;
}

/** A state entry: what steps read, and what the next one writes. */
interface Entry {
  readonly dtype: DType;
  readonly shape: readonly number[];
  current: TypedArray;
  spare?: TypedArray;
}

export class Engine {
  readonly #options: RuntimeOptions;
  readonly #programs = new Map<string, Loaded>();
  readonly #state = new Map<string, Entry>();

  constructor(options: RuntimeOptions) {
    this.#options = options;
  }

  /** What the chosen device lacks on this machine, or undefined if it is there. */
  static async missing({ device }: RuntimeOptions): Promise<string | undefined> {
    const backend = ort.listSupportedBackends().find(({ name }) => name === device);
    if (!backend)
      return `this build of ONNX Runtime knows ${ort
        .listSupportedBackends()
        .map(({ name }) => name)
        .join(', ')}`;
    if (device === 'cpu') return undefined;
    try {
      const session = await ort.InferenceSession.create(probeModel(), {
        executionProviders: [device],
        logSeverityLevel: 4,
      });
      await session.run({ x: new ort.Tensor('float32', Float32Array.of(1), [1]) });
      await session.release();
      return undefined;
    } catch (error) {
      return (error as Error).message.split('\n')[0];
    }
  }

  async handle(request: Request): Promise<NamedTensors | undefined> {
    switch (request.kind) {
      case 'load':
        return this.#load(request.program);
      case 'unload':
        return this.#unload(request.name);
      case 'setState':
        return this.#setState(request.tensors);
      case 'getState':
        return this.#getState(request.prefix);
      case 'run':
        return this.#run(request.name, request.batch);
      case 'close':
        for (const name of [...this.#programs.keys()]) await this.#unload(name);
        return undefined;
    }
  }

  async #load(program: Program): Promise<undefined> {
    const { device, threads, spinning = true } = this.#options;
    try {
      const session = await ort.InferenceSession.create(program.model, {
        executionProviders: [device],
        ...(threads !== undefined && { intraOpNumThreads: threads }),
        interOpNumThreads: 1,
        executionMode: 'sequential',
        graphOptimizationLevel: 'all',
        logSeverityLevel: 3,
        // Denormal numbers are a hundred times slower and mean nothing here.
        extra: { session: { set_denormal_as_zero: '1', intra_op: { allow_spinning: spinning ? '1' : '0' } } },
      });
      this.#programs.set(program.name, { program, session });
    } catch (cause) {
      throw new DiptychError(
        'DIPTYCH_RUNTIME_FAILED',
        { program: program.name, reason: (cause as Error).message },
        { cause },
      );
    }
  }

  async #unload(name: string): Promise<undefined> {
    await this.#programs.get(name)?.session.release();
    this.#programs.delete(name);
  }

  #setState(tensors: NamedTensors): undefined {
    for (const [path, { dtype, shape, data }] of tensors) this.#state.set(path, { dtype, shape, current: data });
  }

  #getState(prefix: string): NamedTensors {
    const copies = new Map<string, TensorData>();
    for (const [path, { dtype, shape, current }] of this.#state) {
      if (path.startsWith(prefix)) copies.set(path, { dtype, shape, data: current.slice() });
    }
    return copies;
  }

  async #run(name: string, batch: NamedTensors): Promise<NamedTensors> {
    const loaded = this.#programs.get(name);
    if (!loaded) throw new DiptychError('DIPTYCH_RUNTIME_FAILED', { program: name, reason: 'it is not loaded' });
    const { program, session } = loaded;
    const feeds = Object.fromEntries(
      program.inputs.map((port) => [
        port.name,
        port.role === 'state' ? this.#current(port) : ortTensor(fed(port, batch)),
      ]),
    );
    const fetches = Object.fromEntries(
      program.outputs.map((port) => [port.name, port.role === 'next' ? this.#spare(port) : null]),
    );
    let results: ort.InferenceSession.OnnxValueMapType;
    try {
      results = await session.run(feeds, fetches);
    } catch (cause) {
      throw new DiptychError('DIPTYCH_RUNTIME_FAILED', { program: name, reason: (cause as Error).message }, { cause });
    }
    const outputs = new Map<string, TensorData>();
    for (const port of program.outputs) {
      if (port.role === 'next') {
        const entry = this.#entry(port);
        [entry.current, entry.spare] = [entry.spare!, entry.current];
      } else {
        const tensor = results[port.name] as ort.Tensor;
        outputs.set(port.path, { dtype: port.dtype, shape: [...tensor.dims], data: tensor.data as TypedArray });
      }
    }
    return outputs;
  }

  #entry(port: Port): Entry {
    const entry = this.#state.get(port.path);
    if (!entry) throw new DiptychError('DIPTYCH_GRAPH_STATE', { path: port.path, problem: 'has no value' });
    if (entry.dtype !== port.dtype || shapeText(entry.shape) !== shapeText(port.shape)) {
      throw new DiptychError('DIPTYCH_GRAPH_STATE', {
        path: port.path,
        problem: `is ${entry.dtype} ${shapeText(entry.shape)}, the program needs ${port.dtype} ${shapeText(port.shape)}`,
      });
    }
    return entry;
  }

  #current(port: Port): ort.Tensor {
    const { dtype, shape, current } = this.#entry(port);
    return ortTensor({ dtype, shape, data: current });
  }

  #spare(port: Port): ort.Tensor {
    const entry = this.#entry(port);
    entry.spare ??= arrayFor(port.dtype, entry.current.length);
    return ortTensor({ dtype: port.dtype, shape: port.writtenShape ?? entry.shape, data: entry.spare });
  }
}

/** A batch entry, checked against its port. */
function fed(port: Port, batch: NamedTensors): TensorData {
  const tensor = batch.get(port.path);
  const expected = `${port.dtype} ${shapeText(port.shape)}`;
  if (!tensor)
    throw new DiptychError('DIPTYCH_GRAPH_FEED', { path: port.path, problem: `is missing, ${expected} is needed` });
  const fits =
    tensor.dtype === port.dtype &&
    tensor.shape.length === port.shape.length &&
    port.shape.every((dim, i) => typeof dim === 'string' || dim === tensor.shape[i]) &&
    countOf(tensor.shape) === tensor.data.length;
  if (!fits) {
    throw new DiptychError('DIPTYCH_GRAPH_FEED', {
      path: port.path,
      problem: `is ${tensor.dtype} ${shapeText(tensor.shape)} of ${tensor.data.length} elements, ${expected} is needed`,
    });
  }
  return tensor;
}

function ortTensor({ dtype, shape, data }: TensorData): ort.Tensor {
  return new ort.Tensor(dtype as 'float32', data as Float32Array, [...shape]);
}

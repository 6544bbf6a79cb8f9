/**
 * @file ONNX Runtime behind a thread. `session.run` blocks the thread that calls it for the whole step, so it is called in a
 * worker: whoever draws progress or answers requests keeps its event loop.
 */
import { Worker } from 'node:worker_threads';
import { DiptychError } from '../../errors/error.ts';
import { workerEntry } from '../../system/entry.ts';
import type { Program } from '../compile.ts';
import { countOf, type TypedArray } from '../values.ts';
import type { Answer, Greeting, NamedTensors, Request, RuntimeOptions } from './protocol.ts';

interface Waiting {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * A thread that holds compiled programs and the tensors they share: parameters, moments, queues. Requests are answered in the
 * order in which they were made.
 *
 * Requests reject with DIPTYCH_RUNTIME_STOPPED once the thread has ended, and with the coded error of what failed in it.
 */
export class Runtime {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  readonly #loaded = new Map<string, Promise<void>>();
  #stopped: DiptychError | undefined;
  #lastId = 0;

  private constructor(worker: Worker) {
    this.#worker = worker;
    worker.on('message', (answer: Answer) => {
      const waiting = this.#waiting.get(answer.id);
      this.#waiting.delete(answer.id);
      if (this.#waiting.size === 0) worker.unref();
      if (answer.error) waiting?.reject(new DiptychError(answer.error.code, answer.error.fields));
      else waiting?.resolve(answer);
    });
    worker.on('error', (error) => this.#stop(error.message));
    worker.on('exit', (code) => this.#stop(`exit code ${code}`));
  }

  /**
   * Starts a thread with ONNX Runtime on a device.
   *
   * @throws DIPTYCH_DEVICE_MISSING if the device is not there; there is no fall back
   */
  static async start(options: RuntimeOptions = { device: 'cpu' }): Promise<Runtime> {
    const worker = new Worker(workerEntry(import.meta.url, './worker'), { workerData: options });
    const greeting = await new Promise<Greeting>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });
    if (!greeting.ready) {
      await worker.terminate();
      throw new DiptychError('DIPTYCH_DEVICE_MISSING', {
        device: options.device,
        missing: greeting.missing ?? 'unknown',
      });
    }
    return new Runtime(worker);
  }

  /** Makes sure that a program is loaded; a name is loaded once. */
  load(program: Program): Promise<void> {
    let loading = this.#loaded.get(program.name);
    if (!loading) {
      loading = this.#ask({ kind: 'load', program }).then(() => {});
      this.#loaded.set(program.name, loading);
    }
    return loading;
  }

  /** Releases a program's session. */
  async unload(name: string): Promise<void> {
    this.#loaded.delete(name);
    await this.#ask({ kind: 'unload', name });
  }

  /** Sets entries of the state by path; the values are copied. */
  async setState(tensors: NamedTensors): Promise<void> {
    await this.#ask({ kind: 'setState', tensors });
  }

  /** Copies of the state entries whose paths begin with a prefix. */
  async getState(prefix = ''): Promise<NamedTensors> {
    return (await this.#ask({ kind: 'getState', prefix })).tensors!;
  }

  /**
   * Runs a loaded program: the state entries it returns replace the old ones.
   *
   * @param batch tensors by path; their buffers are handed over and cannot be used afterwards
   * @returns metrics or outputs by path
   */
  async run(name: string, batch: NamedTensors): Promise<NamedTensors> {
    for (const [path, { data, shape }] of batch) {
      if (data.length === 0 && countOf(shape) > 0) {
        throw new DiptychError('DIPTYCH_GRAPH_FEED', { path, problem: 'was handed over to an earlier run' });
      }
    }
    const buffers = [...batch.values()].map((tensor) => wholeBuffer(tensor.data));
    return (
      await this.#ask({ kind: 'run', name, batch }, [...new Set(buffers.filter((buffer) => buffer !== undefined))])
    ).tensors!;
  }

  /** Releases the sessions and waits for the thread to end by itself: ending it from outside can abort native code. */
  async close(): Promise<void> {
    if (this.#stopped) return;
    const ended = new Promise<void>((resolve) => this.#worker.once('exit', () => resolve()));
    await this.#ask({ kind: 'close' });
    this.#stop('it was closed');
    this.#worker.ref();
    await ended;
  }

  #ask(request: Request, transfer: ArrayBuffer[] = []): Promise<Answer> {
    if (this.#stopped) return Promise.reject(this.#stopped);
    return new Promise((resolve, reject) => {
      const id = ++this.#lastId;
      this.#waiting.set(id, { resolve, reject });
      this.#worker.ref();
      this.#worker.postMessage({ id, request }, transfer);
    });
  }

  #stop(reason: string): void {
    this.#stopped ??= new DiptychError('DIPTYCH_RUNTIME_STOPPED', { reason });
    for (const waiting of this.#waiting.values()) waiting.reject(this.#stopped);
    this.#waiting.clear();
  }
}

/** The buffer under an array if the array covers it all; a part of a buffer is copied instead of handed over. */
function wholeBuffer(data: TypedArray): ArrayBuffer | undefined {
  return data.buffer instanceof ArrayBuffer && data.byteLength === data.buffer.byteLength ? data.buffer : undefined;
}

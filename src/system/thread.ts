/** @file A worker thread that answers requests one after the other, with coded errors carried across. */
import { parentPort, Worker } from 'node:worker_threads';
import { DiptychError, isDiptychError } from '../errors/error.ts';
import type { ErrorCode, FieldsOf } from '../errors/registry.ts';

/** An answer and the memory that is handed over with it. */
export interface Answered {
  readonly answer: unknown;
  readonly transfer?: ArrayBuffer[];
}

interface Reply {
  readonly id: number;
  readonly answer?: unknown;
  readonly coded?: { readonly code: ErrorCode; readonly fields: unknown };
  readonly failed?: unknown;
}

interface Waiting {
  resolve(answer: unknown): void;
  reject(error: unknown): void;
}

/** The side that asks. */
export class Thread<Request> {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;
  #ended: Error | undefined;

  /**
   * @param entry a module that calls `serve`, from `workerEntry`
   * @param data plain data that the module reads as `workerData`
   */
  constructor(entry: URL, data?: unknown) {
    this.#worker = new Worker(entry, { workerData: data });
    // It alone does not keep the process alive; whoever waits for an answer does.
    this.#worker.unref();
    this.#worker.on('message', (reply: Reply) => this.#settle(reply));
    this.#worker.on('error', (error) => this.#end(error));
    this.#worker.on('exit', (code) => this.#end(new Error(`a thread ended with code ${code}`)));
  }

  /**
   * @param transfer memory that is handed over and cannot be used afterwards
   * @throws what the thread throws: coded errors as they are, others with their message
   */
  ask<Answer>(request: Request, transfer: readonly ArrayBuffer[] = []): Promise<Answer> {
    if (this.#ended) return Promise.reject(this.#ended);
    return new Promise<Answer>((resolve, reject) => {
      const id = ++this.#lastId;
      this.#waiting.set(id, { resolve: resolve as Waiting['resolve'], reject });
      this.#worker.ref();
      this.#worker.postMessage({ id, request }, transfer);
    });
  }

  /** Ends the thread at once; what it was asked is given up. */
  async close(): Promise<void> {
    this.#end(new Error('the thread was closed'));
    await this.#worker.terminate();
  }

  #settle({ id, answer, coded, failed }: Reply): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (this.#waiting.size === 0) this.#worker.unref();
    if (coded) waiting?.reject(new DiptychError(coded.code, coded.fields as FieldsOf<ErrorCode>));
    else if (failed) waiting?.reject(failed);
    else waiting?.resolve(answer);
  }

  #end(error: Error): void {
    this.#ended ??= error;
    for (const { reject } of this.#waiting.values()) reject(this.#ended);
    this.#waiting.clear();
  }
}

/** The side that answers: call it once in the module of the thread. */
export function serve<Request>(handle: (request: Request) => Answered | Promise<Answered>): void {
  const port = parentPort!;
  let last: Promise<void> = Promise.resolve();
  port.on('message', ({ id, request }: { id: number; request: Request }) => {
    last = last.then(async () => {
      try {
        const { answer, transfer = [] } = await handle(request);
        port.postMessage({ id, answer } satisfies Reply, [...new Set(transfer)]);
      } catch (error) {
        const coded = isDiptychError(error) && { code: error.code, fields: error.fields };
        port.postMessage({ id, ...(coded ? { coded } : { failed: error }) } satisfies Reply);
      }
    });
  });
}

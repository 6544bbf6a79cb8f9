/** @file The thread that runs ONNX Runtime: it holds the sessions and the state, and answers requests in order. */
import { parentPort, workerData } from 'node:worker_threads';
import * as ort from 'onnxruntime-node';
import { isDiptychError } from '../../errors/error.ts';
import { Engine } from './engine.ts';
import type { Answer, Greeting, Request, RuntimeOptions } from './protocol.ts';

const port = parentPort!;
const options = workerData as RuntimeOptions;

async function answer(engine: Engine, id: number, request: Request): Promise<Answer> {
  try {
    const tensors = await engine.handle(request);
    return tensors ? { id, tensors } : { id };
  } catch (error) {
    if (isDiptychError(error))
      return { id, error: { code: error.code as never, fields: error.fields as never, message: error.message } };
    throw error;
  }
}

async function main(): Promise<void> {
  const missing = await Engine.missing(options);
  port.postMessage({ ready: missing === undefined, ...(missing !== undefined && { missing }) } satisfies Greeting);
  if (missing !== undefined) return;
  const engine = new Engine(options);
  // Requests wait for those before them, so that a run never overlaps a change of state.
  let queue: Promise<void> = Promise.resolve();
  port.on('message', ({ id, request }: { id: number; request: Request }) => {
    queue = queue.then(async () => {
      const reply = await answer(engine, id, request);
      const buffers = [...(reply.tensors?.values() ?? [])].map((tensor) => tensor.data.buffer as ArrayBuffer);
      port.postMessage(reply, [...new Set(buffers)]);
      if (request.kind === 'close') port.close();
    });
  });
}

ort.env.logLevel = 'error';
await main();

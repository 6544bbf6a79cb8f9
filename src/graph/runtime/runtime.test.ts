/** @file The runtime thread: state that stays flat, what it refuses, and what it does when it is asked too late. */
import { expect, onTestFinished, test } from 'vitest';
import { compileStep } from '../compile.ts';
import { add, multiply } from '../ops/elementwise.ts';
import { sum } from '../ops/reduce.ts';
import type { TensorData } from '../values.ts';
import { Runtime } from './runtime.ts';

const size = 1 << 18;

/** weight' = 0.9 weight + x */
const program = compileStep(
  'decay',
  {
    state: { weight: { shape: [size], dtype: 'float32' } },
    batch: { x: { shape: [size], dtype: 'float32' } },
  },
  ({ weight }, { x }) => {
    const next = add(multiply(weight, 0.9), x);
    return { state: { weight: next }, metrics: { total: sum(next) } };
  },
);

const filled = (value: number): TensorData => ({
  dtype: 'float32',
  shape: [size],
  data: new Float32Array(size).fill(value),
});

async function started(): Promise<Runtime> {
  const runtime = await Runtime.start({ device: 'cpu', threads: 1 });
  onTestFinished(() => runtime.close());
  await runtime.load(program);
  await runtime.setState(new Map([['weight', filled(0)]]));
  return runtime;
}

test('1,000 steps leave memory flat', async () => {
  const runtime = await started();
  const run = async (steps: number) => {
    for (let i = 0; i < steps; i++) await runtime.run('decay', new Map([['x', filled(1)]]));
    return process.memoryUsage().rss;
  };
  const warm = await run(300);
  const after = await run(1000);
  // A megabyte is handed over in each step: kept, it would be a gigabyte.
  expect(after - warm).toBeLessThan(150e6);
  const [weight] = (await runtime.getState()).get('weight')!.data;
  expect(weight).toBeCloseTo(10, 3);
});

test('a batch that does not fit is refused by path, and the next one runs', async () => {
  const runtime = await started();
  const short: TensorData = { dtype: 'float32', shape: [3], data: new Float32Array(3) };
  await expect(runtime.run('decay', new Map([['x', short]]))).rejects.toThrow(/batch entry x: is float32 \[3\]/);
  await expect(runtime.run('decay', new Map())).rejects.toThrow(/batch entry x: is missing/);
  expect((await runtime.run('decay', new Map([['x', filled(2)]]))).get('total')!.data[0]).toBe(2 * size);
});

test('arrays that were handed over cannot be handed over again', async () => {
  const runtime = await started();
  const batch = new Map([['x', filled(1)]]);
  await runtime.run('decay', batch);
  await expect(runtime.run('decay', batch)).rejects.toThrow('batch entry x: was handed over to an earlier run');
});

test('state of another shape is refused, and work after the end too', async () => {
  const runtime = await started();
  await runtime.setState(new Map([['weight', { dtype: 'float32', shape: [2], data: new Float32Array(2) }]]));
  await expect(runtime.run('decay', new Map([['x', filled(1)]]))).rejects.toMatchObject({
    code: 'DIPTYCH_GRAPH_STATE',
  });
  await runtime.close();
  await expect(runtime.run('decay', new Map([['x', filled(1)]]))).rejects.toMatchObject({
    code: 'DIPTYCH_RUNTIME_STOPPED',
  });
});

test('a device that is not there is an error that says what is missing', async () => {
  const attempt = Runtime.start({ device: 'cuda' }).then(async (runtime) => {
    await runtime.close();
    return 'started';
  });
  // On a machine with CUDA it starts; anywhere else it must not fall back.
  const outcome = await attempt.catch((error: unknown) => error);
  if (outcome !== 'started')
    expect(outcome).toMatchObject({ code: 'DIPTYCH_DEVICE_MISSING', fields: { device: 'cuda' } });
});

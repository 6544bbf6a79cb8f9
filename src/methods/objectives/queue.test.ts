import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { evaluate } from '../../graph/evaluate/evaluate.ts';
import { gradient } from '../../graph/gradient.ts';
import { input } from '../../graph/ops/leaves.ts';
import { sum } from '../../graph/ops/reduce.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { runOnnx } from '../../graph/testing/onnx.ts';
import { leavesOf, type Tree } from '../../graph/tree.ts';
import type { TensorData, Value } from '../../graph/values.ts';
import { initialise, type ParameterSpec } from '../../nn/parameters.ts';
import { beginCopies } from '../copies.ts';
import { copySpecs, follow } from './momentum.ts';
import { enqueue, newestPlaces, type Queues, queueSpecs, sameInQueue } from './queue.ts';

const width = 2;
const names = ['image', 'text'];
const range = (count: number) => Array.from({ length: count }, (_, i) => i);

/** A queue as plain arrays, and one step of it computed by the graph. */
interface Plain {
  readonly keys: Readonly<Record<string, number[][]>>;
  readonly ids: number[];
  readonly pointer: number;
}

const begin = (length: number): Plain => ({
  keys: Object.fromEntries(names.map((name, n) => [name, range(length).map((i) => [-n - 1, -i])])),
  ids: new Array(length).fill(-1),
  pointer: 0,
});

function symbolic(length: number, pairs: number) {
  const queues: Queues<Tensor> = {
    keys: Object.fromEntries(names.map((name) => [name, input(`queue.${name}`, [length, width])])),
    ids: input('ids', [length]),
    pointer: input('pointer', []),
  };
  const keys = Object.fromEntries(names.map((name) => [name, input(`keys.${name}`, [pairs, width])]));
  const imageIds = input('imageIds', [pairs], 'int32');
  return { queues, imageIds, next: enqueue(queues, keys, imageIds) };
}

const rowsValue = (rows: number[][]): Value => ({ shape: [rows.length, width], data: Float64Array.from(rows.flat()) });
const feedsOf = (state: Plain, batch: { keys: Record<string, number[][]>; ids: number[] }) =>
  new Map<string, Value>([
    ...names.map((name) => [`queue.${name}`, rowsValue(state.keys[name])] as const),
    ...names.map((name) => [`keys.${name}`, rowsValue(batch.keys[name])] as const),
    ['ids', { shape: [state.ids.length], data: Float64Array.from(state.ids) }],
    ['pointer', { shape: [], data: Float64Array.of(state.pointer) }],
    ['imageIds', { shape: [batch.ids.length], data: Float64Array.from(batch.ids) }],
  ]);

function read(values: Value[]): Plain {
  const rows = ({ data }: Value) => range(data.length / width).map((i) => [...data.slice(i * width, (i + 1) * width)]);
  return {
    keys: Object.fromEntries(names.map((name, i) => [name, rows(values[i])])),
    ids: [...values[names.length].data],
    pointer: values[names.length + 1].data[0],
  };
}

const batchOf = (step: number, pairs: number) => ({
  keys: Object.fromEntries(names.map((name, n) => [name, range(pairs).map((i) => [100 * n + step, i])])),
  ids: range(pairs).map((i) => 10 * step + i),
});

describe('queues', () => {
  test('are first in, first out, wrap round, and keep ids beside their keys', () => {
    const sizes = fc.record({ pairs: fc.integer({ min: 1, max: 4 }), slots: fc.integer({ min: 1, max: 4 }) });
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 9 }), ({ pairs, slots }, steps) => {
        const length = pairs * slots;
        const { next } = symbolic(length, pairs);
        const outputs = [...names.map((name) => next.keys[name]), next.ids, next.pointer];
        let state = begin(length);
        const expected = begin(length);
        for (let step = 0; step < steps; step++) {
          const batch = batchOf(step, pairs);
          state = read(evaluate(outputs, feedsOf(state, batch)));
          range(pairs).forEach((i) => {
            const place = (step * pairs + i) % length;
            for (const name of names) expected.keys[name][place] = batch.keys[name][i];
            expected.ids[place] = batch.ids[i];
          });
          expect(state.keys).toEqual(expected.keys);
          expect(state.ids).toEqual(expected.ids);
          expect(state.pointer).toBe(((step + 1) * pairs) % length);
        }
      }),
      { numRuns: 30 },
    );
  });

  test('are written alike by ONNX Runtime', async () => {
    const { next } = symbolic(6, 2);
    const outputs = [...names.map((name) => next.keys[name]), next.ids, next.pointer];
    const fed = feedsOf({ ...begin(6), pointer: 4 }, batchOf(1, 2));
    expect(read(await runOnnx(outputs, fed))).toEqual(read(evaluate(outputs, fed)));
    expect(read(evaluate(outputs, fed)).pointer).toBe(0);
  });

  test('the newest entries come first, across the end', () => {
    const { queues } = symbolic(6, 2);
    const at = (pointer: number) =>
      evaluate([newestPlaces(queues, 5)], feedsOf({ ...begin(6), pointer }, batchOf(0, 2)))[0].data;
    expect([...at(2)]).toEqual([1, 0, 5, 4, 3]);
    expect([...at(0)]).toEqual([5, 4, 3, 2, 1]);
  });

  test('entries of the same image are found; random first entries are of no image', () => {
    const { queues, imageIds } = symbolic(4, 2);
    const state = { ...begin(4), ids: [11, -1, 10, 11] };
    const [same] = evaluate([sameInQueue(queues, imageIds)], feedsOf(state, { ...batchOf(1, 2), ids: [10, 11] }));
    expect([...same.data]).toEqual([0, 0, 1, 0, 1, 0, 0, 1]);
  });

  test('begin with unit vectors in directions of their own, and ids of no image', () => {
    const specs = queueSpecs(names, 6, 5, 3);
    const values = initialise(specs as unknown as Tree<ParameterSpec>, 1);
    for (const name of names) {
      const { data } = values.get(`keys.${name}`)!;
      range(6).forEach((row) => {
        expect(Math.hypot(...data.subarray(row * 5, row * 5 + 5))).toBeCloseTo(1, 6);
      });
    }
    expect(values.get('keys.image')!.data).not.toEqual(values.get('keys.text')!.data);
    expect([...values.get('ids')!.data]).toEqual(new Array(6).fill(-1));
    expect([...values.get('pointer')!.data]).toEqual([0]);
  });

  test('a length that batches do not fill is refused', () => {
    expect(() => queueSpecs(names, 100, 4, 32)).toThrow(expect.objectContaining({ code: 'DIPTYCH_QUEUE_LENGTH' }));
  });
});

describe('momentum copies', () => {
  const tree = (prefix: string) => ({ a: input(`${prefix}.a`, [2]), deep: { b: input(`${prefix}.b`, []) } });
  const feeds = new Map<string, Value>([
    ['k.a', { shape: [2], data: Float64Array.of(1, 2) }],
    ['k.b', { shape: [], data: Float64Array.of(3) }],
    ['q.a', { shape: [2], data: Float64Array.of(5, 8) }],
    ['q.b', { shape: [], data: Float64Array.of(-1) }],
  ]);

  test.each([0.75, 0])('follow by m θ_k + (1 - m) θ_q, m = %d, and send no gradient back', (m) => {
    const queries = tree('q');
    const moved = follow(tree('k'), queries, m);
    const leaves = leavesOf<Tensor>(moved).map(([, tensor]) => tensor);
    const expected = [[m * 1 + (1 - m) * 5, m * 2 + (1 - m) * 8], [m * 3 - (1 - m)]];
    expect(evaluate(leaves, feeds).map(({ data }) => [...data])).toEqual(expected);
    const slopes = gradient(sum(moved.a), queries);
    expect([...evaluate([slopes.a], feeds)[0].data]).toEqual([0, 0]);
  });

  test('begin as copies of what they follow', () => {
    const spec = (value: number): ParameterSpec => ({
      shape: [1],
      dtype: 'float32',
      init: { kind: 'constant', value },
    });
    const parameters = { image: { w: spec(3) }, objectives: { coder: { concept: { v: spec(4) } } } };
    const memory = {
      coder: { keys: { image: copySpecs(parameters.image), concept: copySpecs(parameters.objectives.coder.concept) } },
    };
    const state: Map<string, TensorData> = initialise({ params: parameters, memory }, 0);
    expect(state.get('memory.coder.keys.image.w')!.data[0]).toBe(0);
    const copies = { 'keys.image': 'image', 'keys.concept': 'objectives.coder.concept' };
    beginCopies(state, { name: 'coder', copies });
    expect(state.get('memory.coder.keys.image.w')!.data[0]).toBe(3);
    expect(state.get('memory.coder.keys.concept.v')!.data[0]).toBe(4);
  });
});

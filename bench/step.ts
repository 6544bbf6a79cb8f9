/**
 * @file One training step, 128 x 36 x 2048 regions, BiGRU of 1024, hinge over the hardest negatives, Adam, captions of 20 words:
 * ours against `peers/step_torch.py`, in turns. On stderr: our floor, the products of the step alone.
 */
import { compileFunction, compileStep } from '../src/graph/compile.ts';
import { gradient } from '../src/graph/gradient.ts';
import { matmul } from '../src/graph/ops/product.ts';
import { l2Normalize, mean } from '../src/graph/ops/reduce.ts';
import { reshape, slice } from '../src/graph/ops/shape.ts';
import type { NamedTensors } from '../src/graph/runtime/protocol.ts';
import { Runtime } from '../src/graph/runtime/runtime.ts';
import type { Spec, Tensor } from '../src/graph/tensor.ts';
import type { Tree } from '../src/graph/tree.ts';
import { countOf, type TensorData } from '../src/graph/values.ts';
import { hinge } from '../src/methods/objectives/hinge.ts';
import { sameImage } from '../src/methods/objectives/relation.ts';
import { biGru, biGruParameters } from '../src/nn/gru.ts';
import { embedding, embeddingParameters, linear, linearParameters } from '../src/nn/linear.ts';
import { initialise } from '../src/nn/parameters.ts';
import { Random } from '../src/random/random.ts';
import { adam } from '../src/training/optimisers/adam.ts';
import { momentSpecs, optimise } from '../src/training/optimisers/optimiser.ts';
import { median, peerOutput } from './support/peer.ts';

const [pairs, regions, features, width, words, wordWidth, vocabulary] = [128, 36, 2048, 1024, 20, 300, 8000];
const TURNS = 3;
const STEPS = 6;
/** First steps of a turn, not counted: memory is taken and caches are filled. */
const WARMING = 2;

export async function run(): Promise<{ name: string; ours: number; peer: number; ratio: number; unit: string }> {
  const runtime = await Runtime.start({ device: 'cpu' });
  try {
    await prepare(runtime);
    const times = { ours: [] as number[], floor: [] as number[], peer: [] as number[] };
    for (let turn = 0; turn < TURNS; turn++) {
      times.ours.push(...(await timed(runtime, 'step', stepBatch)));
      times.floor.push(...(await timed(runtime, 'products', productBatch)));
      const printed = peerOutput('step_torch.py', [`${pairs}`, `${width}`]);
      times.peer.push(...[...(printed ?? '').matchAll(/ (\d+) ms/g)].map((match) => Number(match[1])).slice(WARMING));
    }
    const [ours, floor, peer] = [times.ours, times.floor, times.peer].map(median);
    process.stderr.write(
      `step ${ours.toFixed(0)} ms, its products alone ${floor.toFixed(0)} ms (${(ours / floor).toFixed(2)}x), peer ${peer} ms\n`,
    );
    return { name: 'step', ours, peer, ratio: peer / ours, unit: 'ms' };
  } finally {
    await runtime.close();
  }
}

async function timed(runtime: Runtime, name: string, batchOf: (step: number) => NamedTensors): Promise<number[]> {
  const times: number[] = [];
  for (let step = 0; step < STEPS; step++) {
    const batch = batchOf(step);
    const start = performance.now();
    await runtime.run(name, batch);
    times.push(performance.now() - start);
  }
  return times.slice(WARMING);
}

const params = {
  image: linearParameters(features, width),
  words: embeddingParameters(vocabulary, wordWidth),
  text: biGruParameters(wordWidth, width),
};
const rule = { rule: adam() };

async function prepare(runtime: Runtime): Promise<void> {
  const float = (...shape: number[]): Spec => ({ shape, dtype: 'float32' });
  const int = (...shape: number[]): Spec => ({ shape, dtype: 'int32' });
  const moments = momentSpecs(rule, params as Tree<Spec>);
  const state = { params, moments };
  const batch = {
    regions: float(pairs, regions, features),
    ids: int(words * pairs),
    counts: int(words),
    reverse: int(words * pairs),
    imageIds: int(pairs),
    learningRate: float(),
    step: int(),
  };
  const program = compileStep('step', { state: state as Tree<Spec>, batch }, (given, fed) => {
    const { params: p, moments: m } = given as unknown as {
      params: typeof params & Tree<Tensor>;
      moments: Tree<Tensor>;
    };
    const weights = p as unknown as { image: never; words: never; text: never };
    const image = l2Normalize(mean(linear(weights.image, fed.regions), 1));
    const states = biGru(weights.text, embedding(weights.words, fed.ids), fed, 'mean');
    const text = l2Normalize(mean(reshape(states, [words, pairs, width]), 0));
    const scores = matmul(image, text, { transposeB: true });
    const { loss } = hinge(scores, sameImage(fed.imageIds), { margin: 0.2, negatives: 'hardest' });
    const next = optimise(rule, p as Tree<Tensor>, gradient(loss, p as Tree<Tensor>) as Tree<Tensor>, m, fed);
    return { state: { params: next.params, moments: next.moments }, metrics: { loss } };
  });
  await runtime.load(program);
  await runtime.setState(initialise(state as never, 0));
  await runtime.load(productsAlone());
}

interface Product {
  readonly rows: number;
  readonly inner: number;
  readonly columns: number;
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

/** Every product of the step: forward (x Wᵀ), gradient of the input (d W), gradient of the weight (dᵀ x). */
function productsOfStep(): Product[] {
  const rows = words * pairs;
  const gates = 3 * width;
  const forward = (rows: number, inner: number, columns: number): Product => ({
    rows,
    inner,
    columns,
    transposeA: false,
    transposeB: true,
  });
  const toInput = (rows: number, inner: number, columns: number): Product => ({
    rows,
    inner,
    columns,
    transposeA: false,
    transposeB: false,
  });
  const toWeight = (rows: number, inner: number, columns: number): Product => ({
    rows,
    inner,
    columns,
    transposeA: true,
    transposeB: false,
  });
  const direction = [
    forward(rows, wordWidth, gates),
    toInput(rows, gates, wordWidth),
    toWeight(gates, rows, wordWidth),
    toWeight(gates, rows, width),
    ...Array.from({ length: words - 1 }, () => forward(pairs, width, gates)),
    ...Array.from({ length: words - 1 }, () => toInput(pairs, gates, width)),
  ];
  return [
    forward(pairs * regions, features, width),
    toWeight(width, pairs * regions, features),
    ...direction,
    ...direction,
  ];
}

const leftShape = ({ rows, inner, transposeA }: Product) => (transposeA ? [inner, rows] : [rows, inner]);
const rightShape = ({ inner, columns, transposeB }: Product) => (transposeB ? [columns, inner] : [inner, columns]);

/** Left sides are inputs of their own, so that no product is computed once for two; right sides of one shape are shared. */
function productsAlone() {
  const list = productsOfStep();
  const spec = (shape: readonly number[]): Spec => ({ shape, dtype: 'float32' });
  const batch = Object.fromEntries([
    ...list.map((product, i) => [`a${i}`, spec(leftShape(product))]),
    ...list.map((product) => [`b${rightShape(product).join('x')}`, spec(rightShape(product))]),
  ]) as Record<string, Spec>;
  return compileFunction('products', { state: {}, batch }, (_, fed) =>
    Object.fromEntries(
      list.map((product, i) => {
        const { transposeA, transposeB } = product;
        const result = matmul(fed[`a${i}`], fed[`b${rightShape(product).join('x')}`], { transposeA, transposeB });
        return [`c${i}`, slice(slice(result, 0, 0, 1), 1, 0, 1)];
      }),
    ),
  );
}

function stepBatch(step: number): NamedTensors {
  const random = new Random('bench', step);
  const rows = words * pairs;
  const int = (data: Int32Array): TensorData => ({ dtype: 'int32', shape: [data.length], data });
  const reverse = Int32Array.from(
    { length: rows },
    (_, row) => (words - 1 - Math.floor(row / pairs)) * pairs + (row % pairs),
  );
  return new Map<string, TensorData>([
    ['regions', filled([pairs, regions, features], random)],
    ['ids', int(Int32Array.from({ length: rows }, () => random.integer(vocabulary)))],
    ['counts', int(new Int32Array(words).fill(pairs))],
    ['reverse', int(reverse)],
    ['imageIds', int(Int32Array.from({ length: pairs }, (_, i) => i))],
    ['learningRate', { dtype: 'float32', shape: [], data: Float32Array.of(5e-4) }],
    ['step', { dtype: 'int32', shape: [], data: Int32Array.of(step) }],
  ]);
}

function productBatch(step: number): NamedTensors {
  const random = new Random('products', step);
  const list = productsOfStep();
  const shapes = new Map(list.map((product) => [`b${rightShape(product).join('x')}`, rightShape(product)]));
  list.forEach((product, i) => {
    shapes.set(`a${i}`, leftShape(product));
  });
  return new Map([...shapes].map(([name, shape]) => [name, filled(shape, random)]));
}

function filled(shape: number[], random: Random): TensorData {
  return { dtype: 'float32', shape, data: new Float32Array(countOf(shape)).map(() => random.bits() / 2 ** 32) };
}

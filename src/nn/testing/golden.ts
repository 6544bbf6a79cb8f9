/** @file Golden values of other implementations: a value, and the gradients of sum(value * outputWeight). */
import { readFileSync } from 'node:fs';
import type { Shape } from '../../graph/dims.ts';
import { evaluate } from '../../graph/evaluate/evaluate.ts';
import { gradient } from '../../graph/gradient.ts';
import { multiply } from '../../graph/ops/elementwise.ts';
import { input } from '../../graph/ops/leaves.ts';
import { sum } from '../../graph/ops/reduce.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { expectClose } from '../../graph/testing/check.ts';
import { runOnnx } from '../../graph/testing/onnx.ts';
import type { Value } from '../../graph/values.ts';

export interface GoldenArray {
  readonly shape: number[];
  readonly data: number[];
}

export interface GoldenCase {
  readonly inputs: Readonly<Record<string, GoldenArray>>;
  readonly output: GoldenArray;
  readonly outputWeight: GoldenArray;
  readonly gradients: Readonly<Record<string, GoldenArray>>;
}

/** A file of golden values, by its place as seen from the test that reads it. */
export function readGolden<T>(name: string, test: string): T {
  return JSON.parse(readFileSync(new URL(name, test), 'utf8')) as T;
}

export function numbersOf({ shape, data }: GoldenArray): Value {
  return { shape, data: Float64Array.from(data) };
}

/**
 * Fails unless a function gives the golden value and gradients: at 1e-7 in the reference evaluation, at 1e-4 in ONNX Runtime.
 *
 * @param build from an input tensor for each golden input (named as there) to the output
 * @param options `feeds` of further inputs, by input name; `arrange` turns golden inputs and gradients into what is fed;
 *   `shapes` of inputs other than those of the arrays; `exact` is another tolerance of the reference
 */
export async function expectGolden(
  golden: GoldenCase,
  build: (inputs: Readonly<Record<string, Tensor>>) => Tensor,
  options: {
    feeds?: Iterable<readonly [string, Value]>;
    arrange?: (value: Value, name: string) => Value;
    shapes?: Readonly<Record<string, Shape>>;
    exact?: number;
  } = {},
): Promise<void> {
  const { arrange = (value) => value, exact = 1e-7 } = options;
  const values = new Map(Object.entries(golden.inputs).map(([name, array]) => [name, arrange(numbersOf(array), name)]));
  const inputs = Object.fromEntries(
    [...values].map(([name, { shape }]) => [name, input(name, options.shapes?.[name] ?? shape)]),
  );
  const output = build(inputs);
  const weight = input('outputWeight', golden.outputWeight.shape);
  const derivatives = gradient(sum(multiply(output, weight)), inputs) as Record<string, Tensor>;
  const names = Object.keys(golden.gradients);
  const tensors = [output, ...names.map((name) => derivatives[name])];
  const expected = [numbersOf(golden.output), ...names.map((name) => arrange(numbersOf(golden.gradients[name]), name))];
  const feeds = new Map([
    ...values,
    ...(options.feeds ?? []),
    ['outputWeight', numbersOf(golden.outputWeight)] as const,
  ]);
  for (const [results, tolerance, where] of [
    [evaluate(tensors, feeds), exact, 'reference'],
    [await runOnnx(tensors, feeds), 1e-4, 'ONNX Runtime'],
  ] as const) {
    results.forEach((result, i) => {
      expectClose(result, expected[i], tolerance, `${where}: ${i === 0 ? 'output' : `gradient of ${names[i - 1]}`}`);
    });
  }
}

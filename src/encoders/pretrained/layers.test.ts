/** @file The shared layers: those of `nn` without dropout, a causal mask that hides what follows, dropout at two rates. */
import { expect, test } from 'vitest';
import { evaluate } from '../../graph/evaluate/evaluate.ts';
import { input } from '../../graph/ops/leaves.ts';
import { expectClose, normalValue } from '../../graph/testing/check.ts';
import type { Value } from '../../graph/values.ts';
import { layoutOf } from '../../nn/layout.ts';
import { layoutFrom, raggedSpecs, rowsOf } from '../../nn/ragged.ts';
import { inputsOf, layoutValues, normalFeeds } from '../../nn/testing/sequences.ts';
import { transformerLayer, transformerLayerParameters } from '../../nn/transformer.ts';
import { encodeLayers, type LayerOptions } from './layers.ts';

const width = 8;
const host = layoutOf([5, 3, 2], [5, 3], 'sequence');
const layout = layoutFrom(inputsOf(raggedSpecs('x', [5, 3], 'sequence'), 'x'));
const x = { rows: input('rows', [rowsOf('x'), width]), layout };
const specs = { 0: transformerLayerParameters(width, 16), 1: transformerLayerParameters(width, 16) };
const params = inputsOf(specs, 'params');
const rows = normalValue([10, width], 'rows');
const feeds = new Map<string, Value>([
  ...layoutValues(host, 'x'),
  ...normalFeeds(specs, 'params', 0.5),
  ['rows', rows],
  ['key', { shape: [], data: Float64Array.of(7) }],
]);
const options: LayerOptions = {
  heads: 2,
  activation: 'gelu',
  norm: 'post',
  epsilon: 1e-12,
  drop: undefined,
  stream: 'text',
};

test.each(['post', 'pre'] as const)('without dropout they are the layers of nn, %s-norm', (norm) => {
  const given = { heads: 2, activation: 'gelu', norm, epsilon: 1e-12 } as const;
  const theirs = transformerLayer(params[1], transformerLayer(params[0], x, given), given);
  const [ours, expected] = evaluate([encodeLayers(params, x, { ...options, norm }).rows, theirs.rows], feeds);
  expectClose(ours, expected, 1e-12);
});

test('a causal layer reads nothing that follows', () => {
  const [causal, full] = ([true, false] as const).map((isCausal) =>
    encodeLayers(params, x, { ...options, causal: isCausal }),
  );
  /** Rows that differ when the row `changed` does. */
  const touched = (encoded: typeof causal, changed: number): number[] => {
    const data = Float64Array.from(rows.data);
    data.fill(3, changed * width, (changed + 1) * width);
    const [before] = evaluate([encoded.rows], feeds);
    const [after] = evaluate([encoded.rows], new Map([...feeds, ['rows', { shape: rows.shape, data }]]));
    const differs = (row: number) =>
      before.data.slice(row * width, (row + 1) * width).some((v, i) => v !== after.data[row * width + i]);
    return Array.from({ length: 10 }, (_, row) => row).filter(differs);
  };
  // Rows 0 to 4 are the first text, 5 to 7 the second, 8 and 9 the third.
  expect(touched(causal, 2)).toEqual([2, 3, 4]);
  expect(touched(causal, 6)).toEqual([6, 7]);
  expect(touched(full, 2)).toEqual([0, 1, 2, 3, 4]);
});

test('dropout: at a share of 0 nothing, otherwise in its own place, the same for the same key', () => {
  const key = input('key', [], 'int32');
  const withRates = (hidden: number, attention: number) =>
    encodeLayers(params, x, { ...options, drop: { key, hidden, attention } }).rows;
  const outputs = [encodeLayers(params, x, options).rows, withRates(0, 0), withRates(0.3, 0), withRates(0, 0.3)];
  const [plain, none, hidden, attention] = evaluate(outputs, feeds);
  expect(none).toEqual(plain);
  const share = (value: Value) => value.data.filter((v, i) => v !== plain.data[i]).length / plain.data.length;
  expect(share(hidden)).toBeGreaterThan(0.9);
  expect(share(attention)).toBeGreaterThan(0.9);
  expect(hidden).not.toEqual(attention);
  const [again, other] = [7, 8].map(
    (k) => evaluate([outputs[2]], new Map([...feeds, ['key', { shape: [], data: Float64Array.of(k) }]]))[0],
  );
  expect(again).toEqual(hidden);
  expect(other).not.toEqual(hidden);
});

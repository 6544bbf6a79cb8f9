/** @file Patches: where each pixel goes, bytes and floats, the class token, and gradients. */
import { expect, test } from 'vitest';
import { evaluate } from '../graph/evaluate/evaluate.ts';
import { gradient } from '../graph/gradient.ts';
import { multiply } from '../graph/ops/elementwise.ts';
import { input } from '../graph/ops/leaves.ts';
import { sum } from '../graph/ops/reduce.ts';
import { expectClose, expectGradient, normalValue, probe } from '../graph/testing/check.ts';
import { runOnnx } from '../graph/testing/onnx.ts';
import type { Value } from '../graph/values.ts';
import { zeros } from './initialisers.ts';
import { type ParameterSpec, parameter } from './parameters.ts';
import { type ClassPatchEmbedding, patchEmbedding, patchEmbeddingParameters } from './patches.ts';
import { inputsOf, normalFeeds } from './testing/sequences.ts';

const size = 4;
const patch = 2;
const width = 3;
const bytes: Value = { shape: [2, 3, size, size], data: Float64Array.from({ length: 96 }, (_, i) => (i * 37) % 256) };

/** Class token and four patches, each with a position of its own. */
const withClassToken: ClassPatchEmbedding<ParameterSpec> = {
  ...patchEmbeddingParameters({ size, patch, width }),
  classToken: parameter([1, width], zeros),
  positions: parameter([5, width], zeros),
};

/** Patch embedding written out: a convolution whose stride is its size, plus positions. */
function expected(params: Map<string, Value>, pixel: (at: number, channel: number) => number, token: boolean): Value {
  const [weight, bias, positions] = ['projection.weight', 'projection.bias', 'positions'].map(
    (name) => params.get(`params.${name}`)!.data,
  );
  const data: number[] = [];
  for (let image = 0; image < 2; image++) {
    let place = 0;
    const push = (values: (unit: number) => number) => {
      for (let unit = 0; unit < width; unit++) data.push(values(unit) + positions[place * width + unit]);
      place++;
    };
    if (token) push((unit) => params.get('params.classToken')!.data[unit]);
    for (let row = 0; row < size; row += patch) {
      for (let column = 0; column < size; column += patch) {
        push((unit) => {
          let total = bias[unit];
          for (let c = 0; c < 3; c++)
            for (let y = 0; y < patch; y++)
              for (let x = 0; x < patch; x++)
                total +=
                  weight[((unit * 3 + c) * patch + y) * patch + x] *
                  pixel(((image * 3 + c) * size + row + y) * size + column + x, c);
          return total;
        });
      }
    }
  }
  return { shape: [2, data.length / 2 / width, width], data: Float64Array.from(data) };
}

test.each([false, true])('bytes, normalised, class token: %s', async (classToken) => {
  const specs = classToken ? withClassToken : patchEmbeddingParameters({ size, patch, width });
  const params = inputsOf(specs, 'params');
  const pixels = input('pixels', ['images', 3, size, size], 'uint8');
  const normalise = { mean: [120, 110, 100], deviation: [60, 64, 68] };
  const y = patchEmbedding(params, pixels, { patch, normalise });
  const fed = new Map(normalFeeds(specs, 'params'));
  const feeds = new Map([...fed, ['pixels', bytes]] as const);
  const wanted = expected(fed, (at, c) => (bytes.data[at] - normalise.mean[c]) / normalise.deviation[c], classToken);
  expect(y.shape).toEqual(['images', classToken ? 5 : 4, width]);
  expectClose(evaluate([y], feeds)[0], wanted, 1e-6);
  expectClose((await runOnnx([y], feeds))[0], wanted, 1e-5);

  const { positions } = gradient(sum(multiply(y, 2)), { positions: params.positions });
  expect(new Set(evaluate([positions, y], feeds)[0].data)).toEqual(new Set([4]));
});

test('float pixels have gradients too', () => {
  const y = patchEmbedding(inputsOf(withClassToken, 'params'), input('pixels', [2, 3, size, size]), { patch });
  const feeds = new Map([
    ...normalFeeds(withClassToken, 'params'),
    ['pixels', normalValue([2, 3, size, size])],
  ] as const);
  expectGradient(probe(y), feeds, 1e-6);
});

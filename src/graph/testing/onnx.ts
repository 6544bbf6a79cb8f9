/** @file Running symbolic tensors in ONNX Runtime on the spot, for tests. */
import * as ort from 'onnxruntime-node';
import type { Attributes } from '../attributes.ts';
import { lower } from '../lower/lower.ts';
import { encodeModel } from '../onnx/model.ts';
import { orderNodes, type Tensor } from '../tensor.ts';
import { arrayFor, type Value } from '../values.ts';

/** Values of tensors as ONNX Runtime computes them. */
export async function runOnnx(
  tensors: readonly Tensor[],
  feeds: ReadonlyMap<string, Value>,
  portable = false,
): Promise<Value[]> {
  const inputs = orderNodes(tensors)
    .filter((node) => node.op === 'input')
    .map((node) => node.outputs[0]);
  const { graph } = lower(new Map(tensors.map((tensor, i) => [`out${i}`, tensor])), inputs, { portable });
  const session = await ort.InferenceSession.create(encodeModel(graph), { logSeverityLevel: 3 });
  try {
    const fed = Object.fromEntries(
      inputs.map((tensor) => {
        const { name, dtype } = tensor.node.attributes as Attributes['input'];
        const value = feeds.get(name)!;
        return [name, new ort.Tensor(dtype as 'float32', arrayFor(dtype, value.data) as Float32Array, value.shape)];
      }),
    );
    const results = await session.run(fed);
    return tensors.map((_, i) => {
      const { data, dims } = results[`out${i}`];
      return { shape: [...dims], data: Float64Array.from(data as Float32Array, Number) };
    });
  } finally {
    await session.release();
  }
}

/** @file The smallest graph, to find out whether a device works. */
import { lower } from '../lower/lower.ts';
import { encodeModel } from '../onnx/model.ts';
import { add } from '../ops/elementwise.ts';
import { input } from '../ops/leaves.ts';

/** y = x + x for one number. */
export function probeModel(): Uint8Array {
  const x = input('x', [1]);
  return encodeModel(lower(new Map([['y', add(x, x)]]), [x], { portable: true }).graph);
}

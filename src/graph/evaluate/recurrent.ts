/**
 * @file Reference evaluation of the packed GRU and of its backward rule.
 *
 * Rows are time-major: the captions that run at step t are rows offset_t ... offset_t + counts_t - 1, longest caption first,
 * so row j of step t continues row j of step t-1.
 */
import type { Value } from '../values.ts';
import { product } from './products.ts';

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/**
 * r = sigmoid(g_r + W_r h + b_r),  z = sigmoid(g_z + W_z h + b_z),  c = W_n h + b_n,  n = tanh(g_n + r c),
 * h' = n + z (h - n), with g the input gates (PyTorch's GRU, gates in the order r, z, n).
 */
export function gruForward(gates: Value, recurrent: Value, bias: Value, counts: Value): Value[] {
  const rows = gates.shape[0];
  const width = recurrent.shape[1];
  const make = (columns: number): Value => ({ shape: [rows, columns], data: new Float64Array(rows * columns) });
  const [states, previous, resetUpdate, candidate, hidden] = [
    make(width),
    make(width),
    make(2 * width),
    make(width),
    make(width),
  ];
  let offset = 0;
  let before = 0;
  for (let step = 0; step < counts.data.length; step++) {
    for (let j = 0; j < counts.data[step]; j++) {
      const row = offset + j;
      const from = step === 0 ? undefined : states.data.subarray((before + j) * width, (before + j + 1) * width);
      if (from) previous.data.set(from, row * width);
      const project = (gate: number, unit: number) => {
        let sum = bias.data[gate * width + unit];
        if (from) for (let k = 0; k < width; k++) sum += recurrent.data[(gate * width + unit) * width + k] * from[k];
        return sum;
      };
      for (let unit = 0; unit < width; unit++) {
        const gate = (index: number) => gates.data[row * 3 * width + index * width + unit];
        const r = sigmoid(gate(0) + project(0, unit));
        const z = sigmoid(gate(1) + project(1, unit));
        const c = project(2, unit);
        const n = Math.tanh(gate(2) + r * c);
        resetUpdate.data[row * 2 * width + unit] = r;
        resetUpdate.data[row * 2 * width + width + unit] = z;
        hidden.data[row * width + unit] = c;
        candidate.data[row * width + unit] = n;
        states.data[row * width + unit] = n + z * ((from ? from[unit] : 0) - n);
      }
    }
    before = offset;
    offset += counts.data[step];
  }
  return [states, previous, resetUpdate, candidate, hidden];
}

/**
 * With dh the whole cotangent of a state:  dn = dh (1-z)(1-n^2),  dz = dh (h_prev - n) z (1-z),  dr = dn c r (1-r),
 * dc = dn r,  dh_prev = dh z + [dr dz dc] W. Returns cotangents of the input gates [dr dz dn] and hidden gates [dr dz dc].
 */
export function gruBackward(
  cotangent: Value,
  recurrent: Value,
  previous: Value,
  resetUpdate: Value,
  candidate: Value,
  hidden: Value,
  counts: Value,
): Value[] {
  const [rows, width] = cotangent.shape;
  const inputGates = new Float64Array(rows * 3 * width);
  const hiddenGates = new Float64Array(rows * 3 * width);
  const carry = Float64Array.from(cotangent.data);
  const offsets = [0];
  for (const count of counts.data) offsets.push(offsets[offsets.length - 1] + count);
  for (let step = counts.data.length - 1; step >= 0; step--) {
    for (let j = 0; j < counts.data[step]; j++) {
      const row = offsets[step] + j;
      const before = step === 0 ? -1 : offsets[step - 1] + j;
      for (let unit = 0; unit < width; unit++) {
        const at = row * width + unit;
        const r = resetUpdate.data[row * 2 * width + unit];
        const z = resetUpdate.data[row * 2 * width + width + unit];
        const n = candidate.data[at];
        const dh = carry[at];
        const dn = dh * (1 - z) * (1 - n * n);
        const dz = dh * (previous.data[at] - n) * z * (1 - z);
        const dr = dn * hidden.data[at] * r * (1 - r);
        [dr, dz, dn].forEach((value, gate) => {
          inputGates[row * 3 * width + gate * width + unit] = value;
        });
        [dr, dz, dn * r].forEach((value, gate) => {
          hiddenGates[row * 3 * width + gate * width + unit] = value;
        });
        if (before >= 0) carry[before * width + unit] += dh * z;
      }
      if (before < 0) continue;
      for (let gate = 0; gate < 3 * width; gate++) {
        const d = hiddenGates[row * 3 * width + gate];
        for (let unit = 0; unit < width; unit++)
          carry[before * width + unit] += d * recurrent.data[gate * width + unit];
      }
    }
  }
  const shape = [rows, 3 * width];
  return [
    { shape, data: inputGates },
    { shape, data: hiddenGates },
  ];
}

/** The same recurrence over padded sequences [batch, steps, in], one at a time; zero beyond each length. */
export function gruPadded(
  x: Value,
  inputWeight: Value,
  recurrent: Value,
  inputBias: Value,
  bias: Value,
  lengths: Value,
  reverse: boolean,
): Value {
  const [batch, steps, size] = x.shape;
  const width = recurrent.shape[1];
  const out: Value = { shape: [batch, steps, width], data: new Float64Array(batch * steps * width) };
  for (let b = 0; b < batch; b++) {
    const length = lengths.data[b];
    const place = (step: number) => b * steps + (reverse ? length - 1 - step : step);
    const rows = Float64Array.from(
      { length: length * size },
      (_, i) => x.data[place(Math.floor(i / size)) * size + (i % size)],
    );
    const gates = product({ shape: [length, size], data: rows }, inputWeight, false, true);
    gates.data.forEach((_, i) => {
      gates.data[i] += inputBias.data[i % (3 * width)];
    });
    const one = { shape: [length], data: new Float64Array(length).fill(1) };
    const [states] = gruForward(gates, recurrent, bias, one);
    for (let step = 0; step < length; step++)
      out.data.set(states.data.subarray(step * width, (step + 1) * width), place(step) * width);
  }
  return out;
}

/**
 * @file The packed GRU, unrolled over its steps. Rows of one step are a slice of the packed rows, so products shrink as captions
 * end. The formulas are those of evaluate/recurrent.ts; everything that does not depend on the running state is computed for
 * all rows at once, outside the loop.
 */
import type { Emitter } from './emitter.ts';

/** Outputs: states, previous states, [reset | update], candidate, hidden candidate; each over all rows. */
export function lowerGru(
  emitter: Emitter,
  [gates, recurrent, bias, counts]: readonly string[],
  steps: number,
  width: number,
): string[] {
  const rows = splitter(emitter, counts, steps);
  const [partRz, partN] = columns(emitter, gates, [2 * width, width]);
  const [inputRz, inputN] = [rows.split(partRz, 2 * width), rows.split(partN, width)];
  const outputs: string[][] = [[], [], [], [], []];
  let state: string | undefined;
  for (let step = 0; step < steps; step++) {
    // The state before the first step is zero: its product is the bias alone.
    const previous: string = state ? rows.first(state, step, width) : rows.repeat(emitter.float(0), width);
    const hidden = state
      ? emitter.one('Gemm', [previous, recurrent, bias], { transB: 1 })
      : rows.repeat(bias, 3 * width);
    const [hiddenRz, hiddenN] = columns(emitter, hidden, [2 * width, width]);
    const resetUpdate = emitter.one('Sigmoid', [emitter.one('Add', [inputRz[step], hiddenRz])]);
    const [r, z] = columns(emitter, resetUpdate, [width, width]);
    const candidate = emitter.one('Tanh', [emitter.one('Add', [inputN[step], emitter.one('Mul', [r, hiddenN])])]);
    // h' = n + z (h - n)
    state = emitter.one('Add', [candidate, emitter.one('Mul', [z, emitter.one('Sub', [previous, candidate])])]);
    [state, previous, resetUpdate, candidate, hiddenN].forEach((name, i) => {
      outputs[i].push(name);
    });
  }
  return outputs.map((parts) => emitter.one('Concat', parts, { axis: 0 }));
}

/** Outputs: cotangents of the input gates and of the hidden gates, over all rows. */
export function lowerGruGradient(emitter: Emitter, inputs: readonly string[], steps: number, width: number): string[] {
  const [cotangent, recurrent, previous, resetUpdate, candidate, hidden, counts] = inputs;
  const rows = splitter(emitter, counts, steps);
  const one = emitter.float(1);
  const multiply = (a: string, b: string) => emitter.one('Mul', [a, b]);
  const oneMinus = (x: string) => emitter.one('Sub', [one, x]);

  const [r, z] = columns(emitter, resetUpdate, [width, width]);
  const keep = oneMinus(z);
  // dn/dh = (1-z)(1-n^2),  dz/dh = (h_prev - n) z (1-z),  dr/dn = c r (1-r)
  const perCandidate = multiply(keep, oneMinus(multiply(candidate, candidate)));
  const perUpdate = multiply(emitter.one('Sub', [previous, candidate]), multiply(z, keep));
  const perReset = multiply(hidden, multiply(r, oneMinus(r)));
  const [dStates, dCandidate, dUpdate, dReset, reset, update] = [
    cotangent,
    perCandidate,
    perUpdate,
    perReset,
    r,
    z,
  ].map((part) => rows.split(part, width));

  const inputGates: string[] = [];
  const hiddenGates: string[] = [];
  let carry: string | undefined;
  for (let step = steps - 1; step >= 0; step--) {
    const dh: string = carry ? emitter.one('Add', [dStates[step], rows.grow(carry, step, width)]) : dStates[step];
    const dn = multiply(dh, dCandidate[step]);
    const dz = multiply(dh, dUpdate[step]);
    const dr = multiply(dn, dReset[step]);
    const dc = multiply(dn, reset[step]);
    inputGates.unshift(emitter.one('Concat', [dr, dz, dn], { axis: 1 }));
    hiddenGates.unshift(emitter.one('Concat', [dr, dz, dc], { axis: 1 }));
    // dh_prev = dh z + [dr dz dc] W
    if (step > 0) carry = emitter.one('Gemm', [hiddenGates[0], recurrent, multiply(dh, update[step])]);
  }
  return [inputGates, hiddenGates].map((parts) => emitter.one('Concat', parts, { axis: 0 }));
}

/** ONNX's own GRU, whose gates stand in the order z, r, n and whose rows are time-major. */
export function lowerGruPadded(emitter: Emitter, inputs: readonly string[], gates: number, reverse: boolean): string[] {
  const [x, inputWeight, recurrent, inputBias, bias, lengths] = inputs;
  const width = gates / 3;
  const reordered = (name: string) => {
    const [r, z, n] = emitter.many('Split', [name, emitter.ints([width, width, width])], { axis: 0 }, 3);
    return emitter.one('Concat', [z, r, n], { axis: 0 });
  };
  const first = emitter.ints([0]);
  const single = (name: string) => emitter.one('Unsqueeze', [name, first]);
  const [states] = emitter.many(
    'GRU',
    [
      emitter.one('Transpose', [x], { perm: [1, 0, 2] }),
      single(reordered(inputWeight)),
      single(reordered(recurrent)),
      single(emitter.one('Concat', [reordered(inputBias), reordered(bias)], { axis: 0 })),
      lengths,
    ],
    { hidden_size: width, direction: reverse ? 'reverse' : 'forward', linear_before_reset: 1 },
    1,
  );
  return [emitter.one('Transpose', [emitter.one('Squeeze', [states, emitter.ints([1])])], { perm: [1, 0, 2] })];
}

function columns(emitter: Emitter, x: string, widths: readonly number[]): string[] {
  return emitter.many('Split', [x, emitter.ints(widths)], { axis: 1 }, widths.length);
}

/** Packed rows cut by the counts of each step. */
function splitter(emitter: Emitter, counts: string, steps: number) {
  const [wide] = emitter.once(`wide ${counts}`, () => [emitter.cast(counts, 'int64')]);
  const each = emitter.once(`each ${counts}`, () =>
    emitter.many('Split', [wide], { axis: 0, num_outputs: steps }, steps),
  );
  /** [rows of a step, width]: how many rows is known when the graph runs, but is the same wherever these counts cut. */
  const sized = (x: string, step: number, width: number) => emitter.sized(x, [`${counts}.${step}`, width]);
  return {
    split: (x: string, width: number) =>
      emitter.many('Split', [x, wide], { axis: 0 }, steps).map((part, step) => sized(part, step, width)),
    /** Of the rows of the step before those that go on. */
    first: (x: string, step: number, width: number) =>
      sized(emitter.one('Slice', [x, emitter.ints([0]), each[step]]), step, width),
    /** The same row, or number, for each row of the first step. */
    repeat: (x: string, width: number) => {
      const shape = emitter.one('Concat', [each[0], emitter.ints([width])], { axis: 0 });
      return sized(emitter.one('Expand', [x, shape]), 0, width);
    },
    /** Rows of step + 1 followed by zeros for the captions that ended at `step`. */
    grow: (x: string, step: number, width: number) => {
      const [pads] = emitter.once(`ended ${counts} ${step}`, () => {
        const ended = emitter.one('Sub', [each[step], each[step + 1]]);
        return [emitter.one('Concat', [emitter.ints([0, 0]), ended, emitter.ints([0])], { axis: 0 })];
      });
      return sized(emitter.one('Pad', [x, pads]), step, width);
    },
  };
}

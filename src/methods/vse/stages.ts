import { add, and, divide, exp, minimum, multiply, not, where } from '../../graph/ops/elementwise.ts';
import { constant } from '../../graph/ops/leaves.ts';
import { logSoftmax, mean, sum } from '../../graph/ops/reduce.ts';
import { transpose } from '../../graph/ops/shape.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { parameter } from '../../nn/parameters.ts';
import type { Objective } from '../objective.ts';
export function vseStages(loss: { temperature: number }, _: number) {
  const objective: Objective = {
    name: 'vse',
    memory: {},
    inputs: {},
    parameters: { logScale: parameter([], { kind: 'constant', value: Math.log(1 / loss.temperature) }) },
    term: (p, m, __, scene) => {
      const n = scene.pairs;
      const eye = constant(
        Uint8Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0)),
        [n, n],
        'bool',
      );
      const scale = minimum(exp(p.logScale as Tensor), 100);
      const z = where(and(scene.sameImage, not(eye)), -1e4, multiply(scene.scores, scale));
      const pick = (l: Tensor) => divide(sum(where(eye, l, 0)), -n);
      const l = multiply(add(pick(logSoftmax(z)), pick(logSoftmax(transpose(z)))), 0.5);
      return { loss: l, metrics: { scale, positive: mean(sum(where(eye, scene.scores, 0), 1)) }, memory: m };
    },
  };
  return [{ name: 'main', from: 0, weighted: [{ objective, weight: 1 }] }];
}

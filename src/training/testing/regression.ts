/** @file A small real engine for tests: logistic regression by SGD with momentum, dropout, a moving average and a queue. */

import type { TensorData } from '../../graph/values.ts';
import { Random } from '../../random/random.ts';
import type { Engine, NamedTensors } from '../engine.ts';

/** Inputs of one example. */
export const WIDTH = 8;
const QUEUE = 16;

/** Feeds: `x` float32 [batch, WIDTH], `y` float32 [batch], `ids` int32 [batch], and those of the loop. */
export class RegressionEngine implements Engine {
  readonly #seed: number;
  readonly #pause: () => Promise<void>;
  #state: { weight: Float32Array; momentum: Float32Array; average: Float32Array; queue: Int32Array; seen: Uint8Array };

  /** @param pause awaited in every step, to make steps as slow as a test needs */
  constructor(seed: number, pause: () => Promise<void> = async () => {}) {
    const random = new Random(seed, 'weights');
    const weight = Float32Array.from({ length: WIDTH + 1 }, () => random.normal() * 0.1);
    this.#seed = seed;
    this.#pause = pause;
    this.#state = {
      weight,
      momentum: new Float32Array(WIDTH + 1),
      average: weight.slice(),
      queue: new Int32Array(QUEUE).fill(-1),
      seen: new Uint8Array(QUEUE),
    };
  }

  async step(feeds: NamedTensors): Promise<Record<string, number>> {
    await this.#pause();
    const { weight, momentum, average, queue, seen } = this.#state;
    const { x, y, ids, learningRate, step } = Object.fromEntries(feeds) as Record<string, TensorData>;
    const kept = new Random(this.#seed, 'dropout', step.data[0]);
    const gradient = new Float64Array(WIDTH + 1);
    const size = y.data.length;
    let loss = 0;
    for (let row = 0; row < size; row++) {
      const inputs = Array.from({ length: WIDTH + 1 }, (_, j) =>
        j === WIDTH ? 1 : kept.uniform() < 0.9 ? x.data[row * WIDTH + j] / 0.9 : 0,
      );
      const logit = inputs.reduce((sum, input, j) => sum + input * weight[j], 0);
      const target = y.data[row];
      // -log sigmoid(z) for a target of 1 and -log sigmoid(-z) for 0, as log(1 + exp(-z)).
      loss += Math.log1p(Math.exp(target === 1 ? -logit : logit)) / size;
      const error = 1 / (1 + Math.exp(-logit)) - target;
      for (let j = 0; j <= WIDTH; j++) gradient[j] += (error * inputs[j]) / size;
    }
    for (let j = 0; j <= WIDTH; j++) {
      momentum[j] = 0.9 * momentum[j] + gradient[j];
      weight[j] -= learningRate.data[0] * momentum[j];
      average[j] += 0.05 * (weight[j] - average[j]);
    }
    const slot = step.data[0] % QUEUE;
    queue[slot] = ids.data[0];
    seen[slot] = 1;
    return { loss, norm: Math.hypot(...gradient) };
  }

  async snapshot(): Promise<NamedTensors> {
    const { weight, momentum, average, queue, seen } = this.#state;
    return new Map<string, TensorData>([
      ['params.weight', { dtype: 'float32', shape: [WIDTH + 1], data: weight.slice() }],
      ['moments.first.weight', { dtype: 'float32', shape: [WIDTH + 1], data: momentum.slice() }],
      ['average.weight', { dtype: 'float32', shape: [WIDTH + 1], data: average.slice() }],
      ['queue.ids', { dtype: 'int32', shape: [QUEUE], data: queue.slice() }],
      ['queue.seen', { dtype: 'bool', shape: [QUEUE], data: seen.slice() }],
    ]);
  }

  async restore(state: NamedTensors): Promise<void> {
    const data = <A>(name: string) => state.get(name)!.data.slice() as A;
    this.#state = {
      weight: data('params.weight'),
      momentum: data('moments.first.weight'),
      average: data('average.weight'),
      queue: data('queue.ids'),
      seen: data('queue.seen'),
    };
  }

  async close(): Promise<void> {}
}

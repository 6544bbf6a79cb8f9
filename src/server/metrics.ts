/** @file What is counted for Prometheus: requests, the stages within them, models, indexes, the process itself. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { ServingEvent } from '../serving/options.ts';

/** Where time goes within requests. */
export type Stage = 'encode' | 'search' | 'decode' | 'thumbnail' | 'queue';

/** Seconds. */
const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export class Metrics {
  readonly registry = new Registry();
  readonly #requests: Counter;
  readonly #seconds: Histogram;
  readonly #stages: Histogram;
  readonly #events: Counter;
  readonly #batches: Histogram;

  constructor() {
    const registers = [this.registry];
    this.#requests = new Counter({
      name: 'diptych_requests_total',
      help: 'Requests answered.',
      labelNames: ['method', 'route', 'status'],
      registers,
    });
    this.#seconds = new Histogram({
      name: 'diptych_request_seconds',
      help: 'Time from request to answer.',
      labelNames: ['method', 'route'],
      buckets,
      registers,
    });
    this.#stages = new Histogram({
      name: 'diptych_stage_seconds',
      help: 'Time of each stage: encode, search, decode, thumbnail, queue (waiting for a batch of the model).',
      labelNames: ['stage'],
      buckets,
      registers,
    });
    this.#events = new Counter({
      name: 'diptych_model_events_total',
      help: 'Models loaded, unloaded and died; texts remembered, joined and encoded.',
      labelNames: ['bundle', 'event'],
      registers,
    });
    this.#batches = new Histogram({
      name: 'diptych_batch_items',
      help: 'Texts or pictures that went through a model together.',
      labelNames: ['lane'],
      buckets: [1, 2, 4, 8, 16, 32, 64],
      registers,
    });
    collectDefaultMetrics({ register: this.registry });
  }

  /** A number that is asked for when it is wanted. */
  gauge(name: string, help: string, value: () => number): void {
    new Gauge({
      name,
      help,
      registers: [this.registry],
      collect() {
        this.set(value());
      },
    });
  }

  /** @param route its pattern, so that ids do not become labels */
  request(method: string, route: string, status: number, milliseconds: number): void {
    this.#requests.inc({ method, route, status });
    this.#seconds.observe({ method, route }, milliseconds / 1000);
  }

  stage(stage: Stage, milliseconds: number): void {
    this.#stages.observe({ stage }, milliseconds / 1000);
  }

  /** Takes the time of a task. */
  async timed<T>(stage: Stage, task: () => Promise<T>): Promise<T> {
    const start = performance.now();
    try {
      return await task();
    } finally {
      this.stage(stage, performance.now() - start);
    }
  }

  /** What happens in the models. */
  model(event: ServingEvent): void {
    const { bundle } = event;
    if (event.kind === 'batch') {
      this.stage('queue', event.waitMs);
      this.#batches.observe({ lane: event.lane }, event.size);
    } else if (event.kind === 'lookup') {
      for (const kind of ['remembered', 'joined', 'encoded'] as const)
        this.#events.inc({ bundle, event: kind }, event[kind]);
    } else if (event.kind !== 'queue') this.#events.inc({ bundle, event: event.kind });
  }
}

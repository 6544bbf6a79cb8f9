/** @file A small real bundle to serve, and what tests do to the processes that serve it. */
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { exportBundle } from '../../bundle/export.ts';
import { sharedFolder, trainPixels } from '../../bundle/testing/trained.ts';
import { EncoderPool } from '../encoder-pool.ts';
import type { LaneName, PoolOptions, ServingEvent } from '../options.ts';

/** A bundle over pixels, and picture files it can encode. */
export interface Served {
  readonly folder: string;
  readonly pictures: readonly string[];
}

/** Trains and exports once for a file of tests. */
export function servedBundle(): () => Served {
  const folder = sharedFolder();
  let served: Served;
  beforeAll(async () => {
    const { run, dataset } = await trainPixels(folder);
    const out = join(folder, 'bundle');
    await exportBundle({ run, out, dataset: undefined, threads: 1 });
    served = { folder: out, pictures: dataset.images.flatMap(({ path }) => path ?? []) };
  }, 120_000);
  return () => served;
}

/** Milliseconds: a busy machine takes its time to start a process, and that is no failure. */
const PATIENCE = 50_000;

/** Pools that are closed after the tests of the file, each with what it told. */
export function openedPools(): (
  folder: string,
  options?: PoolOptions,
) => Promise<{ pool: EncoderPool; events: ServingEvent[] }> {
  const pools: EncoderPool[] = [];
  afterAll(() => Promise.all(pools.map((pool) => pool.close())), 120_000);
  return async (folder, options = {}) => {
    const events: ServingEvent[] = [];
    const pool = await EncoderPool.start(folder, {
      requestTimeoutMs: PATIENCE,
      ...options,
      observe: (event) => void events.push(event),
    });
    pools.push(pool);
    return { pool, events };
  };
}

/** Sends a signal to a process of a pool. */
export function signalTo(pool: EncoderPool, signal: NodeJS.Signals, lane: LaneName = 'texts'): void {
  process.kill(pool.state()[lane].pid!, signal);
}

/** Sizes of the batches that came back. */
export function batchSizes(events: readonly ServingEvent[], lane: LaneName = 'texts'): number[] {
  return events.flatMap((event) => (event.kind === 'batch' && event.lane === lane ? [event.size] : []));
}

/** Waits until something holds. */
export async function until(holds: () => boolean): Promise<void> {
  for (const end = performance.now() + PATIENCE; !holds(); ) {
    if (performance.now() > end) throw new Error('it never came to hold');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

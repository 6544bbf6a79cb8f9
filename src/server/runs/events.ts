/** @file The logs of a run as server-sent events, as long as somebody looks on. */
import { setTimeout } from 'node:timers/promises';
import type { SSEStreamingApi } from 'hono/streaming';
import type { RunsFolder } from './folder.ts';
import { type Place, printPlace, readSince } from './follow.ts';
import type { RunState } from './schema.ts';

/** Milliseconds between looks at the logs of a run that trains; others are looked at less often: they may be taken up. */
const TRAINING_MS = 500;
const RESTING_MS = 2_000;

/**
 * Sends records as they are logged, and the state of the run when it changes.
 *
 * @param run its folder
 * @param signal ends it
 */
export async function sendEvents(
  stream: SSEStreamingApi,
  runs: RunsFolder,
  run: string,
  from: Place,
  signal: AbortSignal,
): Promise<void> {
  let place = from;
  let state: RunState | undefined;
  while (!signal.aborted) {
    const grown = await readSince(run, place);
    place = grown.place;
    if (grown.reset) await stream.writeSSE({ event: 'reset', data: '{}' });
    if (grown.records.length > 0 || grown.reset)
      await stream.writeSSE({ event: 'records', id: printPlace(place), data: JSON.stringify(grown.records) });
    const now = await runs.stateOf(run);
    if (now !== state) await stream.writeSSE({ event: 'state', data: JSON.stringify({ state: now }) });
    state = now;
    await setTimeout(state === 'training' ? TRAINING_MS : RESTING_MS, undefined, { signal }).catch(() => {});
  }
}

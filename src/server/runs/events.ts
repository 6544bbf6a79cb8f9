/** @file The logs of a run as server-sent events, as long as somebody looks on. */
import { setTimeout } from 'node:timers/promises';
import type { SSEStreamingApi } from 'hono/streaming';
import type { RunsFolder } from './folder.ts';
import { type Place, printPlace, readSince } from './follow.ts';
import type { RunState } from './schema.ts';

/** Milliseconds between looks at the logs, and looks without news after which a sign of life is sent. */
const PERIOD = 500;
const QUIET = 30;

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
  let quiet = 0;
  while (!signal.aborted && !stream.aborted && !stream.closed) {
    const grown = await readSince(run, place);
    place = grown.place;
    if (grown.reset) await stream.writeSSE({ event: 'reset', data: '{}' });
    if (grown.records.length > 0 || grown.reset)
      await stream.writeSSE({ event: 'records', id: printPlace(place), data: JSON.stringify(grown.records) });
    const now = await runs.stateOf(run);
    if (now !== state) await stream.writeSSE({ event: 'state', data: JSON.stringify({ state: now }) });
    quiet = grown.records.length > 0 || now !== state ? 0 : quiet + 1;
    state = now;
    if (quiet % QUIET === QUIET - 1) await stream.write(': still here\n\n');
    // A run that does not train may be taken up, which need not be known at once.
    await setTimeout(state === 'training' ? PERIOD : 4 * PERIOD, undefined, { signal }).catch(() => {});
  }
}

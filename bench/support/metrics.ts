/** @file Numbers of a service, read from its `/metrics`. */
import type { Answer } from './clients.ts';

/** Milliseconds between two looks of Node's histogram at the event loop; a stall is what a look comes late. */
const RESOLUTION = 10;

/** A value of the page of metrics. @throws Error if it is not there */
export function metricOf({ status, body }: Answer, name: string): number {
  const line = body.split('\n').find((one) => one.startsWith(`${name} `) || one.startsWith(`${name}{`));
  if (status !== 200 || line === undefined) throw new Error(`no ${name} in the metrics (${status})`);
  return Number(line.slice(line.lastIndexOf(' ') + 1));
}

/** Milliseconds of the longest stall of the event loop since the metrics were asked for before. */
export function longestStall(metrics: Answer): number {
  return Math.max(0, metricOf(metrics, 'nodejs_eventloop_lag_max_seconds') * 1000 - RESOLUTION);
}

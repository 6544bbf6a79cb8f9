/** @file Numbers of a service, read from its `/metrics`. */
import type { Answer } from './clients.ts';

/** A value of the page of metrics. @throws Error if it is not there */
export function metricOf({ status, body }: Answer, name: string): number {
  const line = body.split('\n').find((one) => one.startsWith(`${name} `) || one.startsWith(`${name}{`));
  if (status !== 200 || line === undefined) throw new Error(`no ${name} in the metrics (${status})`);
  return Number(line.slice(line.lastIndexOf(' ') + 1));
}

/** @file What the logs of a run tell: losses, scores and times. A run that is under way has a torn last line at most. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { readJsonLines } from '../../index/json-lines.ts';
import { logPaths } from '../../training/logs/logs.ts';

const numbers = z.object({ step: z.number(), epoch: z.number() }).catchall(z.number());
const metricsSchema = z.object({ kind: z.enum(['train', 'evaluation']) }).and(z.looseObject({}));
const timingSchema = z.object({
  step: z.number(),
  seconds: z.number(),
  pairsPerSecond: z.number(),
  /** Share of the time spent waiting for data. */
  waiting: z.number().exactOptional(),
});

/** Numbers of one moment, by name. */
export type Moment = z.output<typeof numbers>;
export type Timing = z.output<typeof timingSchema>;

export interface RunLogs {
  /** Means of metrics, among them `loss`. */
  readonly training: readonly Moment[];
  /** Scores on the validation split, among them `rsum`. */
  readonly evaluations: readonly Moment[];
  readonly timings: readonly Timing[];
}

export async function readLogs(run: string): Promise<RunLogs> {
  const metrics = await linesOf(join(run, logPaths.metrics), metricsSchema);
  const ofKind = (wanted: string): Moment[] =>
    metrics.flatMap(({ kind, ...values }) => (kind === wanted ? (numbers.safeParse(values).data ?? []) : []));
  return {
    training: ofKind('train'),
    evaluations: ofKind('evaluation'),
    timings: await linesOf(join(run, logPaths.timings), timingSchema),
  };
}

/** The lines of a file that are whole; none if it is not there. */
async function linesOf<S extends z.ZodType>(path: string, schema: S): Promise<z.output<S>[]> {
  const lines: z.output<S>[] = [];
  if (!existsSync(path)) return lines;
  for await (const line of readJsonLines(path, schema)) if (line !== undefined) lines.push(line);
  return lines;
}

/** @file What a checkpoint scored on the validation split, from the log of its run. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { readJsonLines } from '../index/json-lines.ts';
import { logPaths } from '../training/logs/logs.ts';

const evaluationSchema = z
  .object({ kind: z.literal('evaluation'), step: z.number(), epoch: z.number() })
  .catchall(z.number());

/** Scores by name; none if the log does not have that step. */
export async function scoresAt(run: string, wanted: number): Promise<Record<string, number>> {
  const path = join(run, logPaths.metrics);
  let scores: Record<string, number> = {};
  if (!existsSync(path)) return scores;
  for await (const record of readJsonLines(path, evaluationSchema)) {
    if (record?.step !== wanted) continue;
    const { kind: _kind, step: _step, epoch: _epoch, ...values } = record;
    scores = values;
  }
  return scores;
}

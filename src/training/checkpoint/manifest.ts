/** @file `checkpoint.json`: everything of a moment of a run that is not a tensor, as data. */
import { z } from 'zod';

const step = z.int().min(0);

/** One evaluation on the validation split. */
const scoreSchema = z.strictObject({ step, rsum: z.number() });

/** A stage or round that began before the step for which it was planned, because time is short. */
const reachedSchema = z.strictObject({ planned: step, step });

/** Where a run stands between two steps. Deterministic: it holds no time and no rate, so equal runs have equal ones. */
export const positionSchema = z.strictObject({
  /** Steps done. */
  step,
  /** Where the sampler stands: the next batch is `batch(epoch, index)`. */
  epoch: step,
  index: step,
  /** The evaluation with the highest rSum so far; the first one of equals. */
  best: scoreSchema.nullable(),
  /** Every evaluation so far, for early stopping and for knowing which are done. */
  evaluations: z.array(scoreSchema),
  /** Metrics of the steps since the last log line, summed. */
  pending: z.strictObject({ steps: step, sums: z.record(z.string(), z.number()) }),
  /** What began early, in the order of the plan; absent where all began as planned. */
  reached: z.array(reachedSchema).exactOptional(),
});

export const checkpointSchema = positionSchema.extend({
  format: z.literal(1),
  /** Batches in an epoch. */
  epochLength: step,
  /** Records in each log, by its name: what comes after them was written later and is repeated on resume. */
  logs: z.record(z.string(), step),
  /** SHA-256 of the configuration without what may change. */
  fingerprint: z.string(),
  versions: z.strictObject({ diptych: z.string(), node: z.string(), onnxruntime: z.string() }),
});

/** A file beside the manifest. */
const fileSchema = z.strictObject({ bytes: step, sha256: z.string() });

export const manifestSchema = z.strictObject({
  checkpoint: checkpointSchema,
  state: fileSchema,
  /** SHA-256 of the canonical JSON of the two fields above. */
  sha256: z.string(),
});

export type Score = z.infer<typeof scoreSchema>;
export type Reached = z.infer<typeof reachedSchema>;
export type Position = z.infer<typeof positionSchema>;
export type Checkpoint = z.infer<typeof checkpointSchema>;

/** @file Long work: asked for, watched, cancelled. A job survives a restart of the server. */
import { z } from 'zod';
import { idSchema } from './common.ts';

export const newJobSchema = z
  .strictObject({
    kind: z.literal('update').meta({ description: 'brings the index to where its folders are now' }),
    folder: z.string().min(1).max(4096).optional().meta({
      description: 'a folder that the index knows, or one that the operator allows; all that it knows unless given',
    }),
    captions: z.boolean().optional().meta({ description: 'gives captions rows of their own' }),
  })
  .meta({ id: 'NewJob' });

export const jobStates = ['queued', 'running', 'done', 'failed', 'cancelled'] as const;

const quarantinedSchema = z
  .object({ file: z.string(), id: z.string().optional(), line: z.int().optional(), reason: z.string() })
  .meta({ id: 'Quarantined' });

export const progressSchema = z
  .object({
    done: z.number(),
    total: z.number().nullable(),
    unit: z.string(),
    figures: z.record(z.string(), z.union([z.number(), z.string()])),
  })
  .meta({ id: 'JobProgress' });

export const jobSchema = z
  .object({
    id: z.string(),
    index: z.string(),
    kind: z.literal('update'),
    folder: z.string().nullable(),
    captions: z.boolean().nullable(),
    state: z.enum(jobStates),
    created: z.string(),
    started: z.string().nullable(),
    ended: z.string().nullable(),
    progress: progressSchema.nullable(),
    counts: z.record(z.string(), z.int()).meta({ description: 'rows added, changed, removed, unchanged' }),
    quarantined: z.array(quarantinedSchema).meta({ description: 'what could not be taken in; the first thousand' }),
    quarantinedCount: z.int(),
    error: z.object({ code: z.string(), detail: z.string() }).nullable(),
  })
  .meta({ id: 'Job' });

export const jobAnswerSchema = z.object({ job: jobSchema }).meta({ id: 'JobAnswer' });
export const jobsSchema = z.object({ jobs: z.array(jobSchema) }).meta({ id: 'Jobs' });
export const jobParams = z.object({ id: idSchema });

/** Server-sent events of a job: the name of the event, and what its data holds as JSON. */
export const jobEventSchema = z
  .discriminatedUnion('event', [
    z.object({ event: z.literal('state'), data: jobSchema }),
    z.object({ event: z.literal('progress'), data: progressSchema }),
    z.object({ event: z.literal('quarantined'), data: quarantinedSchema }),
  ])
  .meta({ id: 'JobEvent' });

export type NewJob = z.input<typeof newJobSchema>;
export type Job = z.output<typeof jobSchema>;
export type JobProgress = z.output<typeof progressSchema>;
export type JobEvent = z.output<typeof jobEventSchema>;

/** @file /v1/runs: runs of training, their curves, what they retrieve, and what is wrong with them. */
import { z } from 'zod';
import { nameSchema } from '../schema/common.ts';

export const runParams = z.object({ run: nameSchema });

/**
 * - `training`: a process writes there now;
 * - `finished`: it reached its length;
 * - `stopped`: it did not, and can be taken up again.
 */
export const runStates = ['training', 'finished', 'stopped'] as const;

const recallsSchema = z.object({ r1: z.number(), r5: z.number(), r10: z.number() });

export const bestSchema = z
  .object({
    step: z.int(),
    epoch: z.int().meta({ description: 'from 0' }),
    rsum: z.number(),
    imageToText: recallsSchema,
    textToImage: recallsSchema,
  })
  .meta({ id: 'BestEvaluation' });

export const runSchema = z
  .object({
    name: nameSchema,
    state: z.enum(runStates),
    preset: z.string().nullable(),
    steps: z.int().meta({ description: 'done' }),
    length: z.int().meta({ description: 'steps of the whole run' }),
    epochs: z.number().meta({ description: 'done, with parts of one' }),
    seed: z.number(),
    valSplit: z.string(),
    parameters: z.int(),
    best: bestSchema.nullable().meta({ description: 'on the validation split; null before the first evaluation' }),
    seconds: z.number(),
    secondsToBest: z.number(),
    pairsPerSecond: z.number().nullable(),
    device: z.string(),
    host: z.string(),
    testRuns: z.int(),
    testRsum: z.number().nullable(),
    command: z.array(z.string()),
    updated: z.string().meta({ description: 'when it last logged something' }),
  })
  .meta({ id: 'Run' });

const unreadableSchema = z.object({ name: z.string(), code: z.string(), detail: z.string() });

export const runsSchema = z
  .object({
    runs: z.array(runSchema).meta({ description: 'the one that logged last stands first' }),
    unreadable: z.array(unreadableSchema).meta({ description: 'folders whose run cannot be read, and why' }),
  })
  .meta({ id: 'Runs' });

/** Something to know about a run, with what it means and what to do. */
export const findingSchema = z
  .object({
    name: z.string(),
    verdict: z.enum(['fine', 'watch', 'bad']),
    value: z.string(),
    meaning: z.string(),
    cure: z.string().meta({ description: 'empty where there is nothing to do' }),
  })
  .meta({ id: 'Finding' });

const sessionSchema = z.object({ started: z.string(), host: z.string(), changes: z.array(z.string()) });

export const runDetailSchema = runSchema
  .extend({
    findings: z.array(findingSchema),
    configuration: z.record(z.string(), z.unknown()),
    sessions: z.array(sessionSchema),
    data: z.record(z.string(), z.string()).meta({ description: 'fingerprints' }),
  })
  .meta({ id: 'RunDetail' });

/** A record of the logs: numbers of one moment. */
export const recordSchema = z
  .object({
    kind: z.enum(['train', 'evaluation', 'round', 'timing']),
    step: z.number(),
    epoch: z.number(),
    values: z.record(z.string(), z.number()),
  })
  .meta({ id: 'RunRecord' });

/** Server-sent events of a run: the name of the event, and what its data holds as JSON. */
export const runEventSchema = z
  .discriminatedUnion('event', [
    z.object({ event: z.literal('records'), data: z.array(recordSchema) }),
    z.object({ event: z.literal('reset'), data: z.object({}) }),
    z.object({ event: z.literal('state'), data: z.object({ state: z.enum(runStates) }) }),
  ])
  .meta({ id: 'RunEvent' });

export const compareQuery = z.object({
  run: z
    .union([nameSchema.transform((name) => [name]), z.array(nameSchema)])
    .meta({ description: 'names of runs; the parameter stands once for each' }),
});

const curveSchema = z.array(z.tuple([z.number(), z.number()]).readonly()).readonly();

export const comparisonSchema = z
  .object({
    runs: z.array(
      runSchema.extend({
        letter: z.string().meta({ description: 'by which remarks name it' }),
        curves: z.object({ rsum: curveSchema, loss: curveSchema }),
      }),
    ),
    remarks: z.array(z.string()).readonly().meta({ description: 'what makes them unfit to be compared, in sentences' }),
  })
  .meta({ id: 'RunComparison' });

/** Pages that a look leaves behind. */
export const lookPages = ['report', 'diagnosis'] as const;
export type LookPage = (typeof lookPages)[number];

const shownSchema = z.object({ id: z.string(), text: z.string().optional(), thumbnail: z.string().optional() });

export const sampleSchema = z
  .object({
    direction: z.enum(['imageToText', 'textToImage']),
    query: shownSchema,
    rank: z.int().meta({ description: 'of the truth, from 1' }),
    score: z.number(),
    margin: z.number().nullable(),
    truth: shownSchema.meta({ description: 'the picture that the query is, or belongs to' }),
    retrieved: z.array(shownSchema.extend({ score: z.number(), own: z.boolean() })),
  })
  .meta({ id: 'RunSample' });

const directionSchema = z.object({
  r1: z.number(),
  r5: z.number(),
  r10: z.number(),
  medianRank: z.number(),
  meanRank: z.number(),
});
const pairSchema = z.tuple([z.number(), z.number()]).readonly();
const intervalsSchema = z.object({ r1: pairSchema, r5: pairSchema, r10: pairSchema });

export const lookSchema = z
  .object({
    checkpoint: z.enum(['best', 'last']),
    title: z.string().meta({ description: 'the run and the step of the checkpoint' }),
    at: z.string(),
    split: z.string(),
    images: z.int(),
    captions: z.int(),
    rsum: z.number(),
    chance: z.number().meta({ description: 'rSum of random scores' }),
    imageToText: directionSchema,
    textToImage: directionSchema,
    intervals: z.object({ imageToText: intervalsSchema, textToImage: intervalsSchema }).nullable(),
    curves: z.object({
      k: z.array(z.number()),
      imageToText: z.array(z.number()),
      textToImage: z.array(z.number()),
      chance: z.array(z.number()),
    }),
    histogram: z.object({
      bins: z.array(pairSchema),
      imageToText: z.array(z.number()),
      textToImage: z.array(z.number()),
    }),
    best: z.array(sampleSchema).meta({ description: 'the surest hits' }),
    worst: z.array(sampleSchema).meta({ description: 'the worst misses' }),
    findings: z.array(findingSchema),
    report: z.string().meta({ description: 'address of the whole report as one page' }),
    diagnosis: z.string().meta({ description: 'address of the whole diagnosis as one page' }),
  })
  .meta({ id: 'RunLook' });

export const lookAnswerSchema = z
  .object({
    state: z.enum(['none', 'working', 'ready', 'failed']),
    look: lookSchema.nullable().meta({ description: 'the last one; it stays while another is being made' }),
    error: z.object({ code: z.string(), detail: z.string() }).nullable(),
  })
  .meta({ id: 'RunLookAnswer' });

export const askLookSchema = z
  .strictObject({ checkpoint: z.enum(['best', 'last']).default('last') })
  .meta({ id: 'AskLook' });

export const startRunSchema = z
  .strictObject({
    from: nameSchema.meta({ description: 'the run whose configuration is taken' }),
    name: nameSchema.meta({ description: 'of the new run' }),
    seed: z.int().min(0).optional(),
    epochs: z.number().positive().max(100_000).optional(),
  })
  .meta({ id: 'StartRun' });

export const startedSchema = z.object({ run: nameSchema }).meta({ id: 'StartedRun' });

export type Run = z.output<typeof runSchema>;
export type Runs = z.output<typeof runsSchema>;
export type RunDetail = z.output<typeof runDetailSchema>;
export type Finding = z.output<typeof findingSchema>;
export type RunLogRecord = z.output<typeof recordSchema>;
export type RunState = (typeof runStates)[number];
export type RunComparison = z.output<typeof comparisonSchema>;
export type RunLook = z.output<typeof lookSchema>;
export type RunLookAnswer = z.output<typeof lookAnswerSchema>;
export type RunSample = z.output<typeof sampleSchema>;
export type StartRun = z.input<typeof startRunSchema>;

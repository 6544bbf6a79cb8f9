/** @file A report of `diptych eval` as the page of a run shows it: figures, samples, and the pictures of these. */
import { z } from 'zod';
import { wellFormed } from '../views.ts';
import { findingsOfEvaluation } from './findings.ts';
import type { RunLook, RunSample } from './schema.ts';
import { findingsOfSpace, type Space } from './space.ts';

export type Checkpoint = RunLook['checkpoint'];

const shown = z.object({ id: z.string(), text: z.string().optional(), path: z.string().optional() });
const example = z.object({
  direction: z.enum(['imageToText', 'textToImage']),
  query: shown,
  image: shown,
  rank: z.int(),
  score: z.number(),
  margin: z.number().nullable(),
  retrieved: z.array(shown.extend({ score: z.number(), own: z.boolean() })),
});
const direction = z.object({
  r1: z.number(),
  r5: z.number(),
  r10: z.number(),
  medianRank: z.number(),
  meanRank: z.number(),
});
const interval = z.tuple([z.number(), z.number()]);
const intervals = z.object({ r1: interval, r5: interval, r10: interval });
const numbers = z.array(z.number());

/** What is read of `report.json`. */
export const reportSchema = z.object({
  title: z.string(),
  split: z.string(),
  images: z.int(),
  captions: z.int(),
  rsum: z.number(),
  chance: z.object({ rsum: z.number() }),
  ties: z.object({ imageQueries: z.int(), textQueries: z.int() }),
  imageToText: direction,
  textToImage: direction,
  intervals: z.object({ imageToText: intervals, textToImage: intervals }).optional(),
  curves: z.object({ k: numbers, imageToText: numbers, textToImage: numbers, chance: numbers }),
  histogram: z.object({ bins: z.array(interval), imageToText: numbers, textToImage: numbers }),
  examples: z.object({ best: z.array(example), worst: z.array(example) }),
});

export interface Look {
  readonly look: RunLook;
  /** Pictures that it shows, by what stands for their ids in addresses. */
  readonly pictures: ReadonlyMap<string, string>;
}

/** What the report and the diagnosis of a checkpoint say, for the page of its run. */
export function lookOf(
  name: string,
  checkpoint: Checkpoint,
  { chance, ties, intervals = undefined, examples, ...report }: z.output<typeof reportSchema>,
  space: Space,
): Look {
  const pictures = new Map<string, string>();
  const below = `/v1/runs/${encodeURIComponent(name)}`;
  const show = <T extends z.output<typeof shown>>({ path, ...rest }: T): Omit<T, 'path'> & { thumbnail?: string } => {
    if (path === undefined) return rest;
    const id = wellFormed(rest.id);
    pictures.set(id, path);
    return { ...rest, thumbnail: `${below}/pictures/${encodeURIComponent(id)}` };
  };
  const sample = ({ query, image, retrieved, ...rest }: z.output<typeof example>): RunSample => ({
    ...rest,
    query: show(query),
    truth: show(image),
    retrieved: retrieved.map(show),
  });
  const evaluated = { ...report, chance: chance.rsum };
  const look: RunLook = {
    ...evaluated,
    checkpoint,
    at: new Date().toISOString(),
    intervals: intervals ?? null,
    best: examples.best.map(sample),
    worst: examples.worst.map(sample),
    findings: [
      ...findingsOfEvaluation({ ...evaluated, tied: ties.imageQueries + ties.textQueries }),
      ...findingsOfSpace(space),
    ],
    report: `${below}/report`,
    diagnosis: `${below}/diagnosis`,
  };
  return { look, pictures };
}

/** @file A look at a run: `diptych eval` and `diagnose` in processes of their own, one at a time, the last one kept. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { DiptychError, isDiptychError } from '../../errors/error.ts';
import { readJson } from '../../files/json.ts';
import { findingsOfEvaluation } from './findings.ts';
import { runVerb } from './program.ts';
import type { LookPage, RunLook, RunLookAnswer, RunSample } from './schema.ts';
import { findingsOfSpace, type Space, spaceSchema } from './space.ts';

type Checkpoint = RunLook['checkpoint'];

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
const reportSchema = z.object({
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

interface Looked {
  readonly look: RunLook;
  /** Pictures that it shows, by id. */
  readonly pictures: ReadonlyMap<string, string>;
  /** Folder of the report. */
  readonly folder: string;
}

interface Watched {
  looked?: Looked;
  working?: Promise<void>;
  error?: DiptychError;
}

export class Looks {
  readonly #runs = new Map<string, Watched>();
  readonly #ending = new AbortController();
  #last: Promise<void> = Promise.resolve();

  /** What is known of a run. */
  answer(name: string): RunLookAnswer {
    const { looked, working, error } = this.#runs.get(name) ?? {};
    const state = working ? 'working' : error ? 'failed' : looked ? 'ready' : 'none';
    return {
      state,
      look: looked?.look ?? null,
      error: error ? { code: error.code, detail: error.message } : null,
    };
  }

  /** Looks at a run once it is its turn; asked again meanwhile, nothing more is done. */
  ask(name: string, path: string, checkpoint: Checkpoint): void {
    const watched = this.#runs.get(name) ?? {};
    if (watched.working) return;
    this.#runs.set(name, watched);
    delete watched.error;
    watched.working = this.#last.then(async () => {
      try {
        const before = watched.looked;
        watched.looked = await lookAt(name, path, checkpoint, this.#ending.signal);
        if (before) await rm(before.folder, { recursive: true, force: true });
      } catch (error) {
        watched.error = isDiptychError(error) ? error : failed(name, String(error));
      }
      delete watched.working;
    });
    this.#last = watched.working;
  }

  /** The file of a picture that the last look at a run shows. @throws DIPTYCH_SERVER_ITEM_UNKNOWN */
  pictureOf(name: string, id: string): string {
    const path = this.#runs.get(name)?.looked?.pictures.get(id);
    if (path === undefined) throw new DiptychError('DIPTYCH_SERVER_ITEM_UNKNOWN', { id });
    return path;
  }

  /** A page of the last look at a run. @throws DIPTYCH_SERVER_RUN_LOOK */
  pageOf(name: string, page: LookPage): string {
    const folder = this.#runs.get(name)?.looked?.folder;
    if (folder === undefined) throw failed(name, 'nobody has looked at it yet');
    return join(folder, `${page}.html`);
  }

  /** Gives up what is under way and removes the reports. */
  async close(): Promise<void> {
    this.#ending.abort();
    await this.#last;
    for (const { looked } of this.#runs.values()) {
      if (looked) await rm(looked.folder, { recursive: true, force: true });
    }
  }
}

function failed(run: string, reason: string): DiptychError {
  return new DiptychError('DIPTYCH_SERVER_RUN_LOOK', { run, reason });
}

async function lookAt(name: string, path: string, checkpoint: Checkpoint, signal: AbortSignal): Promise<Looked> {
  const folder = await mkdtemp(join(tmpdir(), 'diptych-look-'));
  try {
    const split = await valSplitOf(path);
    for (const verb of ['eval', 'diagnose']) {
      const words = [verb, path, '--checkpoint', checkpoint, '--split', split, '--report', folder, '--json'];
      const { code, stderr } = await runVerb(words, signal);
      if (code !== 0) throw failed(name, lastLines(stderr));
    }
    const report = await readJson(join(folder, 'report.json'), reportSchema);
    const space = await readJson(join(folder, 'diagnosis.json'), spaceSchema);
    return { ...lookOf(name, checkpoint, report, space), folder };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

async function valSplitOf(path: string): Promise<string> {
  const [{ readRun }, { valuesOfRun }] = await Promise.all([
    import('../../training/run/record.ts'),
    import('../../bundle/trained.ts'),
  ]);
  return valuesOfRun(path, await readRun(path)).data.valSplit;
}

/** What a process said last, without the progress that it wrote as JSON. */
function lastLines(text: string): string {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('{'));
  return lines.slice(0, 3).join(' ') || 'it ended without a word';
}

function lookOf(
  name: string,
  checkpoint: Checkpoint,
  { chance, ties, intervals = undefined, examples, ...report }: z.output<typeof reportSchema>,
  space: Space,
): Omit<Looked, 'folder'> {
  const pictures = new Map<string, string>();
  const below = `/v1/runs/${encodeURIComponent(name)}`;
  const show = <T extends z.output<typeof shown>>({ path, ...rest }: T): Omit<T, 'path'> & { thumbnail?: string } => {
    if (path === undefined) return rest;
    pictures.set(rest.id, path);
    return { ...rest, thumbnail: `${below}/pictures/${encodeURIComponent(rest.id)}` };
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

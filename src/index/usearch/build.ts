/** @file Building the graph that reaches a recall within a memory: chosen by measuring on the rows themselves, with reasons. */
import { randomUUID } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { workerEntry } from '../../system/entry.ts';
import { type Progress, silent } from '../../system/progress.ts';
import { Thread } from '../../system/thread.ts';
import type { Place } from '../flat/place.ts';
import type { Measured, Opened, Unreached } from './bench.ts';
import type { BenchRequest } from './bench-thread.ts';
import { bytesPerRow } from './graph.ts';
import {
  fileChecksum,
  type GraphFile,
  type GraphParameters,
  RECALL_AT,
  type Reach,
  removeGraph,
  writeGraphFile,
} from './graph-file.ts';
import { signpostBytesPerRow } from './signposts.ts';

/** So many products (rows times dimension) take about 4 ms to compute: up to there trying all rows needs no graph. */
export const EXACT_PRODUCTS = 2 ** 22;

/**
 * What is tried, in this order: what is smaller is also faster. With 16 neighbours a million rows need so many candidates (256 of
 * 512 dimensions) that a search takes longer than with 32.
 */
const ladder: readonly (GraphParameters & { readonly mostRows?: number })[] = [
  { quantization: 'i8', connectivity: 16, expansion: 128, mostRows: 500_000 },
  { quantization: 'i8', connectivity: 32, expansion: 128 },
  { quantization: 'f16', connectivity: 16, expansion: 128 },
  { quantization: 'f16', connectivity: 32, expansion: 256 },
  { quantization: 'f32', connectivity: 32, expansion: 256 },
];

/** How many candidates a walk may come to. A search takes about as long as it has candidates, so each step is at most a quarter. */
const steps = [
  16, 20, 24, 28, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 640, 768, 1024,
];
/** A trial on few rows must leave this much room for all of them. */
const TRIAL_CANDIDATES = 128;
const TRIAL_ROWS = 20_000;
/** Below so many rows building is quicker than trying. */
const TRIAL_FROM = 100_000;
/** Rows that serve as queries: with 10 results each, recall 0.99 is measured to within 0.003 or so. */
const QUERIES = 500;
/** Rows that are searched for by their own vectors to see whether the graph leads to all: of fewer rows all are. */
const SAMPLE = 10_000;
/** The share of a sample that may be out of reach, a tenth of what a recall of 0.99 may miss. Where all are searched for, none. */
const SPARED = 1 / 1000;
/** Most searches for all rows. */
const ROUNDS = 3;
/** Candidates of the first search for a row; the second has as many as were looked at when it joined. */
const QUICK = 16;
/** Rows that are added or scored at once. */
const BLOCK = 4096;

export interface GraphOptions {
  /** Recall@10 to reach. Default 0.99. */
  readonly recall?: number | undefined;
  /** Bytes that the graph may take. Default 2 GiB. */
  readonly memory?: number | undefined;
  /** Rows times dimension up to which no graph is built. */
  readonly exactProducts?: number | undefined;
  readonly progress?: Progress | undefined;
  /** Gives up building; the graph that there is stays. */
  readonly signal?: AbortSignal | undefined;
}

/** What was decided. */
export interface GraphReport {
  /** Undefined if trying all rows is best. */
  readonly graph: GraphFile | undefined;
  readonly reasons: readonly string[];
}

/** What is decided of so few rows that a graph saves nothing; undefined of more. */
export function withoutGraph(rows: number, dimension: number, options: GraphOptions): GraphReport | undefined {
  const { exactProducts = EXACT_PRODUCTS } = options;
  if (rows * dimension > exactProducts) return undefined;
  return { graph: undefined, reasons: [`all ${rows} rows are tried at each search: so few take milliseconds`] };
}

/**
 * Builds the graph of a flat store, replacing the one it has. Readers go on with theirs until they refresh.
 *
 * @param folder of a flat store whose lock the caller holds; rows may be written to it meanwhile, and are not in the graph
 */
export async function buildGraph(folder: string, options: GraphOptions = {}): Promise<GraphReport> {
  const { recall = 0.99, memory = 2 ** 31, progress = silent, signal } = options;
  signal?.throwIfAborted();
  const thread = new Thread<BenchRequest>(workerEntry(import.meta.url, './bench-thread'));
  const giveUp = (): void => void thread.close();
  signal?.addEventListener('abort', giveUp);
  try {
    const opened = await thread.ask<Opened>({ kind: 'open', folder });
    const { rows } = opened;
    const reasons: string[] = [];
    const choices = within(memory, opened, reasons);
    if (choices.length === 0) {
      await removeGraph(folder);
      return { graph: undefined, reasons };
    }
    const builder = new Builder(thread, recall, progress, reasons);
    const start = rows < TRIAL_FROM ? 0 : await builder.tryOut(choices);
    const { parameters, candidates, measured, reach } = await builder.build(choices.slice(start), rows);
    const name = `${randomUUID()}.usearch`;
    const signposts = `${randomUUID()}.usearch`;
    await thread.ask({ kind: 'save', folder, name, signposts });
    const graph: GraphFile = {
      format: 1,
      created: opened.created,
      ...(await saved(folder, name)),
      parameters,
      signposts: await saved(folder, signposts),
      covered: [...opened.covered],
      rows,
      candidates,
      recall: measured.recall,
      queries: builder.queries,
      reach,
      wanted: { recall, memory },
      reasons,
      built: new Date().toISOString(),
    };
    await writeGraphFile(folder, graph);
    return { graph, reasons };
  } finally {
    signal?.removeEventListener('abort', giveUp);
    progress.finish();
    await thread.ask({ kind: 'close' }).catch(() => {});
    await thread.close();
  }
}

async function saved(folder: string, file: string): Promise<{ file: string; bytes: number; checksum: string }> {
  const path = join(folder, file);
  return { file, bytes: (await stat(path)).size, checksum: await fileChecksum(path) };
}

/** The choices that suit so many rows and fit into memory. */
function within(memory: number, { rows, dimension }: Opened, reasons: string[]): GraphParameters[] {
  const mebibytes = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20)} MiB`;
  return ladder.flatMap(({ mostRows = Number.POSITIVE_INFINITY, ...choice }) => {
    if (rows > mostRows) return [];
    const bytes = rows * (bytesPerRow(choice, dimension) + signpostBytesPerRow(choice, dimension));
    if (bytes <= memory) return [choice];
    reasons.push(`${nameOf(choice)} would take about ${mebibytes(bytes)}, more than ${mebibytes(memory)}`);
    return [];
  });
}

function nameOf({ quantization, connectivity, expansion }: GraphParameters): string {
  return `${quantization} with ${connectivity} neighbours (expansion ${expansion})`;
}

interface Built {
  readonly parameters: GraphParameters;
  readonly reach: Reach;
  readonly candidates: number;
  readonly measured: Measured;
}

class Builder {
  private readonly thread: Thread<BenchRequest>;
  private readonly recall: number;
  private readonly progress: Progress;
  private readonly reasons: string[];
  /** How many rows recall was measured on. */
  queries = 0;

  constructor(thread: Thread<BenchRequest>, recall: number, progress: Progress, reasons: string[]) {
    this.thread = thread;
    this.recall = recall;
    this.progress = progress;
    this.reasons = reasons;
  }

  /** The first of the choices that does well on some of the rows, else the last. */
  async tryOut(choices: readonly GraphParameters[]): Promise<number> {
    const rows = await this.prepare(TRIAL_ROWS);
    for (const [i, choice] of choices.entries()) {
      await this.grow(choice, rows, 'rows on trial');
      const { candidates, measured } = await this.least(TRIAL_CANDIDATES);
      const told = `recall@${RECALL_AT} ${measured.recall.toFixed(4)} with ${candidates} candidates`;
      if (measured.recall >= this.goal) {
        this.reasons.push(`of ${rows} rows, ${nameOf(choice)} reached ${told}`);
        return i;
      }
      this.reasons.push(`of ${rows} rows, ${nameOf(choice)} came only to ${told}`);
    }
    return choices.length - 1;
  }

  /** Builds with one choice after the other until one reaches the recall; else with the best of them. */
  async build(choices: readonly GraphParameters[], all: number): Promise<Built> {
    const rows = await this.prepare(all);
    let best: Built | undefined;
    for (const parameters of choices) {
      const reach = await this.grow(parameters, rows, 'rows');
      const built = { parameters, reach, ...(await this.least(steps[steps.length - 1])) };
      this.tell(built, rows);
      if (built.measured.recall >= this.goal) return built;
      if (best === undefined || built.measured.recall > best.measured.recall) best = built;
    }
    this.reasons.push(`nothing within this memory reaches ${this.recall}; the best is kept`);
    if (best!.parameters === choices[choices.length - 1]) return best!;
    return { ...best!, reach: await this.grow(best!.parameters, rows, 'rows') };
  }

  /** A little above what was asked for, because it is measured on some of the rows. */
  private get goal(): number {
    return this.recall + (1 - this.recall) / 4;
  }

  private async prepare(most: number): Promise<number> {
    const rows = await this.thread.ask<number>({ kind: 'limit', most });
    this.queries = await this.thread.ask<number>({ kind: 'draw', most: QUERIES });
    await this.inBlocks('score', rows, 'rows compared');
    return rows;
  }

  private async grow(parameters: GraphParameters, rows: number, unit: string): Promise<Reach> {
    await this.thread.ask({ kind: 'begin', parameters });
    await this.inBlocks('add', rows, unit);
    const reach = await this.reach(parameters, rows);
    await this.thread.ask({ kind: 'signpost', parameters, block: BLOCK });
    return reach;
  }

  /** Sees to it that the graph leads to its rows: a sample is searched for, and where it says so all are, and linked anew. */
  private async reach(parameters: GraphParameters, rows: number): Promise<Reach> {
    const step = Math.ceil(rows / SAMPLE);
    let relinked = 0;
    for (let round = 0, before = Number.POSITIVE_INFINITY; ; round++) {
      const { searched, places } = await this.unreached(parameters, rows, step);
      const unreached = places.length;
      if (unreached <= (step === 1 ? 0 : SPARED * searched) || unreached >= before || round === ROUNDS) {
        return { searched, unreached, relinked };
      }
      before = unreached;
      const all = step === 1 ? places : (await this.unreached(parameters, rows, 1)).places;
      for (let from = 0; from < all.length; from += BLOCK) {
        await this.thread.ask({ kind: 'relink', places: all.slice(from, from + BLOCK) });
      }
      relinked += all.length;
    }
  }

  /** Searches for one in `step` of the rows. */
  private async unreached({ expansion }: GraphParameters, rows: number, step: number): Promise<Unreached> {
    let searched = 0;
    const places: Place[] = [];
    for (let from = 0; from < rows; from += step * BLOCK) {
      const to = Math.min(rows, from + step * BLOCK);
      const counts = [QUICK, expansion];
      const found = await this.thread.ask<Unreached>({ kind: 'unreached', from, to, step, counts });
      searched += found.searched;
      places.push(...found.places);
      this.progress.update({ done: to, total: rows, unit: 'rows looked for' });
    }
    return { searched, places };
  }

  private async inBlocks(kind: 'score' | 'add', rows: number, unit: string): Promise<void> {
    for (let from = 0; from < rows; from += BLOCK) {
      const to = Math.min(rows, from + BLOCK);
      await this.thread.ask({ kind, from, to });
      this.progress.update({ done: to, total: rows, unit });
    }
  }

  /** The fewest candidates that reach the goal, or the most there may be. */
  private async least(most: number): Promise<Pick<Built, 'candidates' | 'measured'>> {
    for (const candidates of steps) {
      const measured = await this.thread.ask<Measured>({ kind: 'measure', candidates });
      if (measured.recall >= this.goal || candidates >= most) return { candidates, measured };
    }
    throw new RangeError(`no step reaches ${most}`);
  }

  private tell({ parameters, candidates, measured, reach }: Built, rows: number): void {
    const { recall, median } = measured;
    const { searched, unreached, relinked } = reach;
    this.reasons.push(
      `of ${searched} rows that were searched for by their own vectors, ${unreached} were not found` +
        (relinked === 0 ? '' : ` after ${relinked} had been linked anew`),
    );
    this.reasons.push(
      `${nameOf(parameters)} over ${rows} rows: recall@${RECALL_AT} ${recall.toFixed(4)} with ${candidates} candidates, ` +
        `${median.toFixed(2)} ms a search`,
    );
  }
}

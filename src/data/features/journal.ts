/** @file What of an unfinished feature file is done: a line for the plan, then lines that name finished pieces. */
import { constants, open, readFile } from 'node:fs/promises';
import { z } from 'zod';
import { writeFully } from '../../files/bytes.ts';
import { unreadable, unwritable } from '../../files/failures.ts';
import { planSchema } from './sidecar.ts';

const headSchema = z.strictObject({
  plan: planSchema,
  /** Pictures in a piece. */
  piece: z.int().min(1),
  output: z.string(),
  regions: z.int().min(1),
  dimension: z.int().min(1),
});

const entrySchema = z.strictObject({
  /** Numbers of pieces. */
  done: z.array(z.int().min(0)),
  /** Pictures that gave nothing: position among all, and why. */
  refused: z.array(z.tuple([z.int().min(0), z.string()])),
});

export type JournalHead = z.output<typeof headSchema>;

/** Appended to and never changed; a last line that a kill cut short is as if it were not there. */
export class Journal {
  readonly head: JournalHead;
  readonly done = new Set<number>();
  /** Why pictures gave nothing, by position. */
  readonly refused = new Map<number, string>();
  readonly #path: string;
  /** Where the last whole line ends, in bytes. */
  #end: number;
  #fresh: { done: number[]; refused: [number, string][] } = { done: [], refused: [] };

  private constructor(path: string, head: JournalHead, end: number) {
    this.#path = path;
    this.head = head;
    this.#end = end;
  }

  /** Begins a journal, replacing what is there. */
  static async begin(path: string, head: JournalHead): Promise<Journal> {
    const journal = new Journal(path, head, 0);
    await journal.#append(head);
    return journal;
  }

  /** Takes up a journal; undefined if there is none, or none that was begun properly. */
  static async resume(path: string): Promise<Journal | undefined> {
    const text = await readFile(path, 'utf8').catch((cause) => {
      if (cause.code !== 'ENOENT') throw unreadable(path, cause);
    });
    const lines = wholeLines(text ?? '');
    const head = headSchema.safeParse(lines[0]?.value);
    if (!head.success) return undefined;
    const journal = new Journal(path, head.data, lines[0].end);
    for (const { value, end } of lines.slice(1)) {
      const entry = entrySchema.safeParse(value);
      if (!entry.success) break;
      for (const piece of entry.data.done) journal.done.add(piece);
      for (const [position, reason] of entry.data.refused) journal.refused.set(position, reason);
      journal.#end = end;
    }
    return journal;
  }

  /** Notes a finished piece; it counts after a restart once it was flushed. */
  note(piece: number, refused: readonly (readonly [number, string])[]): void {
    this.done.add(piece);
    this.#fresh.done.push(piece);
    for (const [position, reason] of refused) {
      this.refused.set(position, reason);
      this.#fresh.refused.push([position, reason]);
    }
  }

  /** Whether something was noted since the last flush. */
  get isFresh(): boolean {
    return this.#fresh.done.length > 0;
  }

  /**
   * Writes down what was noted.
   *
   * @param sync makes the rows durable first: what the journal names must be there after a loss of power
   */
  async flush(sync: () => Promise<void>): Promise<void> {
    if (!this.isFresh) return;
    const entry = this.#fresh;
    this.#fresh = { done: [], refused: [] };
    await sync();
    await this.#append(entry);
  }

  async #append(value: unknown): Promise<void> {
    const line = Buffer.from(`${JSON.stringify(value)}\n`);
    try {
      const file = await open(this.#path, constants.O_RDWR | constants.O_CREAT);
      try {
        await file.truncate(this.#end);
        await writeFully(file, line, this.#end);
        await file.datasync();
      } finally {
        await file.close();
      }
    } catch (cause) {
      throw unwritable(this.#path, cause);
    }
    this.#end += line.length;
  }
}

/** The JSON of each line that has an end, and where that is in bytes; up to the first that is no JSON. */
function wholeLines(text: string): { value: unknown; end: number }[] {
  const lines: { value: unknown; end: number }[] = [];
  let end = 0;
  for (const line of text.split('\n').slice(0, -1)) {
    end += Buffer.byteLength(line) + 1;
    try {
      lines.push({ value: JSON.parse(line), end });
    } catch {
      break;
    }
  }
  return lines;
}

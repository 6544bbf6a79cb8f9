/** @file The logs of a run together: `metrics.jsonl`, `timings.jsonl` and a TensorBoard event file. */
import { join } from 'node:path';
import { RecordFile } from './file.ts';
import { jsonLine, lineEnds } from './jsonl.ts';
import type { LogRecord } from './record.ts';
import { eventFrame, frameEnds, headerFrame } from './tensorboard.ts';

/** Records in each log, by its name. */
export type RecordCounts = Readonly<Record<string, number>>;

/** Paths in a run folder. Metrics are apart from timings so that equal runs have equal metrics, byte for byte. */
export const logPaths = {
  metrics: 'metrics.jsonl',
  timings: 'timings.jsonl',
  tensorboard: join('tensorboard', 'events.out.tfevents.diptych'),
} as const;

export class Logs {
  readonly #metrics: RecordFile;
  readonly #timings: RecordFile;
  readonly #tensorboard: RecordFile;
  /** What is missing of what was to be kept, one line for each log that is damaged. */
  readonly gaps: readonly string[];
  /** Seconds of training that the last kept timing tells of. */
  readonly seconds: number;

  private constructor(metrics: RecordFile, timings: RecordFile, tensorboard: RecordFile, keep: RecordCounts) {
    this.#metrics = metrics;
    this.#timings = timings;
    this.#tensorboard = tensorboard;
    this.gaps = Object.entries({ metrics, timings, tensorboard })
      .filter(([name, { kept }]) => kept.length < (keep[name] ?? 0))
      .map(([name, { path, kept }]) => `${path} holds only ${kept.length} of ${keep[name]} records; the rest is lost`);
    this.seconds = secondsOf(timings.kept.at(-1));
  }

  /**
   * Opens the logs of a run.
   *
   * @param keep how many records of each stay; later ones belong to steps that will be done again, and go
   * @throws DIPTYCH_FILE_UNWRITABLE
   */
  static async open(run: string, keep: RecordCounts): Promise<Logs> {
    const opened: RecordFile[] = [];
    try {
      for (const [name, path] of Object.entries(logPaths)) {
        const ends = name === 'tensorboard' ? frameEnds : lineEnds;
        opened.push(await RecordFile.open(join(run, path), keep[name] ?? 0, ends));
      }
      const [metrics, timings, tensorboard] = opened;
      if (tensorboard.records === 0) await tensorboard.append(headerFrame(now()));
      return new Logs(metrics, timings, tensorboard, keep);
    } catch (error) {
      for (const file of opened) await file.close();
      throw error;
    }
  }

  /** @throws DIPTYCH_FILE_UNWRITABLE */
  async write(record: LogRecord): Promise<void> {
    await (record.kind === 'timing' ? this.#timings : this.#metrics).append(jsonLine(record));
    await this.#tensorboard.append(eventFrame(record, now()));
  }

  /** Makes all records durable and counts them, for a checkpoint. */
  async sync(): Promise<RecordCounts> {
    const files = { metrics: this.#metrics, timings: this.#timings, tensorboard: this.#tensorboard };
    for (const file of Object.values(files)) await file.sync();
    return Object.fromEntries(Object.entries(files).map(([name, { records }]) => [name, records]));
  }

  async close(): Promise<void> {
    for (const file of [this.#metrics, this.#timings, this.#tensorboard]) await file.close();
  }
}

function secondsOf(timing: Buffer | undefined): number {
  if (timing === undefined) return 0;
  try {
    const { seconds } = JSON.parse(timing.toString()) as { seconds?: unknown };
    return typeof seconds === 'number' ? seconds : 0;
  } catch {
    return 0;
  }
}

function now(): number {
  return Date.now() / 1000;
}

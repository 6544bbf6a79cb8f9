/** @file Progress of long work, apart from how it is shown: bar, plain lines, JSON, or nothing. */

/** One report of long work. */
export interface ProgressReport {
  readonly done: number;
  /** Undefined when the length is not known. */
  readonly total?: number | undefined;
  /** What `done` counts: images, steps, rows … */
  readonly unit: string;
  /** Further figures worth showing, such as loss, rate of failures or the share of time waiting for data. */
  readonly figures?: Readonly<Record<string, number | string>>;
}

/** Where long work reports. */
export interface Progress {
  update(report: ProgressReport): void;
  /** A line for people that stays on screen. */
  note(line: string): void;
  finish(): void;
}

/** Reports nothing. */
export const silent: Progress = { update() {}, note() {}, finish() {} };

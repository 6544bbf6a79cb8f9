/** @file What a verb is: the options and words it takes, and what it does with them. */
import type { Members, ValuesOf } from '../config/option.ts';
import type { Preset } from '../config/presets.ts';
import type { Layers, Settled } from '../config/resolve.ts';
import type { Schema } from '../config/schema.ts';
import type { Progress } from '../system/progress.ts';

/** A word after the verb. */
export interface Argument {
  readonly name: string;
  readonly help: string;
  readonly optional?: true;
  /** The last word may be many. */
  readonly many?: true;
}

/** What a call of a verb is given. */
export interface Call<M extends Members = Members> {
  readonly values: ValuesOf<M>;
  /** Who gave each value, for records of a run. */
  readonly settled: Settled<M>;
  /** The words after the verb, in order; optional ones may be missing. */
  readonly words: readonly string[];
  /** A line for people: on stdout, or with `--json` on stderr. */
  print(line: string): void;
  readonly progress: Progress;
  /** Aborted by SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
}

/** What a verb has to say to programs: one line of JSON with `--json`. */
export interface Outcome {
  readonly json: unknown;
  /** Exit code; 0 unless said. */
  readonly exit?: number;
}

export interface Verb<M extends Members = Members> {
  readonly schema: Schema<M>;
  readonly presets?: readonly Preset<M>[];
  readonly words?: readonly Argument[];
  /** Everything after the verb is a word, flags too: for verbs that speak of other verbs. */
  readonly takesAll?: true;
  /** The file of values that holds where neither `--config` nor `--preset` is written, by what the flags say. */
  readonly standing?: (flags: NonNullable<Layers['flags']>) => Promise<Layers['file']>;
  /** On SIGINT or SIGTERM the verb finishes what it is at, saves and returns. Others are ended at once. */
  readonly saves?: true;
  run(call: Call<M>): Promise<Outcome>;
}

/** Types a verb by its schema. */
export function defineVerb<M extends Members>(verb: Verb<M>): Verb<M> {
  return verb;
}

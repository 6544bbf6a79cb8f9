/** @file Options as data: what one option says of itself, groups of options, and the type of the values they describe. */
import type { z } from 'zod';

/** Where the default of an option comes from. Numbers measured with a `reconstructed` part are never a paper's numbers. */
export type Source = 'paper' | 'official code' | 'related work' | 'reconstructed' | 'diptych';

/** What is written for one option; everything else (flag, variable, help, page, JSON Schema) is made from it. */
export interface OptionRow<T> {
  /** Which values are legal. `null` stands for "none" and is written `none` in flags and variables. */
  readonly type: z.ZodType<T>;
  /** Left out: the option has to be given. */
  readonly default?: NoInfer<T>;
  /** One line: what it does. */
  readonly help: string;
  /** What is seen when the value is too small (or the switch is off). */
  readonly tooSmall?: string;
  /** What is seen when the value is too large (or the switch is on). */
  readonly tooLarge?: string;
  readonly source: Source;
  /** Short flag without dashes, where the option's last name would not say enough: `loss.kind` is `--loss`. */
  readonly flag?: string;
  /** Of a list of texts: its flag stands once for each, and takes commas as they are. */
  readonly repeated?: true;
}

export interface Option<T = unknown> extends OptionRow<T> {
  readonly node: 'option';
}

/** Options that belong together. Groups may hold groups. */
export interface Group<M extends Members = Members> {
  readonly node: 'group';
  readonly help: string;
  readonly members: M;
}

export interface Members {
  readonly [name: string]: Option | Group;
}

/** The values that a tree of options describes. */
export type ValuesOf<M extends Members> = {
  readonly [K in keyof M]: M[K] extends Option<infer T> ? T : M[K] extends Group<infer N> ? ValuesOf<N> : never;
};

/** The same with everything left out that one likes: a preset, a configuration file. */
export type PartialValuesOf<M extends Members> = {
  readonly [K in keyof M]?: M[K] extends Option<infer T> ? T : M[K] extends Group<infer N> ? PartialValuesOf<N> : never;
};

/** Makes an option of its row. */
export function option<T>(row: OptionRow<T>): Option<T> {
  return { node: 'option', ...row };
}

/** Makes a group; `help` is the line above its options in `--help` and in the page of options. */
export function group<M extends Members>(help: string, members: M): Group<M> {
  return { node: 'group', help, members };
}

/** @file A schema: a tree of options with the rules between them, and every option under its three names. */
import type { Group, Members, Option, ValuesOf } from './option.ts';

/** A condition between options, checked once all values are known. */
export interface Rule<M extends Members> {
  /** Dotted names of the options it reads, for the message. */
  readonly options: readonly string[];
  /** Undefined when all is well, else what is wrong. */
  check(values: ValuesOf<M>): string | undefined;
}

/** An option with the names that follow from its place in the tree. */
export interface NamedOption {
  /** Dotted name, as in a configuration file: `optimiser.learningRate`. */
  readonly name: string;
  /** Flag that always works, without dashes: `optimiser.learning-rate`. */
  readonly flag: string;
  /** Short flag, where no other option of the schema could be meant: `learning-rate`. */
  readonly short?: string;
  /** Environment variable: `DIPTYCH_OPTIMISER_LEARNING_RATE`. */
  readonly variable: string;
  readonly option: Option;
}

export interface Schema<M extends Members = Members> {
  readonly members: M;
  readonly rules: readonly Rule<M>[];
  /** All options in the order in which they are written. */
  readonly options: readonly NamedOption[];
}

/** Makes a schema. Two options that would answer to the same variable or flag are a mistake of the table and throw. */
export function defineSchema<M extends Members>(members: M, rules: readonly Rule<M>[] = []): Schema<M> {
  const found: [string, Option][] = [];
  walk(members, '', (name, member) => member.node === 'option' && found.push([name, member]));
  const shorts = found.map(([name, { flag }]) => flag ?? kebab(name.slice(name.lastIndexOf('.') + 1)));
  const options = found.map(([name, option], i): NamedOption => {
    const flag = kebab(name);
    const short =
      shorts.filter((other) => other === shorts[i]).length === 1 && shorts[i] !== flag ? shorts[i] : undefined;
    return { name, flag, variable: variableOf(name), option, ...(short !== undefined && { short }) };
  });
  const names = options.flatMap(({ flag, variable }) => [flag, variable]);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new Error(`two options are called ${twice}`);
  return { members, rules, options };
}

/** A schema with further groups, as a method adds its own. Names that exist already are refused by the type. */
export function extendSchema<M extends Members, N extends Members & { [K in keyof M]?: never }>(
  base: Schema<M>,
  members: N,
  rules: readonly Rule<M & N>[] = [],
): Schema<M & N> {
  return defineSchema<M & N>({ ...base.members, ...members }, [...(base.rules as readonly Rule<M & N>[]), ...rules]);
}

/** Visits every group and option, parents first, with its dotted name. */
export function walk(members: Members, prefix: string, visit: (name: string, member: Option | Group) => void): void {
  for (const [key, member] of Object.entries(members)) {
    visit(prefix + key, member);
    if (member.node === 'group') walk(member.members, `${prefix}${key}.`, visit);
  }
}

/** `optimiser.learningRate` -> `optimiser.learning-rate`. */
function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** `optimiser.learningRate` -> `DIPTYCH_OPTIMISER_LEARNING_RATE`. */
function variableOf(name: string): string {
  return `DIPTYCH_${kebab(name).replace(/[.-]/g, '_').toUpperCase()}`;
}

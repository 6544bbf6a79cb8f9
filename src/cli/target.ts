/** @file What the `config` verbs speak of: another verb, some of its options, and the flags as one would give them to it. */
import { Command } from 'commander';
import type { OptionsOfVerb } from '../config/page.ts';
import type { Settled } from '../config/resolve.ts';
import { defineSchema, type NamedOption } from '../config/schema.ts';
import { suggest } from '../config/suggest.ts';
import { DiptychError } from '../errors/error.ts';
import { settleWritten } from './call.ts';
import { catalog } from './catalog.ts';
import { addFlags, writtenFlags } from './flags.ts';
import { equip } from './program.ts';
import type { Argument } from './verb.ts';
import { verbs } from './verbs.ts';

export interface Target {
  readonly entry: OptionsOfVerb;
  readonly settled: Settled;
  /** The options that were named; none stands for all. */
  readonly named: readonly NamedOption[];
}

/** The words of the `config` verbs, for their help. */
export const targetWords: readonly Argument[] = [
  { name: 'verb', help: 'the verb whose options are meant' },
  { name: 'rest', help: 'names of options, and flags as one would give them to the verb', optional: true, many: true },
];

/**
 * Reads the words after `config explain` and its sisters.
 *
 * @throws DIPTYCH_VERB_UNKNOWN, DIPTYCH_FLAG_UNKNOWN, DIPTYCH_CONFIG_KEY, and what settling throws
 */
export async function readTarget(words: readonly string[]): Promise<Target> {
  const entry = entryOf(words);
  const rest = words.slice(entry.verb.split(' ').length);
  const command = equip(new Command(`diptych ${entry.verb}`))
    .argument('[names...]')
    .helpOption(false);
  addFlags(command, entry.schema, entry.presets);
  command.parse(rest, { from: 'user' });
  const named = command.args.map((name) => optionOf(entry, name));
  return { entry, named, settled: await settleWritten(entry, writtenFlags(command, entry.schema), process.env) };
}

function entryOf(words: readonly string[]): OptionsOfVerb {
  const names = [words.slice(0, 2).join(' '), words[0]];
  const entry = names.map((name) => catalog.find(({ verb }) => verb === name)).find((found) => found !== undefined);
  if (entry) return entry;
  const plain = verbs.find(({ name }) => names.includes(name));
  if (plain) return { verb: plain.name, schema: defineSchema({}), presets: [] };
  const known = [...catalog.map(({ verb }) => verb), ...verbs.map(({ name }) => name)];
  throw new DiptychError('DIPTYCH_VERB_UNKNOWN', { verb: words[0], suggestions: suggest(words[0], known) });
}

/** An option by any of its names: dotted, short or long flag. */
function optionOf({ verb, schema }: OptionsOfVerb, name: string): NamedOption {
  const found = schema.options.find(({ name: dotted, flag, short }) => [dotted, flag, short].includes(name));
  if (found) return found;
  const known = schema.options.map((option) => option.name);
  throw new DiptychError('DIPTYCH_CONFIG_KEY', { place: verb, key: name, suggestions: suggest(name, known) });
}

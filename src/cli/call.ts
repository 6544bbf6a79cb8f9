/** @file From a called verb to its outcome: words and flags are read, values settled, the work done. */
import type { Command } from 'commander';
import { z } from 'zod';
import type { Members } from '../config/option.ts';
import { valuesIn } from '../config/recorded.ts';
import { type Layers, type Settled, settle, valuesOf } from '../config/resolve.ts';
import { suggest } from '../config/suggest.ts';
import { meant } from '../errors/meant.ts';
import { readJson } from '../files/json.ts';
import { addFlags, termOf, type Written, writtenFlags } from './flags.ts';
import { chooseProgress } from './progress/choose.ts';
import type { Outcome, Verb } from './verb.ts';

type Environment = NonNullable<Layers['environment']>;

/** Gives the command of a verb its words and flags. */
export function fillCommand(command: Command, { words = [], schema, presets = [], takesAll }: Verb): void {
  for (const { name, help, optional, many } of words) {
    const shown = `${name}${many ? '...' : ''}`;
    command.argument(optional ? `[${shown}]` : `<${shown}>`, help);
  }
  command.configureHelp({ ...command.configureHelp(), optionTerm: termOf });
  addFlags(command, schema, presets);
  if (takesAll) command.allowUnknownOption().allowExcessArguments();
  else if (schema.options.length > 0) {
    command.addHelpText(
      'after',
      '\nEvery option is a key of --config and a variable DIPTYCH_…, too: see docs/options.md.',
    );
  }
}

/** Reads a configuration file, or the record of a run; the keys are checked when they are laid over the defaults. */
async function readConfig(path: string): Promise<{ path: string; content: unknown }> {
  return { path, content: valuesIn(await readJson(path, z.record(z.string(), z.unknown()))) };
}

/**
 * Settles the options of a verb from what was written.
 *
 * @throws DIPTYCH_CONFIG_…, DIPTYCH_PRESET_UNKNOWN, DIPTYCH_FILE_…, DIPTYCH_JSON_…
 */
export async function settleWritten<M extends Members>(
  { schema, presets = [], standing }: Pick<Verb<M>, 'schema' | 'presets' | 'standing'>,
  { flags, preset, config }: Written,
  environment: Environment,
): Promise<Settled<M>> {
  const unwritten = config === undefined && preset === undefined;
  const file = unwritten ? await standing?.(flags) : config === undefined ? undefined : await readConfig(config);
  return settle(schema, { presets, preset, file, environment, flags });
}

/** How a verb is called: whether for a program, and what stops it. */
export interface Manner {
  readonly json: boolean;
  readonly signal: AbortSignal;
}

/** Calls a verb with what commander understood. */
export async function callVerb(verb: Verb, command: Command, { json, signal }: Manner): Promise<Outcome> {
  const progress = await chooseProgress(process.stderr, json);
  try {
    for (const note of await variableNotes(process.env)) progress.note(note);
    const settled = await settleWritten(verb, writtenFlags(command, verb.schema), process.env);
    const values = valuesOf(verb.schema, settled.settings);
    const print = (line: string): void => void (json ? process.stderr : process.stdout).write(`${line}\n`);
    return await verb.run({ values, settled, words: command.args, print, progress, signal });
  } finally {
    progress.finish();
  }
}

/** Variables of benchmarks and tests, which are no options of a verb. */
const developers = /^DIPTYCH_(BENCH_|COMPILED$|CRASH_|FUZZ_|PEER_)/;

/**
 * Notes about variables that begin with DIPTYCH_ and name no option. They are not refused: where services are linked
 * by variables (Kubernetes), one that is called diptych makes such variables by itself.
 */
async function variableNotes(environment: Environment): Promise<string[]> {
  const given = Object.keys(environment).filter((name) => name.startsWith('DIPTYCH_') && !developers.test(name));
  if (given.length === 0) return [];
  const { catalog } = await import('./catalog.ts');
  const known = catalog.flatMap(({ schema }) => schema.options.map(({ variable }) => variable));
  const strangers = given.filter((name) => !known.includes(name));
  return strangers.map((name) => `${name} names no option${meant(suggest(name, known))}`);
}

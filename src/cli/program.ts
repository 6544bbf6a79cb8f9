/** @file The command line as commander sees it: every verb by name, and the called one with its words and flags. */
import { readFileSync } from 'node:fs';
import { Command, type CommanderError } from 'commander';
import { families, type VerbRow, verbs } from './verbs.ts';

/** Columns of the help, the same everywhere. */
const HELP_WIDTH = 110;

/** Version of this package. */
export function version(): string {
  const url = new URL('../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(url, 'utf8')) as { version: string }).version;
}

/**
 * Builds the program.
 *
 * @param prepare given each verb's command, so that the called one can be filled
 */
export function buildProgram(prepare: (row: VerbRow, command: Command) => void): Command {
  const program = new Command('diptych')
    .description('Trains, evaluates, indexes and searches image-text retrieval models.')
    .version(version(), '-V, --version', 'print the version')
    .option('--json', 'print one line of JSON on stdout and nothing else there')
    .option('--verbose', 'with an error, print the stack and what lies underneath')
    .helpCommand(false)
    .usage('<verb> [words] [--flags]')
    .commandsGroup('Verbs:')
    .addHelpText('after', '\nEach verb has a --help of its own. Options: docs/options.md; errors: docs/errors.md.');
  equip(program);
  const parents = new Map<string, Command>();
  for (const row of verbs) {
    const [first, second] = row.name.split(' ');
    const command = equip(new Command(second ?? first).description(row.summary));
    prepare(row, command);
    if (second === undefined) program.addCommand(command);
    else parentOf(first).addCommand(command);
  }
  return program;

  function parentOf(name: string): Command {
    const known = parents.get(name);
    if (known) return known;
    const parent = equip(
      new Command(name).description(families[name]).helpCommand(false).usage('<verb>').commandsGroup('Verbs:'),
    );
    parents.set(name, parent);
    program.addCommand(parent);
    return parent;
  }
}

/** A command refused its words, or printed help instead of running: what and where, to be told in our own way. */
export class Refusal extends Error {
  readonly reason: CommanderError;
  readonly command: Command;

  constructor(reason: CommanderError, command: Command) {
    super(reason.message);
    this.reason = reason;
    this.command = command;
  }
}

/** What holds for every command: its help, and its refusals told by us. */
export function equip(command: Command): Command {
  command.configureOutput({ outputError() {} });
  command.configureHelp({ helpWidth: HELP_WIDTH, showGlobalOptions: true, subcommandTerm: (inner) => inner.name() });
  return command.exitOverride((error) => {
    throw new Refusal(error, command);
  });
}

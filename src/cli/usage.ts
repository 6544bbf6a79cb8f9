/** @file What commander refuses, as coded errors with suggestions of our own. */
import type { Command, CommanderError } from 'commander';
import { suggest } from '../config/suggest.ts';
import { DiptychError } from '../errors/error.ts';

/**
 * The coded error for what a command refused. Undefined when nothing went wrong: help or the version was asked for.
 *
 * @param command the command that refused
 */
export function usageError(error: CommanderError, command: Command): DiptychError | undefined {
  const verb = nameOf(command);
  const quoted = /'([^']*)'/.exec(error.message)?.[1] ?? '';
  switch (error.code) {
    case 'commander.help':
    case 'commander.helpDisplayed':
    case 'commander.version':
      return undefined;
    case 'commander.unknownCommand': {
      const known = command.commands.map((inner) => inner.name());
      const wanted = [...(command.parent ? [verb.replace(/^diptych /, '')] : []), quoted].join(' ');
      return new DiptychError('DIPTYCH_VERB_UNKNOWN', { verb: wanted, suggestions: suggest(quoted, known) });
    }
    case 'commander.unknownOption': {
      const flag = quoted.replace(/=.*$/, '');
      return new DiptychError('DIPTYCH_FLAG_UNKNOWN', { verb, flag, suggestions: suggest(flag, knownFlags(command)) });
    }
    case 'commander.optionMissingArgument':
      return new DiptychError('DIPTYCH_FLAG_VALUE', { flag: quoted.replace(/[ ,].*$/, '') });
    case 'commander.missingArgument':
      return new DiptychError('DIPTYCH_ARGUMENT_MISSING', { verb, argument: quoted.toUpperCase() });
    case 'commander.excessArguments': {
      const words = command.args.slice(command.registeredArguments.length);
      return new DiptychError('DIPTYCH_ARGUMENT_EXCESS', { verb, words });
    }
    default:
      return new DiptychError('DIPTYCH_INTERNAL', { reason: error.message }, { cause: error });
  }
}

/** `diptych index create`. */
function nameOf(command: Command): string {
  return command.parent ? `${nameOf(command.parent)} ${command.name()}` : command.name();
}

/** The flags that the help shows: short forms, and long ones of options that have no other. */
function knownFlags(command: Command): string[] {
  const own = command.options.map(({ short, long }) => (short?.startsWith('--') ? short : long));
  const inherited = command.parent ? knownFlags(command.parent) : [];
  return [...new Set([...own.filter((flag) => flag !== undefined), ...inherited, '--help'])];
}

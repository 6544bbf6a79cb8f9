/** @file Errors of the command line: verbs, flags and words that are not known, benchmarks, and our own mistakes. */
import { entry } from './entry.ts';
import { meant } from './meant.ts';

/** Exit code of a command that was written wrongly. */
const usage = 2;

export const cliErrors = {
  DIPTYCH_VERB_UNKNOWN: entry<{ verb: string; suggestions: readonly string[] }>({
    message: ({ verb, suggestions }) => `there is no verb ${verb}${meant(suggestions)}`,
    why: 'The words after `diptych` are not one of its verbs.',
    cure: 'Run `diptych --help` for the list of verbs.',
    exit: usage,
  }),
  DIPTYCH_FLAG_UNKNOWN: entry<{ verb: string; flag: string; suggestions: readonly string[] }>({
    message: ({ verb, flag, suggestions }) => `${verb} has no flag ${flag}${meant(suggestions)}`,
    why: 'A flag is misspelt, belongs to another verb, stands before the verb, or is short for several options. It is refused rather than ignored.',
    cure: 'Run the verb with `--help` for its flags; `docs/options.md` lists them all.',
    exit: usage,
  }),
  DIPTYCH_FLAG_VALUE: entry<{ flag: string }>({
    message: ({ flag }) => `${flag} needs a value`,
    why: 'A flag that takes a value stands at the end of the command.',
    cure: 'Write the value after the flag, or as `--flag=value`.',
    exit: usage,
  }),
  DIPTYCH_ARGUMENT_MISSING: entry<{ verb: string; argument: string }>({
    message: ({ verb, argument }) => `${verb} needs ${argument}`,
    why: 'The verb was called without a word that it cannot do without.',
    cure: 'Run the verb with `--help` to see what it expects, and in which order.',
    exit: usage,
  }),
  DIPTYCH_ARGUMENT_EXCESS: entry<{ verb: string; words: readonly string[] }>({
    message: ({ verb, words }) => `${verb} does not know what to do with ${words.map((word) => `"${word}"`).join(' ')}`,
    why: 'More words were given than the verb takes; often a text of several words that is not in quotes.',
    cure: 'Put quotes around texts and paths with spaces, and take away what is too much.',
    exit: usage,
  }),
  DIPTYCH_BENCH_CHECKOUT: entry<{ folder: string }>({
    message: ({ folder }) => `${folder}: benchmarks run from a checkout of Diptych, and this is an installed package`,
    why: 'The benchmarks and what they compare with are not part of the published package.',
    cure: 'Clone the repository and run `npm run bench -- NAME` there.',
    exit: usage,
  }),
  DIPTYCH_BENCH_UNKNOWN: entry<{ name: string; known: readonly string[]; suggestions: readonly string[] }>({
    message: ({ name, known, suggestions }) =>
      `there is no benchmark ${name}${suggestions.length ? meant(suggestions) : `; there are ${known.join(', ') || 'none'}`}`,
    why: 'Benchmarks are the modules of the folder `bench` that stand directly in it.',
    cure: 'Take one of the names; `diptych bench` without a name lists them.',
    exit: usage,
  }),
  DIPTYCH_BENCH_RESULT: entry<{ name: string; problems: readonly string[] }>({
    message: ({ name, problems }) => `bench/${name}.ts: not the result of a benchmark (${problems.join('; ')})`,
    why: 'A benchmark exports `run()`, which gives name, ours, peer, ratio and unit. This one gave something else.',
    cure: 'Mend the benchmark.',
  }),
  DIPTYCH_INTERNAL: entry<{ reason: string }>({
    message: ({ reason }) => reason,
    why: 'Something failed that Diptych did not foresee: a mistake of ours, or of a library.',
    cure: 'Run the command again with --verbose and report what it prints. What was written before is whole.',
    exit: 70,
  }),
} as const;

/** @file One run of the command line: which verb, its outcome, what is printed, the exit code. */
import { listenForInterrupts } from './interrupts.ts';
import { buildProgram, type Refusal } from './program.ts';
import type { Outcome, Verb } from './verb.ts';
import { type VerbRow, verbOf } from './verbs.ts';

/** Exit code where a verb was missing and help was printed instead. */
const HELP_INSTEAD = 2;

/**
 * Runs a command.
 *
 * @param argv the words after `diptych`
 * @returns the exit code: 0, that of the error (docs/errors.md), 130 after SIGINT, 143 after SIGTERM
 */
export async function runCommand(argv: readonly string[]): Promise<number> {
  const words = argv[0] === 'help' ? [...argv.slice(1), '--help'] : argv;
  const json = words.includes('--json');
  const row = verbOf(words);
  let saves = false;
  const interrupts = listenForInterrupts(() => saves);
  try {
    const verb = await row?.load();
    saves = verb?.saves ?? false;
    const outcome = await perform(words, { json, row, verb, signal: interrupts.signal });
    if (json && outcome) await write(process.stdout, `${JSON.stringify(outcome.json)}\n`);
    return interrupts.code() ?? outcome?.exit ?? 0;
  } catch (error) {
    return await tellFailure(error, words, interrupts.code());
  } finally {
    interrupts.release();
  }
}

/**
 * Tells what went wrong, and gives the exit code.
 *
 * @param signalCode exit code of the signal that came before, if one did
 */
export async function tellFailure(error: unknown, words: readonly string[], signalCode?: number): Promise<number> {
  const { codedError, describeFailure, failureJson, isForeseen } = await import('./failure.ts');
  const coded = codedError(error);
  if (coded === undefined) return (error as Refusal).reason.exitCode === 0 ? 0 : HELP_INSTEAD;
  // Work that was asked to stop may end by any error; only a foreseen one has something to say.
  if (signalCode !== undefined && !isForeseen(error)) return signalCode;
  await write(process.stderr, `${describeFailure(coded, words.includes('--verbose'))}\n`);
  if (words.includes('--json')) await write(process.stdout, `${JSON.stringify(failureJson(coded))}\n`);
  return signalCode ?? coded.exit;
}

interface Task {
  readonly json: boolean;
  readonly row: VerbRow | undefined;
  readonly verb: Verb | undefined;
  readonly signal: AbortSignal;
}

/** Parses the words and calls the verb; without one there is only help to print, or a refusal. */
async function perform(words: readonly string[], { json, row, verb, signal }: Task): Promise<Outcome | undefined> {
  const called = verb && { verb, ...(await import('./call.ts')) };
  let outcome: Outcome | undefined;
  const program = buildProgram((each, command) => {
    if (!called || each !== row) return;
    called.fillCommand(command, called.verb);
    command.action(async () => {
      outcome = await called.callVerb(called.verb, command, { json, signal });
    });
  });
  await program.parseAsync(words, { from: 'user' });
  return outcome;
}

/** Writes and waits until it is handed over, so that ending the process loses nothing. */
function write(stream: NodeJS.WriteStream, text: string): Promise<void> {
  return new Promise((resolve) => stream.write(text, () => resolve()));
}

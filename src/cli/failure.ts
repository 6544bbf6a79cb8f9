/** @file How an error is told: code, place and cause, cure; the stack and what lies underneath with --verbose. */
import { DiptychError, isDiptychError } from '../errors/error.ts';
import { Refusal } from './program.ts';
import { usageError } from './usage.ts';

/** Whether an error says itself what is to be done. */
export function isForeseen(error: unknown): boolean {
  return error instanceof Refusal || isDiptychError(error);
}

/**
 * Any failure as a coded error; what nobody foresaw becomes DIPTYCH_INTERNAL with its cause. Undefined if nothing went
 * wrong: help or the version was printed.
 */
export function codedError(error: unknown): DiptychError | undefined {
  if (error instanceof Refusal) return usageError(error.reason, error.command);
  if (isDiptychError(error)) return error;
  const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new DiptychError('DIPTYCH_INTERNAL', { reason }, { cause: error });
}

/** The lines for people. */
export function describeFailure(error: DiptychError, verbose: boolean): string {
  const lines = [`${error.code}: ${error.message}`, `  ${error.cure}`];
  if (verbose) for (const inner of chainOf(error)) lines.push('', inner);
  return lines.join('\n');
}

/** Stacks of an error and of all that caused it, outermost first. */
function chainOf(error: unknown): string[] {
  const stacks: string[] = [];
  const seen = new Set<unknown>();
  for (let inner = error; inner !== undefined && !seen.has(inner); inner = causeOf(inner)) {
    seen.add(inner);
    const text = inner instanceof Error ? (inner.stack ?? String(inner)) : String(inner);
    stacks.push(stacks.length === 0 ? text : `caused by ${text}`);
  }
  return stacks;
}

function causeOf(error: unknown): unknown {
  return error instanceof Error ? error.cause : undefined;
}

/** What programs get on stdout with --json. */
export function failureJson(error: DiptychError): { error: { code: string; message: string; cure: string } } {
  return { error: { code: error.code, message: error.message, cure: error.cure } };
}

/** @file Ctrl-C and `kill` as a wish to stop, and the exit codes that tell of them. */

/** Exit codes of a command that a signal ended: 128 and the number of the signal. */
export const signalExits = { SIGINT: 130, SIGTERM: 143 } as const;

export type StopSignal = keyof typeof signalExits;

/** Exit code for an aborted signal whose reason is the name of one of both; as after Ctrl-C where it is none. */
export function exitOf(signal: AbortSignal): number {
  return Object.hasOwn(signalExits, String(signal.reason))
    ? signalExits[signal.reason as StopSignal]
    : signalExits.SIGINT;
}

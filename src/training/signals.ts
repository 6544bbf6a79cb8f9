/** @file Ctrl-C and `kill` as a wish to stop, whose reason is the name of the signal: the step is finished and saved. */

/** Exit codes of a command that a signal ended: 128 and the number of the signal. */
const signalExits = { SIGINT: 130, SIGTERM: 143 } as const;

type StopSignal = keyof typeof signalExits;

/** Exit code for an aborted signal; as after Ctrl-C when the reason is none of the two. */
export function exitOf(signal: AbortSignal): number {
  return Object.hasOwn(signalExits, String(signal.reason))
    ? signalExits[signal.reason as StopSignal]
    : signalExits.SIGINT;
}

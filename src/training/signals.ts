/** @file Ctrl-C and `kill` as a wish to stop: the step is finished and saved; a second one ends the process at once. */

/** Exit codes of a command that a signal ended: 128 and the number of the signal. */
export const signalExits = { SIGINT: 130, SIGTERM: 143 } as const;

export type StopSignal = keyof typeof signalExits;

/** A wish to stop, `signal.reason` says which signal it came from. */
export interface Stop {
  readonly signal: AbortSignal;
  /** Gives the signals back to the process. */
  release(): void;
}

/** @param onStop called at the first signal, to say that the step is being finished */
export function stopOnSignals(onStop: (signal: StopSignal) => void): Stop {
  const controller = new AbortController();
  const listener = (name: NodeJS.Signals) => {
    const signal = name as StopSignal;
    if (controller.signal.aborted) process.exit(signalExits[signal]);
    onStop(signal);
    controller.abort(signal);
  };
  const names = Object.keys(signalExits) as StopSignal[];
  for (const name of names) process.on(name, listener);
  return {
    signal: controller.signal,
    release() {
      for (const name of names) process.off(name, listener);
    },
  };
}

/** Exit code for an aborted signal; as after Ctrl-C when the reason is none of the two. */
export function exitOf(signal: AbortSignal): number {
  return Object.hasOwn(signalExits, String(signal.reason))
    ? signalExits[signal.reason as StopSignal]
    : signalExits.SIGINT;
}

/** @file SIGINT and SIGTERM: the first asks, the second ends at once; the exit code says which it was. */
import { type StopSignal, signalExits } from '../system/signals.ts';

export interface Interrupts {
  /** Aborted by the first signal. */
  readonly signal: AbortSignal;
  /** Exit code of the signal that came, if one did. */
  code(): number | undefined;
  /** Stops listening. */
  release(): void;
}

/**
 * Listens for signals.
 *
 * @param saves whether the work at hand finishes and saves when asked; if not, the first signal ends the process
 */
export function listenForInterrupts(saves: () => boolean): Interrupts {
  const controller = new AbortController();
  let code: number | undefined;
  const onSignal = (name: NodeJS.Signals): void => {
    const first = code === undefined;
    code = signalExits[name as StopSignal];
    if (!first || !saves()) process.exit(code);
    process.stderr.write(`${name}: finishing and saving; once more ends at once\n`);
    controller.abort();
  };
  const names = Object.keys(signalExits) as StopSignal[];
  for (const name of names) process.on(name, onSignal);
  return {
    signal: controller.signal,
    code: () => code,
    release() {
      for (const name of names) process.off(name, onSignal);
    },
  };
}

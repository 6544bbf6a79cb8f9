/**
 * @file One process kept running: started when it is first needed, again when it dies, ended when it is not needed.
 *
 *   unloaded --get--> loading --> ready --dies after having served--> loading
 *                        ^  \        \--dies before, or cannot load--> waiting --a while, doubled each time--> loading
 */
import type { LoadGate } from './load-gate.ts';
import { unavailable } from './unavailable.ts';

/** A process as it is seen from here. */
export interface Supervised {
  readonly pid: number | undefined;
  /** Why it ended, once it has. */
  readonly ended: Promise<string>;
  stop(): Promise<void>;
}

export interface SupervisorOptions<P extends Supervised> {
  /** What errors call it. */
  readonly name: string;
  /** Starts a process and waits until it is ready; the signal ends it before that. */
  readonly start: (signal: AbortSignal) => Promise<P>;
  readonly gate: LoadGate;
  readonly loadTimeoutMs: number;
  readonly loaded: (loadMs: number) => void;
  readonly died: (reason: string) => void;
  readonly unloaded: () => void;
}

type Phase<P> =
  | { readonly kind: 'unloaded' | 'closed' }
  | { readonly kind: 'loading'; readonly process: Promise<P>; readonly abort: AbortController }
  | { readonly kind: 'ready'; readonly process: P }
  | { readonly kind: 'waiting'; readonly until: number; readonly timer: NodeJS.Timeout; readonly reason: string };

/** Milliseconds before the second try; then twice as long each time. */
const FIRST_WAIT = 250;
const LONGEST_WAIT = 30_000;

export class Supervisor<P extends Supervised> {
  readonly #options: SupervisorOptions<P>;
  #phase: Phase<P> = { kind: 'unloaded' };
  /** Deaths and failed loads since something was served. */
  #failures = 0;
  #deaths = 0;
  /** Why a process is being killed, where it is by us. */
  #killing: string | undefined;

  constructor(options: SupervisorOptions<P>) {
    this.#options = options;
  }

  get status(): Phase<P>['kind'] {
    return this.#phase.kind;
  }

  get pid(): number | undefined {
    return this.#phase.kind === 'ready' ? this.#phase.process.pid : undefined;
  }

  /** Processes that ended without being told to, failed loads included. */
  get deaths(): number {
    return this.#deaths;
  }

  /**
   * The process. Whoever asks while it loads waits for it; whoever asks while it waits after a failure is refused at once.
   *
   * @throws DIPTYCH_SERVING_UNAVAILABLE; what starting it throws
   */
  get(): Promise<P> {
    const phase = this.#phase;
    switch (phase.kind) {
      case 'ready':
      case 'loading':
        return Promise.resolve(phase.process);
      case 'unloaded':
        return this.#load();
      case 'waiting':
        return Promise.reject(unavailable(this.#options.name, phase.reason, phase.until - performance.now()));
      case 'closed':
        return Promise.reject(unavailable(this.#options.name, 'it is closed'));
    }
  }

  /** To be called when the process has done something: its next death is followed by a new process at once. */
  served(): void {
    this.#failures = 0;
  }

  /** Ends a process that is stuck; another follows. */
  async kill(process: P, reason: string): Promise<void> {
    if (this.#phase.kind !== 'ready' || this.#phase.process !== process) return;
    this.#killing = reason;
    await process.stop();
  }

  /** Ends the process, if there is one, until it is needed again. */
  async unload(): Promise<void> {
    if (this.#phase.kind === 'closed') return;
    await this.#leave({ kind: 'unloaded' });
  }

  /** Ends it for good. */
  async close(): Promise<void> {
    await this.#leave({ kind: 'closed' });
  }

  async #leave(next: Phase<P>): Promise<void> {
    const phase = this.#phase;
    this.#phase = next;
    if (phase.kind === 'waiting') clearTimeout(phase.timer);
    if (phase.kind === 'loading') phase.abort.abort('it was told to end');
    if (phase.kind === 'loading' || phase.kind === 'ready') {
      const process = await Promise.resolve(phase.process).catch(() => undefined);
      await process?.stop();
      this.#options.unloaded();
    }
  }

  #load(): Promise<P> {
    const { gate, loadTimeoutMs, start, name } = this.#options;
    const abort = new AbortController();
    const process = gate.run(async () => {
      const since = performance.now();
      const late = (): void => abort.abort(`it was not loaded within ${loadTimeoutMs} ms`);
      const timer = setTimeout(late, loadTimeoutMs);
      try {
        abort.signal.throwIfAborted();
        const started = await start(abort.signal);
        if (!abort.signal.aborted) this.#options.loaded(performance.now() - since);
        return started;
      } catch (error) {
        throw abort.signal.aborted ? unavailable(name, String(abort.signal.reason)) : error;
      } finally {
        clearTimeout(timer);
      }
    });
    const phase: Phase<P> = { kind: 'loading', process, abort };
    this.#phase = phase;
    process.then(
      (started) => {
        if (this.#phase !== phase) return;
        this.#phase = { kind: 'ready', process: started };
        void started.ended.then((reason) => this.#bury(started, reason));
      },
      (error: Error) => {
        if (this.#phase === phase) this.#fail(error.message, false);
      },
    );
    return process;
  }

  #bury(process: P, ending: string): void {
    if (this.#phase.kind !== 'ready' || this.#phase.process !== process) return;
    const reason = this.#killing ?? `its process ended: ${ending}`;
    this.#killing = undefined;
    this.#fail(reason, this.#failures === 0);
  }

  #fail(reason: string, again: boolean): void {
    this.#deaths++;
    this.#options.died(reason);
    const wait = again ? 0 : Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** Math.max(0, this.#failures - 1));
    this.#failures++;
    // The failure is told to those who wait for this load; a new one is seen by those who ask from now on.
    if (wait === 0) void this.#load().catch(() => {});
    else {
      const timer = setTimeout(() => void this.#load().catch(() => {}), wait).unref();
      this.#phase = { kind: 'waiting', until: performance.now() + wait, timer, reason };
    }
  }
}

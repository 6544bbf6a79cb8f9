/** @file A child process that answers requests, with coded errors carried across; what `thread.ts` is for threads. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { DiptychError, isDiptychError } from '../errors/error.ts';
import type { ErrorCode, FieldsOf } from '../errors/registry.ts';
import type { Entry } from './entry.ts';

/** A message to the child: the first, with id 0, is what it is set up with. */
interface Question {
  readonly id: number;
  readonly request: unknown;
}

interface Reply {
  readonly id: number;
  readonly answer?: unknown;
  readonly coded?: { readonly code: ErrorCode; readonly fields: FieldsOf<ErrorCode> };
}

interface Waiting {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: unknown) => void;
}

export interface Started<Request, Greeting> {
  readonly child: Child<Request>;
  /** What it said when it was ready. */
  readonly greeting: Greeting;
}

/** The side that asks. */
export class Child<Request> {
  /** Why the process ended, once it has. */
  readonly ended: Promise<string>;
  readonly #process: ChildProcess;
  readonly #died: (reason: string) => Error;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 0;
  #gone: string | undefined;

  private constructor(entry: Entry, died: (reason: string) => Error) {
    this.#died = died;
    this.#process = fork(entry.url, {
      execArgv: entry.execArgv,
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.#process.on('message', (reply: Reply) => this.#settle(reply));
    this.ended = new Promise((resolve) => {
      const end = (reason: string): void => {
        this.#lose(reason);
        resolve(reason);
      };
      this.#process.on('exit', (code, signal) => end(signal ?? `exit code ${code}`));
      this.#process.on('error', (cause) => end(cause.message));
    });
  }

  /**
   * Starts a process and waits until it is ready.
   *
   * @param entry a module that calls `serveChild`, from `entryPoint`
   * @param setup plain data
   * @param died the error of whatever was asked of a process that ended
   * @param signal ends a process that is still getting ready
   * @throws what its setting up throws, and what `died` makes
   */
  static async start<Request, Greeting>(
    entry: Entry,
    setup: unknown,
    died: (reason: string) => Error,
    signal?: AbortSignal,
  ): Promise<Started<Request, Greeting>> {
    const child = new Child<Request>(entry, died);
    const kill = (): void => void child.stop();
    signal?.addEventListener('abort', kill);
    if (signal?.aborted) kill();
    try {
      return { child, greeting: await child.#ask<Greeting>(setup) };
    } catch (error) {
      await child.stop();
      throw error;
    } finally {
      signal?.removeEventListener('abort', kill);
    }
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** How many requests it has. */
  get held(): number {
    return this.#waiting.size;
  }

  /** @throws what the child throws with a code; what `died` makes if it ends first */
  ask<Answer>(request: Request): Promise<Answer> {
    return this.#ask(request);
  }

  /** Ends the process and waits until it has gone. */
  async stop(): Promise<void> {
    if (this.#gone !== undefined) return;
    const gone = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await gone;
  }

  #ask<Answer>(request: unknown): Promise<Answer> {
    if (this.#gone !== undefined) return Promise.reject(this.#died(this.#gone));
    return new Promise((resolve, reject) => {
      const id = this.#nextId++;
      this.#waiting.set(id, { resolve: resolve as Waiting['resolve'], reject });
      this.#process.send({ id, request } satisfies Question, (error) => {
        // A process that cannot be written to is gone, or will be: its end tells the others.
        if (error === null || !this.#waiting.delete(id)) return;
        reject(this.#died(error.message));
      });
    });
  }

  #settle({ id, answer, coded }: Reply): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (coded) waiting?.reject(new DiptychError(coded.code, coded.fields));
    else waiting?.resolve(answer);
  }

  #lose(reason: string): void {
    this.#gone ??= reason;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of waiting) reject(this.#died(reason));
  }
}

/** What a child is once it is set up. */
export interface Ready<Request> {
  readonly greeting: unknown;
  /** Called as requests arrive, also before those before are answered: whoever wants them in turn keeps a queue. */
  handle(request: Request): Promise<unknown>;
}

/**
 * The side that answers: call it once in the module of the process. An error without a code is a mistake of ours, and ends
 * the process.
 */
export function serveChild<Setup, Request>(setUp: (setup: Setup) => Promise<Ready<Request>>): void {
  // An interrupt from the terminal reaches every process of the group; the parent decides what happens then.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => {});
  process.on('disconnect', () => process.exit());
  process.once('message', async ({ id, request }: Question) => {
    const ready = await attempt(id, () => setUp(request as Setup));
    if (ready === undefined) return;
    process.on('message', async (question: Question) => {
      const answered = await attempt(question.id, async () => ({
        answer: await ready.handle(question.request as Request),
      }));
      if (answered) send({ id: question.id, ...answered });
    });
    send({ id, answer: ready.greeting });
  });
}

/** What something gives, or undefined after its coded error was sent. */
async function attempt<T>(id: number, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!isDiptychError(error)) throw error;
    send({ id, coded: { code: error.code, fields: error.fields } });
    return undefined;
  }
}

function send(reply: Reply): void {
  process.send?.(reply);
}

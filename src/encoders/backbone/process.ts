/** @file One process that runs a backbone, as seen by the one that asks. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { DiptychError } from '../../errors/error.ts';
import { entryPoint } from '../../system/entry.ts';
import type { FeatureShape } from './backbone.ts';
import type { Answer, Encoded, Failure, Job, Picture, Setup } from './protocol.ts';

interface Held {
  readonly resolve: (results: Encoded[]) => void;
  readonly reject: (error: unknown) => void;
}

export class BackboneProcess {
  readonly shape: FeatureShape;
  readonly #child: ChildProcess;
  readonly #model: string;
  readonly #jobs = new Map<number, Held>();
  #nextId = 0;

  private constructor(child: ChildProcess, model: string, shape: FeatureShape) {
    this.#child = child;
    this.#model = model;
    this.shape = shape;
    child.on('message', (answer: Answer) => this.#receive(answer));
    child.on('exit', (code, signal) => this.#lose(died(model, code, signal)));
  }

  /**
   * Starts a process and waits until it has loaded the backbone.
   *
   * @throws what `Backbone.load` throws; DIPTYCH_BACKBONE_DIED
   */
  static async start(setup: Setup): Promise<BackboneProcess> {
    const { url, execArgv } = entryPoint(import.meta.url, './child');
    const child = fork(url, {
      execArgv,
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const { model } = setup.file;
    const shape = await new Promise<FeatureShape>((resolve, reject) => {
      child.once('exit', (code, signal) => reject(died(model, code, signal)));
      child.once('error', (cause) => reject(died(model, cause.message, null)));
      child.once('message', (answer: Answer) => {
        if (answer.kind === 'ready') resolve(answer.shape);
        else if (answer.kind === 'failed') reject(revive(answer.failure));
      });
      child.send(setup);
    }).catch((error) => {
      child.kill('SIGKILL');
      throw error;
    });
    return new BackboneProcess(child, model, shape);
  }

  /** How many jobs it has. */
  get held(): number {
    return this.#jobs.size;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** @throws DIPTYCH_BACKBONE_DIED if the process ends before the job is done; what the job failed with */
  encode(pictures: readonly Picture[], destination?: string): Promise<Encoded[]> {
    return new Promise((resolve, reject) => {
      const id = this.#nextId++;
      this.#jobs.set(id, { resolve, reject });
      const job: Job = { id, pictures, destination };
      this.#child.send(job, (error) => {
        if (error !== null) this.#lose(died(this.#model, error.message, null));
      });
    });
  }

  /** Ends the process and waits until it has gone. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
  }

  #receive(answer: Answer): void {
    if (answer.kind === 'ready' || answer.id === undefined) return;
    const held = this.#jobs.get(answer.id);
    this.#jobs.delete(answer.id);
    if (answer.kind === 'encoded') held?.resolve([...answer.results]);
    else held?.reject(revive(answer.failure));
  }

  #lose(error: DiptychError): void {
    const held = [...this.#jobs.values()];
    this.#jobs.clear();
    for (const { reject } of held) reject(error);
  }
}

function revive({ code, fields }: Failure): DiptychError {
  return new DiptychError(code, fields);
}

function died(path: string, code: number | string | null, signal: NodeJS.Signals | null): DiptychError {
  return new DiptychError('DIPTYCH_BACKBONE_DIED', { path, reason: signal ?? `exit code ${code}` });
}

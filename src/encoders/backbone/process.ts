/** @file One process that runs a backbone, as seen by the one that asks. */
import { DiptychError } from '../../errors/error.ts';
import { Child } from '../../system/child.ts';
import { entryPoint } from '../../system/entry.ts';
import type { FeatureShape } from './backbone.ts';
import type { Encoded, Job, Picture, Setup } from './protocol.ts';

export class BackboneProcess {
  readonly shape: FeatureShape;
  readonly #child: Child<Job>;

  private constructor(child: Child<Job>, shape: FeatureShape) {
    this.#child = child;
    this.shape = shape;
  }

  /**
   * Starts a process and waits until it has loaded the backbone.
   *
   * @param signal ends it before that
   * @throws what `Backbone.load` throws; DIPTYCH_BACKBONE_DIED
   */
  static async start(setup: Setup, signal?: AbortSignal): Promise<BackboneProcess> {
    const died = (reason: string) => new DiptychError('DIPTYCH_BACKBONE_DIED', { path: setup.file.model, reason });
    const entry = entryPoint(import.meta.url, './child');
    const { child, greeting } = await Child.start<Job, FeatureShape>(entry, setup, died, signal);
    return new BackboneProcess(child, greeting);
  }

  /** How many jobs it has. */
  get held(): number {
    return this.#child.held;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Why the process ended, once it has. */
  get ended(): Promise<string> {
    return this.#child.ended;
  }

  /** @throws DIPTYCH_BACKBONE_DIED if the process ends before the job is done; what the job failed with */
  encode(pictures: readonly Picture[], destination?: string): Promise<Encoded[]> {
    return this.#child.ask({ pictures, destination });
  }

  /** Ends the process and waits until it has gone. */
  stop(): Promise<void> {
    return this.#child.stop();
  }
}

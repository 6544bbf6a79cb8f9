/** @file The process that reads pictures, as the service sees it: started when needed, ended when stuck or idle, started again. */
import { DiptychError } from '../../errors/error.ts';
import { Child } from '../../system/child.ts';
import { entryPoint } from '../../system/entry.ts';
import { Slots } from '../limits/slots.ts';
import type { Inspected, WorkshopRequest, WorkshopSetup } from './protocol.ts';

/** A picture that takes longer than this has caught the decoder in something. */
const STUCK_MS = 20_000;
/** Pictures that are read side by side; each may fill its pixels' worth of memory. */
const AT_ONCE = 4;

export class Workshop {
  readonly #setup: WorkshopSetup;
  #child: Promise<Child<WorkshopRequest>> | undefined;
  readonly #slots = new Slots(AT_ONCE, Number.POSITIVE_INFINITY);
  #closed = false;

  /** @param setup what is refused before it is decoded */
  constructor(setup: WorkshopSetup) {
    this.#setup = setup;
  }

  /** A small WebP of a picture file. @throws DIPTYCH_IMAGE_UNREADABLE, DIPTYCH_IMAGE_TOO_LARGE, DIPTYCH_SERVER_WORKSHOP */
  thumbnail(path: string, size: number): Promise<Uint8Array> {
    return this.#ask({ kind: 'thumbnail', path, size });
  }

  /** What a picture is. @throws as `thumbnail` */
  inspect(bytes: Uint8Array): Promise<Inspected> {
    return this.#ask({ kind: 'inspect', bytes });
  }

  get waiting(): number {
    return this.#slots.waiting;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await (await this.#child?.catch(() => undefined))?.stop();
  }

  #ask<Answer>(request: WorkshopRequest): Promise<Answer> {
    return this.#slots.run(() => this.#askChild(request));
  }

  async #askChild<Answer>(request: WorkshopRequest): Promise<Answer> {
    const child = await this.#running();
    const stuck = setTimeout(() => void child.stop(), STUCK_MS);
    try {
      return await child.ask<Answer>(request);
    } finally {
      clearTimeout(stuck);
    }
  }

  #running(): Promise<Child<WorkshopRequest>> {
    if (this.#closed) return Promise.reject(ended('the service is stopping'));
    if (this.#child === undefined) {
      const starting = Child.start<WorkshopRequest, undefined>(
        entryPoint(import.meta.url, './child'),
        this.#setup,
        ended,
      );
      const child = starting.then(({ child }) => child);
      const forget = (): void => {
        if (this.#child === child) this.#child = undefined;
      };
      child.then(({ ended }) => ended.then(forget), forget);
      this.#child = child;
    }
    return this.#child;
  }
}

function ended(reason: string): DiptychError {
  return new DiptychError('DIPTYCH_SERVER_WORKSHOP', { reason });
}

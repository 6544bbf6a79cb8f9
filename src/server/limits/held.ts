/** @file Bytes that are held for requests, in their bodies and in pictures fetched for them: counted together, given back with each request. */
import { DiptychError } from '../../errors/error.ts';

/** What is held for one request. */
export interface Held {
  /** Counts bytes. @throws DIPTYCH_SERVER_BUSY if all requests hold too many then, DIPTYCH_SERVER_GONE after `end` */
  take(bytes: number): void;
  /** Gives bytes back that are no longer held; after `end` there are none. */
  give(bytes: number): void;
  /** Gives back all that is left. */
  end(): void;
}

/** What is held for all requests. */
export class HeldBytes {
  readonly #most: number;
  #bytes = 0;
  #requests = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** Begins a request, which holds nothing yet. */
  begin(): Held {
    let own = 0;
    let ended = false;
    const add = (bytes: number): void => {
      own += bytes;
      this.#bytes += bytes;
    };
    this.#requests++;
    return {
      take: (bytes) => {
        if (ended) throw new DiptychError('DIPTYCH_SERVER_GONE', {});
        if (this.#bytes + bytes > this.#most)
          throw new DiptychError('DIPTYCH_SERVER_BUSY', { waiting: this.#requests });
        add(bytes);
      },
      give: (bytes) => add(ended ? 0 : -bytes),
      end: () => {
        add(-own);
        ended = true;
        this.#requests--;
      },
    };
  }
}

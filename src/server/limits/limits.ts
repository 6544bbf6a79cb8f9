/** @file How much one request, and all requests together, may ask for and leave behind. */

export interface Limits {
  /** Bytes of a body. */
  readonly body: number;
  /** Bytes of all bodies, and of pictures fetched by URL, that are held at once. */
  readonly bodies: number;
  /** Pixels of a picture that is sent. */
  readonly pixels: number;
  /** Bytes of thumbnails that are kept on disk; 0 for none. */
  readonly thumbnails: number;
  /** Seconds until a request is given up. */
  readonly seconds: number;
  /** Requests that are worked on at once. */
  readonly concurrency: number;
  /** Requests that may wait for that. */
  readonly waiting: number;
  /** Readers of events of jobs and runs at once. */
  readonly readers: number;
  /** Requests a second of one caller, on average; 0 for no limit. */
  readonly rate: number;
  /** Requests that one caller may send at once, before the rate counts. */
  readonly burst: number;
  /** Results that can be paged through. */
  readonly depth: number;
}

export const defaultLimits: Limits = {
  body: 32 * 2 ** 20,
  bodies: 256 * 2 ** 20,
  pixels: 50e6,
  thumbnails: 2 ** 30,
  seconds: 30,
  concurrency: 64,
  waiting: 256,
  readers: 64,
  rate: 0,
  burst: 100,
  depth: 10_000,
};

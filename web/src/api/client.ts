/** @file Requests to the server: JSON, forms, problems, and one more try where the server asks for patience. The key is in a cookie. */
import { asProblem, isAbort, problemOf } from './problem.ts';

export interface Asking {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Sent as JSON, or as it is where it is a form. */
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
}

export interface Client {
  /** JSON of an answer. @throws Problem; AbortError */
  json<T>(path: string, asking?: Asking): Promise<T>;
  /** An answer as it is. @throws Problem; AbortError */
  answer(path: string, asking?: Asking): Promise<Response>;
}

export interface ClientOptions {
  /** Called with each answer 401. */
  readonly refused: () => void;
  readonly fetch?: typeof fetch;
  readonly wait?: (milliseconds: number) => Promise<void>;
}

/** How often a request is tried again that the server puts off (503), and the longest wait between, in seconds. */
const TRIES = 2;
const LONGEST = 5;

export function makeClient(options: ClientOptions): Client {
  const { refused } = options;
  const send = options.fetch ?? fetch;
  const wait = options.wait ?? ((ms) => new Promise((resolve) => setTimeout(resolve, ms)));

  async function answer(path: string, { method = 'GET', body, signal }: Asking = {}): Promise<Response> {
    const headers = new Headers({ accept: 'application/json' });
    const form = body instanceof FormData;
    if (body !== undefined && !form) headers.set('content-type', 'application/json');
    const init: RequestInit = {
      method,
      headers,
      ...(body !== undefined && { body: form ? body : JSON.stringify(body) }),
      ...(signal && { signal }),
    };
    for (let tries = 0; ; tries++) {
      const response = await send(path, init).catch((error: unknown) => {
        throw isAbort(error) ? error : asProblem(error);
      });
      if (response.ok) return response;
      const problem = await problemOf(response);
      if (problem.status === 401) refused();
      if (problem.status !== 503 || problem.retryAfter === undefined || tries === TRIES) throw problem;
      await wait(1000 * Math.min(problem.retryAfter, LONGEST));
      signal?.throwIfAborted();
    }
  }

  return {
    answer,
    async json<T>(path: string, asking?: Asking): Promise<T> {
      const response = await answer(path, asking);
      return (response.status === 204 ? undefined : await response.json()) as T;
    },
  };
}

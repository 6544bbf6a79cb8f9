/** @file Requests and answers: the key, JSON, forms, and problems as errors. */
import type { Problem } from '../server/schema/problem.ts';

/** What the service refused, by its stable code. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
  readonly status: number;
  /** Such as `DIPTYCH_SEARCH_ID`; `HTTP_502` where something between has answered. */
  readonly code: string;
  /** Seconds after which it is worth asking again, where the service says so. */
  readonly retryAfter: number | undefined;
  readonly problem: Problem | undefined;

  constructor(status: number, problem: Problem | undefined, retryAfter: number | undefined) {
    super(problem?.detail ?? `the service answered ${status}`);
    this.status = status;
    this.code = problem?.code ?? `HTTP_${status}`;
    this.problem = problem;
    this.retryAfter = retryAfter;
  }
}

/** What every call takes. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * An address of percent-encoded parts.
 *
 * @throws TypeError for a part with half of a surrogate pair, which no address can hold
 */
export function at(start: string, ...parts: readonly string[]): string {
  return [start, ...parts.map(encoded)].join('/');
}

function encoded(part: string): string {
  try {
    return encodeURIComponent(part);
  } catch (cause) {
    const reason = `no address can hold ${JSON.stringify(part)}, where half of a surrogate pair stands alone`;
    throw new TypeError(`${reason}: such items are found by search, and removed with deleteItems`, { cause });
  }
}

export interface Sent extends CallOptions {
  readonly json?: unknown;
  readonly form?: FormData | undefined;
  /** A list stands once for each of its values. */
  readonly query?: Readonly<Record<string, unknown>> | undefined;
}

export class Sender {
  readonly #url: string;
  readonly #key: string | undefined;
  readonly #fetch: (request: Request) => Promise<Response>;

  constructor({
    url,
    key,
    fetch: send = fetch,
  }: { url: string; key?: string | undefined; fetch?: ((request: Request) => Promise<Response>) | undefined }) {
    this.#url = url.replace(/\/+$/, '');
    this.#key = key;
    this.#fetch = send;
  }

  /** @throws ServiceError */
  async json<T>(method: string, path: string, sent: Sent): Promise<T> {
    return (await (await this.send(method, path, sent)).json()) as T;
  }

  /** @throws ServiceError */
  async blob(path: string, sent: Sent): Promise<Blob> {
    return (await this.send('GET', path, sent)).blob();
  }

  /** @throws ServiceError */
  async text(path: string, sent: Sent): Promise<string> {
    return (await this.send('GET', path, sent)).text();
  }

  /** @throws ServiceError */
  async send(method: string, path: string, { json, form, query, signal }: Sent): Promise<Response> {
    const url = new URL(this.#url + path);
    for (const [name, value] of Object.entries(query ?? {})) {
      for (const one of Array.isArray(value) ? value : [value]) {
        if (one !== undefined) url.searchParams.append(name, String(one));
      }
    }
    const headers = new Headers({ Accept: 'application/json' });
    if (this.#key !== undefined) headers.set('Authorization', `Bearer ${this.#key}`);
    if (json !== undefined) headers.set('Content-Type', 'application/json');
    const body = json === undefined ? form : JSON.stringify(json);
    const init: RequestInit = { method, headers, ...(body !== undefined && { body }), ...(signal && { signal }) };
    const response = await this.#fetch(new Request(url, init));
    if (response.ok) return response;
    const problem = (await response.json().catch(() => undefined)) as Problem | undefined;
    const wait = Number(response.headers.get('Retry-After') ?? Number.NaN);
    throw new ServiceError(response.status, problem, Number.isFinite(wait) ? wait : undefined);
  }
}

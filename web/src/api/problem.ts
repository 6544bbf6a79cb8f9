/** @file What goes wrong with a request, as one kind of error: the server's own words where it has some. */

/** The server does not answer at all. */
export const UNREACHABLE = 'UNREACHABLE';

/** Its message is what there is to say in a line: the detail, or the title where there is none. */
export class Problem extends Error {
  override readonly name = 'Problem';
  /** HTTP status; 0 where no answer came. */
  readonly status: number;
  /** Stable code, such as `DIPTYCH_FILTER_FIELD`. */
  readonly code: string;
  readonly title: string;
  /** What happened, with places and names. */
  readonly detail: string;
  /** What to do now; empty where the server does not say. */
  readonly cure: string;
  /** Seconds to wait before trying again, where the server says. */
  readonly retryAfter: number | undefined;

  constructor(fields: {
    status: number;
    code: string;
    title: string;
    detail?: string;
    cure?: string;
    retryAfter?: number;
  }) {
    super(fields.detail || fields.title);
    this.status = fields.status;
    this.code = fields.code;
    this.title = fields.title;
    this.detail = fields.detail ?? '';
    this.cure = fields.cure ?? '';
    this.retryAfter = fields.retryAfter;
  }
}

/** The problem that an answer tells of (RFC 9457), or one made of its status where it tells of none. */
export async function problemOf(response: Response): Promise<Problem> {
  const { status } = response;
  const body = await response.json().catch(() => undefined);
  const said: Record<string, unknown> = typeof body === 'object' && body !== null ? body : {};
  const text = (name: string): string | undefined => (typeof said[name] === 'string' ? said[name] : undefined);
  const wait = Number(response.headers.get('retry-after') ?? Number.NaN);
  return new Problem({
    status,
    code: text('code') ?? `HTTP_${status}`,
    title: text('title') ?? `The server answered ${status}.`,
    detail: text('detail') ?? '',
    cure: text('cure') ?? '',
    ...(Number.isFinite(wait) && { retryAfter: wait }),
  });
}

/** Anything thrown, as a problem. */
export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  // `fetch` rejects with a TypeError where it got no answer.
  if (error instanceof TypeError)
    return new Problem({
      status: 0,
      code: UNREACHABLE,
      title: 'The server does not answer.',
      detail: 'It may have been stopped, or the network is gone.',
      cure: 'Start it again with `diptych serve`; these pages go on where they were.',
    });
  return new Problem({ status: 0, code: 'PAGE', title: 'The page made a mistake.', detail: String(error) });
}

/** Whether an error only says that a request was given up. */
export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError';
}

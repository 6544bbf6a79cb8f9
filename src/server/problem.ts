/** @file Any failure as a problem of RFC 9457: which status a code has, and how much of it a caller is told. */
import { HTTPException } from 'hono/http-exception';
import { DiptychError, isDiptychError } from '../errors/error.ts';
import { type ErrorCode, registry } from '../errors/registry.ts';
import type { Problem } from './schema/problem.ts';

/** Statuses that a problem can have. */
export type ProblemStatus = 400 | 401 | 403 | 404 | 405 | 409 | 413 | 415 | 421 | 422 | 429 | 500 | 503 | 504;

/** Status of each code that a caller can be to blame for, or that says when to ask again. All others are ours: 500. */
const statuses: Readonly<Partial<Record<ErrorCode, ProblemStatus>>> = {
  DIPTYCH_SERVER_REQUEST: 400,
  DIPTYCH_SERVER_JSON: 400,
  DIPTYCH_SERVER_FORM: 400,
  DIPTYCH_SERVER_CURSOR: 409,
  DIPTYCH_SERVER_CONTENT_TYPE: 415,
  DIPTYCH_SERVER_ROUTE: 404,
  DIPTYCH_SERVER_INDEX_UNKNOWN: 404,
  DIPTYCH_SERVER_BUNDLE_UNKNOWN: 404,
  DIPTYCH_SERVER_ITEM_UNKNOWN: 404,
  DIPTYCH_SERVER_PICTURE_MISSING: 404,
  DIPTYCH_SERVER_ITEM_FIELD: 422,
  DIPTYCH_SERVER_JOB_UNKNOWN: 404,
  DIPTYCH_SERVER_JOB_FOLDER: 403,
  DIPTYCH_SERVER_RUN_UNKNOWN: 404,
  DIPTYCH_SERVER_RUN_STATE: 409,
  DIPTYCH_SERVER_RUN_START: 422,
  DIPTYCH_SERVER_RUN_LOOK: 404,
  DIPTYCH_SERVER_KEY_NEEDED: 401,
  DIPTYCH_SERVER_KEY_UNKNOWN: 401,
  DIPTYCH_SERVER_SCOPE: 403,
  DIPTYCH_SERVER_HOST: 421,
  DIPTYCH_SERVER_ORIGIN: 403,
  DIPTYCH_SERVER_BODY: 413,
  DIPTYCH_SERVER_BATCH: 413,
  DIPTYCH_SERVER_RATE: 429,
  DIPTYCH_SERVER_BUSY: 503,
  DIPTYCH_SERVER_READERS: 503,
  DIPTYCH_SERVER_TIMEOUT: 504,
  DIPTYCH_SERVER_GONE: 400,
  DIPTYCH_SERVER_SWITCHING: 503,
  DIPTYCH_SERVING_UNAVAILABLE: 503,
  DIPTYCH_SERVING_BUSY: 503,
  DIPTYCH_SERVER_URL: 422,
  DIPTYCH_SERVER_WORKSHOP: 503,
  DIPTYCH_SEARCH_QUERY: 422,
  DIPTYCH_SEARCH_ID: 404,
  DIPTYCH_SEARCH_CAPTIONS: 422,
  DIPTYCH_FILTER_SYNTAX: 400,
  DIPTYCH_FILTER_SHAPE: 400,
  DIPTYCH_FILTER_FIELD: 422,
  DIPTYCH_FILTER_EMPTY: 400,
  DIPTYCH_INDEX_VECTOR: 422,
  DIPTYCH_INDEX_METADATA: 422,
  DIPTYCH_INDEX_ID: 422,
  DIPTYCH_INDEX_LOCKED: 503,
  DIPTYCH_INDEX_OVERTAKEN: 503,
  DIPTYCH_IMAGE_UNREADABLE: 422,
  DIPTYCH_IMAGE_TOO_LARGE: 413,
  DIPTYCH_BUNDLE_FEATURES_ONLY: 422,
  DIPTYCH_CODER_BETA: 422,
};

/** Seconds after which it is worth asking again, of the codes that say so. */
const retryAfter: Readonly<Partial<Record<ErrorCode, number>>> = {
  DIPTYCH_SERVER_BUSY: 1,
  DIPTYCH_SERVER_READERS: 5,
  DIPTYCH_SERVER_SWITCHING: 2,
  DIPTYCH_SERVER_WORKSHOP: 1,
  DIPTYCH_INDEX_LOCKED: 5,
  DIPTYCH_INDEX_OVERTAKEN: 1,
};

/** A problem and the headers that belong to it. */
export interface Told {
  readonly status: ProblemStatus;
  readonly headers: Readonly<Record<string, string>>;
  readonly problem: Problem;
}

/** The status of a code. */
function statusOf(code: ErrorCode): ProblemStatus {
  return statuses[code] ?? 500;
}

/**
 * What a caller is told of a failure. Of failures of ours it is the code alone: messages name files of this machine.
 *
 * @param instance id of the request
 */
export function tell(error: unknown, instance: string): Told {
  const coded = codedError(error);
  const { code } = coded;
  const status = statusOf(code);
  const { why, cure } = registry[code];
  const detail = status === 500 ? why : sentence(coded.message);
  const errors = code === 'DIPTYCH_SERVER_REQUEST' ? { errors: fieldsOf(coded) } : {};
  const problem: Problem = {
    type: `urn:diptych:error:${code}`,
    title: why,
    status,
    detail,
    code,
    cure,
    instance,
    ...errors,
  };
  return { status, headers: headersOf(coded), problem };
}

function headersOf(error: DiptychError): Record<string, string> {
  const { code } = error;
  if (isDiptychError(error, 'DIPTYCH_SERVER_RATE')) return { 'Retry-After': String(error.fields.seconds) };
  if (isDiptychError(error, 'DIPTYCH_SERVING_UNAVAILABLE') || isDiptychError(error, 'DIPTYCH_SERVING_BUSY')) {
    return { 'Retry-After': String(error.fields.retrySeconds) };
  }
  const seconds = retryAfter[code];
  if (seconds !== undefined) return { 'Retry-After': String(seconds) };
  if (statusOf(code) === 401) return { 'WWW-Authenticate': 'Bearer realm="diptych"' };
  return {};
}

/** Any failure as a coded error. */
export function codedError(error: unknown): DiptychError {
  if (isDiptychError(error)) return error;
  if (error instanceof HTTPException && error.status === 415) {
    return new DiptychError('DIPTYCH_SERVER_CONTENT_TYPE', {});
  }
  if (error instanceof HTTPException && error.status === 400) {
    return new DiptychError('DIPTYCH_SERVER_JSON', { reason: 'it cannot be read' });
  }
  return new DiptychError('DIPTYCH_SERVER_INTERNAL', {}, { cause: error });
}

function sentence(text: string): string {
  return text === '' ? text : text[0].toUpperCase() + text.slice(1);
}

/** `query.text: too short` as path and message. */
function fieldsOf(error: DiptychError): { path: string; message: string }[] {
  const { problems } = (error as DiptychError<'DIPTYCH_SERVER_REQUEST'>).fields;
  return problems.map((problem) => {
    const colon = problem.indexOf(': ');
    return { path: problem.slice(0, Math.max(0, colon)), message: problem.slice(colon < 0 ? 0 : colon + 2) };
  });
}

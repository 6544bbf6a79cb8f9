/** @file Multipart requests: file parts by name, and the part `request` that holds JSON. */
import type { z } from 'zod';
import { DiptychError } from '../errors/error.ts';
import type { AppContext } from './env.ts';
import { check } from './validation.ts';

/** Parts of one request; a form of thousands is no form. */
const MOST_PARTS = 200;
/** What stands in every part, and in hardly any picture. */
const PART = 'form-data; name=';

export interface Form<T> {
  readonly request: T;
  /** In the order in which they were sent. */
  readonly files: readonly { readonly part: string; readonly file: File }[];
}

/** Whether the body is a form; if not it is JSON. @throws DIPTYCH_SERVER_CONTENT_TYPE */
export function isForm(c: AppContext): boolean {
  const type = c.req.header('Content-Type') ?? '';
  if (/^multipart\/form-data(;|$)/i.test(type)) return true;
  if (/^application\/json(;|$)/i.test(type)) return false;
  throw new DiptychError('DIPTYCH_SERVER_CONTENT_TYPE', {});
}

/** Reads a body of JSON. @throws DIPTYCH_SERVER_JSON, DIPTYCH_SERVER_REQUEST */
export async function readJsonBody<S extends z.ZodType>(c: AppContext, schema: S): Promise<z.output<S>> {
  return check(schema, parse(await c.req.text()));
}

/**
 * Reads a form.
 *
 * @param schema of the part `request`; an empty object where it is not there
 * @throws DIPTYCH_SERVER_FORM, DIPTYCH_SERVER_BATCH, DIPTYCH_SERVER_JSON, DIPTYCH_SERVER_REQUEST
 */
export async function readForm<S extends z.ZodType>(c: AppContext, schema: S): Promise<Form<z.output<S>>> {
  refuseManyParts(Buffer.from(await c.req.arrayBuffer()));
  const form = await c.req.formData().catch((cause) => {
    throw new DiptychError('DIPTYCH_SERVER_FORM', { reason: 'its parts cannot be told apart' }, { cause });
  });
  let request: unknown = {};
  const files: { part: string; file: File }[] = [];
  for (const [part, value] of form.entries()) {
    if (part === 'request') request = parse(typeof value === 'string' ? value : await value.text());
    else if (typeof value === 'string') {
      throw new DiptychError('DIPTYCH_SERVER_FORM', {
        reason: `the part "${part.slice(0, 64)}" is neither "request" nor a file`,
      });
    } else files.push({ part, file: value });
  }
  return { request: check(schema, request), files };
}

/** Before they are told apart, which for hundreds of thousands of them would stop the process for seconds. */
function refuseManyParts(body: Buffer): void {
  let count = 0;
  for (let at = body.indexOf(PART); at !== -1; at = body.indexOf(PART, at + PART.length)) {
    count++;
    if (count > MOST_PARTS) throw new DiptychError('DIPTYCH_SERVER_BATCH', { what: 'parts', count, limit: MOST_PARTS });
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new DiptychError('DIPTYCH_SERVER_JSON', { reason: (cause as Error).message.slice(0, 200) }, { cause });
  }
}

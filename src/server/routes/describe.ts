/** @file What routes share: how they are declared, and their answers described. */

import { OpenAPIHono } from '@hono/zod-openapi';
import type { z } from 'zod';
import type { AppEnv } from '../env.ts';
import { refusal } from '../validation.ts';

const places = {
  param: 'address:',
  query: 'query:',
  header: 'header:',
  cookie: 'cookie:',
  json: undefined,
  form: 'form:',
} as const;

/** An app for the routes of one resource. What zod refuses is thrown as a coded error. */
export function routesApp(): OpenAPIHono<AppEnv> {
  return new OpenAPIHono<AppEnv>({
    defaultHook(result) {
      if (!result.success) throw refusal(result.error, places[result.target as keyof typeof places]);
    },
  });
}

/** An answer of JSON. */
export function json<S extends z.ZodType>(schema: S, description: string) {
  return { description, content: { 'application/json': { schema } } };
}

/** An answer of server-sent events. */
export function eventStream<S extends z.ZodType>(schema: S) {
  return { description: 'the events', content: { 'text/event-stream': { schema } } };
}

/** The answer that is a small picture. */
export const thumbnail = {
  description: 'the picture',
  content: { 'image/webp': { schema: { type: 'string' as const, format: 'binary' } } },
};

/** A body of JSON. */
export function jsonBody<S extends z.ZodType>(schema: S) {
  return { required: true, content: { 'application/json': { schema } } } as const;
}

/**
 * A body of JSON, or a form whose part `request` holds JSON. These are read by `form.ts`, so they are described by the names
 * of their schemas, which the route registers.
 *
 * @param schema name of the schema of the body
 * @param upload name of the schema of the part `request`
 * @param file name of file parts
 */
export function jsonOrForm(schema: string, upload: string, file: string) {
  const reference = (name: string) => ({ $ref: `#/components/schemas/${name}` });
  const form = {
    type: 'object' as const,
    properties: { request: reference(upload), [file]: { type: 'string' as const, format: 'binary' } },
  };
  return {
    required: true,
    content: { 'application/json': { schema: reference(schema) }, 'multipart/form-data': { schema: form } },
  };
}

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

/** A body of JSON. */
export function jsonBody<S extends z.ZodType>(schema: S) {
  return { required: true, content: { 'application/json': { schema } } } as const;
}

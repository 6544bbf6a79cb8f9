/** @file /v1/session: who is asking. The pages keep a key in a cookie that no script can read and no other site can use. */
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { deleteCookie, setCookie } from 'hono/cookie';
import { DiptychError } from '../../errors/error.ts';
import { KEY_COOKIE } from '../auth/access.ts';
import { type Caller, everybody, type Keys } from '../auth/keys.ts';
import type { AppContext, AppEnv } from '../env.ts';
import { newSessionSchema, type Session, sessionSchema } from '../schema/session.ts';
import { json, jsonBody, routesApp } from './describe.ts';

const showRoute = createRoute({
  method: 'get',
  path: '/v1/session',
  tags: ['session'],
  summary: 'Whether keys are needed, and what the caller may do.',
  responses: { 200: json(sessionSchema, 'who is asking') },
});

const openRoute = createRoute({
  method: 'post',
  path: '/v1/session',
  tags: ['session'],
  summary: 'Keeps a key in a cookie, for the pages.',
  request: { body: jsonBody(newSessionSchema) },
  responses: { 200: json(sessionSchema, 'who is asking now') },
});

const closeRoute = createRoute({
  method: 'delete',
  path: '/v1/session',
  tags: ['session'],
  summary: 'Forgets the cookie.',
  responses: { 200: json(sessionSchema, 'who is asking now') },
});

/** Days that a browser keeps the cookie. */
const DAYS = 30;

export function sessionRoutes(keys: Keys | undefined): OpenAPIHono<AppEnv> {
  const app = routesApp();
  const told = (caller: Caller | undefined): Session => ({
    keysNeeded: keys !== undefined,
    name: caller?.name ?? null,
    scopes: [...(caller?.scopes ?? [])],
  });
  app.openapi(showRoute, (c) => c.json(told(c.get('caller')), 200));
  app.openapi(openRoute, async (c) => {
    if (keys === undefined) return c.json(told(everybody), 200);
    const { key } = c.req.valid('json');
    const caller = await keys.callerOf(key);
    if (caller === undefined) throw new DiptychError('DIPTYCH_SERVER_KEY_UNKNOWN', {});
    setCookie(c, KEY_COOKIE, key, { ...cookie(c), maxAge: DAYS * 86_400 });
    return c.json(told(caller), 200);
  });
  app.openapi(closeRoute, (c) => {
    deleteCookie(c, KEY_COOKIE, cookie(c));
    return c.json(told(keys === undefined ? everybody : undefined), 200);
  });
  return app;
}

/** Behind a proxy that does TLS the request itself is plain; browsers say how they see the service with every POST and DELETE. */
function cookie(c: AppContext) {
  const seen = c.req.header('Origin') ?? c.req.url;
  return { httpOnly: true, sameSite: 'Strict', path: '/', secure: seen.startsWith('https:') } as const;
}

/** @file What each request needs: a table of methods and addresses; what is in no row needs the highest scope. */
import { getCookie } from 'hono/cookie';
import { DiptychError } from '../../errors/error.ts';
import type { AppContext, Middleware } from '../env.ts';
import type { Scope } from '../schema/session.ts';
import { type Caller, everybody, type Keys } from './keys.ts';

/** Name of the cookie that holds the key of somebody who uses the pages. */
export const KEY_COOKIE = 'diptych_key';

interface Rule {
  readonly methods: readonly string[];
  readonly path: RegExp;
  /** Null: no key at all. */
  readonly needs: Scope | null;
}

const reading = ['GET', 'HEAD'];
const item = '/v1/indexes/[^/]+/items(/.*)?';

/** The first row that fits holds. */
export const rules: readonly Rule[] = [
  { methods: reading, path: /^\/(healthz|readyz|openapi\.json|docs)$/, needs: null },
  { methods: [...reading, 'POST', 'DELETE'], path: /^\/v1\/session$/, needs: null },
  { methods: reading, path: /^\/metrics$/, needs: 'read' },
  { methods: reading, path: /^\/v1\//, needs: 'read' },
  { methods: ['POST'], path: /^\/v1\/(search|embed)$/, needs: 'read' },
  { methods: ['POST'], path: /^\/v1\/runs\/[^/]+\/look$/, needs: 'write' },
  { methods: ['POST', 'PATCH', 'DELETE'], path: new RegExp(`^${item}$`), needs: 'write' },
  // What is left of reading is pages.
  { methods: reading, path: /^\/(?!v1\/)/, needs: null },
];

/** The scope that a request needs; null for none. */
export function scopeOf(method: string, path: string): Scope | null {
  const rule = rules.find(({ methods, path: pattern }) => methods.includes(method) && pattern.test(path));
  return rule === undefined ? 'admin' : rule.needs;
}

/** Lets through who may do what is asked. @param keys none: everybody may do all */
export function access(keys: Keys | undefined): Middleware {
  return async (c, next) => {
    const needed = scopeOf(c.req.method, c.req.path);
    c.set('caller', keys === undefined ? everybody : undefined);
    if (keys !== undefined) {
      const key = keyOf(c);
      const caller = key === undefined ? undefined : await keys.callerOf(key);
      c.set('caller', caller);
      if (needed !== null && key === undefined) throw new DiptychError('DIPTYCH_SERVER_KEY_NEEDED', {});
      if (needed !== null) demand(caller, needed);
    }
    await next();
  };
}

/** Lets through whose key has a scope; for routes that others than this table know of. */
export function requires(scope: Scope): Middleware {
  return async (c, next) => {
    demand(c.get('caller'), scope);
    await next();
  };
}

/** @throws DIPTYCH_SERVER_KEY_UNKNOWN, DIPTYCH_SERVER_SCOPE */
function demand(caller: Caller | undefined, needed: Scope): void {
  if (caller === undefined) throw new DiptychError('DIPTYCH_SERVER_KEY_UNKNOWN', {});
  if (!caller.scopes.includes(needed))
    throw new DiptychError('DIPTYCH_SERVER_SCOPE', { needed, scopes: caller.scopes });
}

function keyOf(c: AppContext): string | undefined {
  const header = c.req.header('Authorization');
  if (header === undefined) return getCookie(c, KEY_COOKIE);
  return /^Bearer +(\S+)$/i.exec(header)?.[1] ?? '';
}

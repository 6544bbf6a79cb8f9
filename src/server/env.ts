/** @file What travels with a request through the app. */
import type { HttpBindings } from '@hono/node-server';
import type { Context, MiddlewareHandler } from 'hono';
import type { Caller } from './auth/keys.ts';
import type { Held } from './limits/held.ts';

export interface AppEnv {
  /** What Node knows of the connection; nothing where there is none, as in tests. */
  Bindings: Partial<HttpBindings>;
  Variables: {
    /** Id of the request. */
    instance: string;
    /** Aborted when the caller is gone, the time is up, or the request has failed. */
    signal: AbortSignal;
    /** Counts the bytes that are held until the request has ended. */
    held: Held;
    /** Who asks; undefined for somebody without a valid key. */
    caller: Caller | undefined;
  };
}

export type AppContext = Context<AppEnv>;
export type Middleware = MiddlewareHandler<AppEnv>;

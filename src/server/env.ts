/** @file What travels with a request through the app. */
import type { Context, MiddlewareHandler } from 'hono';

export interface AppEnv {
  Variables: {
    /** Id of the request. */
    instance: string;
    /** Aborted when the caller is gone or the time is up. */
    signal: AbortSignal;
  };
}

export type AppContext = Context<AppEnv>;
export type Middleware = MiddlewareHandler<AppEnv>;

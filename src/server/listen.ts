/** @file The app on a port, and how it stops: nothing new is accepted, what was accepted is answered. */
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import type { Hono } from 'hono';
import { DiptychError } from '../errors/error.ts';
import type { AppEnv } from './env.ts';

export interface ListenOptions {
  readonly host: string;
  /** 0 takes any that is free. */
  readonly port: number;
  /** Seconds that a request may take; connections that are left open longer after the end are cut. */
  readonly seconds: number;
}

export interface Listening {
  /** Where it listens, such as `http://127.0.0.1:7700`. */
  readonly url: string;
  readonly port: number;
  /** Stops accepting, waits for what was accepted, and closes. */
  close(): Promise<void>;
}

/** Headers must be there sooner than a request may take: who sends them byte by byte only holds a connection. */
const HEADERS_MS = 10_000;

/** @throws DIPTYCH_SERVER_PORT */
export async function listen(app: Hono<AppEnv>, { host, port, seconds }: ListenOptions): Promise<Listening> {
  const serverOptions = {
    headersTimeout: HEADERS_MS,
    requestTimeout: seconds * 1000 + HEADERS_MS,
    keepAliveTimeout: 5_000,
  };
  const server = createAdaptorServer({ fetch: app.fetch, overrideGlobalObjects: false, serverOptions }) as Server;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      reject(new DiptychError('DIPTYCH_SERVER_PORT', { host, port, reason: cause.code ?? cause.message }, { cause }));
    });
    server.listen(port, host, resolve);
  });
  const address = server.address() as AddressInfo;
  const shown = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return {
    url: `http://${shown}:${address.port}`,
    port: address.port,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      // A connection that is kept alive becomes idle when its last answer is out.
      const idle = setInterval(() => server.closeIdleConnections(), 50);
      const cut = setTimeout(() => server.closeAllConnections(), seconds * 1000);
      await closed;
      clearInterval(idle);
      clearTimeout(cut);
    },
  };
}

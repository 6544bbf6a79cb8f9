/** @file Requests that a page of another site makes a browser send: refused by the names they use. */
import { DiptychError } from '../../errors/error.ts';
import type { AppContext, Middleware } from '../env.ts';

/** Names by which this machine calls itself. */
export const loopbackNames = ['127.0.0.1', 'localhost', '::1'] as const;

/** Methods that change nothing. */
const safe = ['GET', 'HEAD', 'OPTIONS'];

/**
 * Refuses names that the service does not go by (DNS rebinding), and changes that pages of other sites ask for.
 *
 * @param names that it goes by; any unless given
 */
export function sameSite(names: readonly string[] | undefined): Middleware {
  return async (c, next) => {
    const host = hostOf(c);
    if (names !== undefined && !names.includes(nameOf(host))) throw new DiptychError('DIPTYCH_SERVER_HOST', { host });
    if (!safe.includes(c.req.method)) refuseOtherSites(c, host);
    await next();
  };
}

/** Browsers say where a request comes from, and pages cannot change that; programs do not say it. */
function refuseOtherSites(c: AppContext, host: string): void {
  const site = c.req.header('Sec-Fetch-Site');
  const origin = c.req.header('Origin');
  const otherSite = site !== undefined && site !== 'same-origin' && site !== 'none';
  if (otherSite || (origin !== undefined && originHost(origin) !== host)) {
    throw new DiptychError('DIPTYCH_SERVER_ORIGIN', { origin: origin ?? '' });
  }
}

function hostOf(c: AppContext): string {
  return (c.req.header('Host') ?? new URL(c.req.url).host).toLowerCase();
}

/** `[::1]:7700` -> `::1` */
function nameOf(host: string): string {
  const [, bracketed, plain] = /^(?:\[([^\]]*)\]|([^:]*))(?::\d+)?$/.exec(host) ?? [];
  return bracketed ?? plain ?? '';
}

function originHost(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host.toLowerCase() : undefined;
}

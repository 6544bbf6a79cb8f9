/** @file Fetching a picture by URL: only from hosts that are allowed, never from private addresses, also behind names and redirects. */
import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { get as getPlain, type IncomingMessage, type RequestOptions } from 'node:http';
import { get as getSecure } from 'node:https';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { DiptychError } from '../../errors/error.ts';
import type { Held } from '../limits/held.ts';

/** How names become addresses, and which of these may be connected to. */
export interface Network {
  /** All addresses of a name. */
  resolve(name: string): Promise<readonly LookupAddress[]>;
  isPublic(address: string): boolean;
}

export interface FetchOptions {
  /** Names of hosts; one with a port allows that port alone. `*` allows every host that is not private. */
  readonly hosts: readonly string[];
  readonly network: Network;
  /** Bytes of a picture. */
  readonly bytes: number;
  /** Milliseconds for all of it. Default 10,000. */
  readonly timeout?: number | undefined;
}

/** For whom a picture is fetched. */
export interface FetchedFor {
  /** Gives the fetch up. */
  readonly signal: AbortSignal;
  /** Counts the bytes of a picture from when they come. */
  readonly held: Pick<Held, 'take' | 'give'>;
}

/**
 * Fetches a picture.
 *
 * @throws DIPTYCH_SERVER_URL if it is not allowed, is no picture, is too large or does not come in time; DIPTYCH_SERVER_BUSY if too
 *   many bytes are held already; the reason of the signal
 */
export type FetchPicture = (url: string, request: FetchedFor) => Promise<Uint8Array>;

/** Redirects that are followed, each looked at as the first address was. */
const REDIRECTS = 3;

/** Addresses of this machine, of networks behind it, and of nobody. */
const refused = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const) {
  refused.addSubnet(network, prefix, 'ipv4');
}
/** Of IPv6 only addresses of the open network are taken, and of those not the ones that stand for others. */
const open = new BlockList();
open.addSubnet('2000::', 3, 'ipv6');
for (const [network, prefix] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
] as const) {
  refused.addSubnet(network, prefix, 'ipv6');
}

/** Whether an address may be connected to. */
export function isPublic(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return !refused.check(address, 'ipv4');
  return family === 6 && open.check(address, 'ipv6') && !refused.check(address, 'ipv6');
}

/** The network that this machine is in, of which nothing private is reached. */
export const openNetwork: Network = { resolve: (name) => lookup(name, { all: true }), isPublic };

/** Makes what fetches pictures. */
export function pictureFetcher(options: FetchOptions): FetchPicture {
  return async (url, { signal, held }) => {
    const ended = new AbortController();
    const leave = (): void => ended.abort(signal.reason);
    const timer = setTimeout(() => ended.abort(refuse(url, 'it took too long')), options.timeout ?? 10_000);
    signal.addEventListener('abort', leave, { once: true });
    try {
      signal.throwIfAborted();
      return await follow(url, options, { signal: ended.signal, held });
    } catch (cause) {
      ended.signal.throwIfAborted();
      throw cause instanceof DiptychError ? cause : refuse(url, 'it does not answer', cause);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', leave);
    }
  };
}

async function follow(start: string, options: FetchOptions, { signal, held }: FetchedFor): Promise<Uint8Array> {
  let url = start;
  for (let redirects = 0; redirects <= REDIRECTS; redirects++) {
    const response = await request(url, options, signal);
    const { statusCode = 0, headers } = response;
    if (statusCode >= 300 && statusCode < 400 && headers.location !== undefined) {
      response.destroy();
      url = new URL(headers.location, url).href;
      continue;
    }
    if (statusCode !== 200 || !/^image\//i.test(headers['content-type'] ?? '')) {
      response.destroy();
      throw refuse(url, statusCode === 200 ? 'it is no picture' : `its answer is ${statusCode}`);
    }
    return readAll(url, response, options.bytes, held);
  }
  throw refuse(start, `more than ${REDIRECTS} redirects`);
}

/** Connects to an address that was looked at, so that no second answer of the name service can lead elsewhere. */
async function request(
  address: string,
  { hosts, network }: FetchOptions,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const url = new URL(address);
  const name = url.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw refuse(address, 'neither http nor https');
  if (url.username !== '' || url.password !== '') throw refuse(address, 'it holds a password');
  if (url.port !== '' && !hosts.includes(url.host)) throw refuse(address, 'the port is not allowed');
  if (url.port === '' && !hosts.includes('*') && !hosts.includes(name))
    throw refuse(address, 'the host is not allowed');
  const found = isIP(name)
    ? [{ address: name, family: isIP(name) }]
    : await unlessAborted(network.resolve(name), signal);
  const reachable = found.length > 0 && found.every((one) => network.isPublic(one.address));
  if (!reachable) throw refuse(address, 'a private address');
  const pinned: LookupFunction = (_, options, callback) => {
    if (options.all) callback(null, [...found]);
    else callback(null, found[0].address, found[0].family);
  };
  const options: RequestOptions = { lookup: pinned, signal, headers: { Accept: 'image/*' } };
  return new Promise((resolve, reject) => {
    const get = url.protocol === 'https:' ? getSecure : getPlain;
    get(url, options, resolve).on('error', reject);
  });
}

/** Rejects when the signal is aborted, which a name service takes no notice of. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject);
  });
}

async function readAll(
  url: string,
  response: IncomingMessage,
  limit: number,
  held: FetchedFor['held'],
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let total = 0;
  try {
    for await (const chunk of response as AsyncIterable<Uint8Array>) {
      if (total + chunk.byteLength > limit) throw refuse(url, `more than ${limit} bytes`);
      held.take(chunk.byteLength);
      total += chunk.byteLength;
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  } catch (error) {
    held.give(total);
    throw error;
  }
}

function refuse(url: string, reason: string, cause?: unknown): DiptychError {
  return new DiptychError('DIPTYCH_SERVER_URL', { url, reason }, { cause });
}

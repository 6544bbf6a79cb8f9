/** @file Fetching pictures by URL (SSRF): what is allowed comes, and no name, notation or redirect leads to a private address. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { HeldBytes } from '../limits/held.ts';
import { serveColours } from '../testing/served.ts';
import { type FetchedFor, isPublic, type Network, openNetwork, pictureFetcher } from './fetch.ts';

const picture = Buffer.from('a picture');

/** Answers each path in its own way; `/to/URL` leads elsewhere. */
function answer({ url = '' }: IncomingMessage, response: ServerResponse): void {
  const send = (status: number, headers: Record<string, string>, body?: Buffer) =>
    response.writeHead(status, headers).end(body);
  if (url.startsWith('/to/')) send(302, { Location: decodeURIComponent(url.slice(4)) });
  else if (url === '/circle') send(302, { Location: '/circle' });
  else if (url === '/page') send(200, { 'Content-Type': 'text/html' }, picture);
  else if (url === '/gone') send(404, { 'Content-Type': 'image/png' }, picture);
  else if (url.startsWith('/bytes/')) send(200, { 'Content-Type': 'image/png' }, Buffer.alloc(Number(url.slice(7))));
  else if (url.startsWith('/begun/'))
    response.writeHead(200, { 'Content-Type': 'image/png' }).write(Buffer.alloc(Number(url.slice(7))));
  else if (url === '/large') send(200, { 'Content-Type': 'image/png' }, Buffer.alloc(2000));
  else if (url !== '/silent') send(200, { 'Content-Type': 'image/png' }, picture);
}

/** Names of a made-up network, in which the server of the test stands for all that is public. */
const names: Readonly<Record<string, readonly string[]>> = {
  'pictures.example': ['127.0.0.1'],
  'inside.example': ['10.1.2.3'],
  'metadata.example': ['169.254.169.254'],
  'mixed.example': ['127.0.0.1', '192.168.1.1'],
  'six.example': ['fd12::1'],
  'nobody.example': [],
};

/** A request of its own, that waits for as long as it takes and holds as much as it likes. */
const anyRequest = (): FetchedFor => ({ signal: new AbortController().signal, held: new HeldBytes(1e9).begin() });

async function world() {
  const visits: string[] = [];
  const server = createServer((request, response) => {
    visits.push(`${request.headers.host} ${request.url}`);
    answer(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const asked: string[] = [];
  const network: Network = {
    resolve: async (name) => {
      asked.push(name);
      return (names[name] ?? []).map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    },
    isPublic: (address) => address === '127.0.0.1' || isPublic(address),
  };
  const hosts = [...Object.keys(names), '10.0.0.7', '127.0.0.2', '::1'].flatMap((name) => [
    name,
    `${name.includes(':') ? `[${name}]` : name}:${port}`,
  ]);
  const fetching = pictureFetcher({ hosts, network, bytes: 1000, timeout: 2_000 });
  const get = (url: string) => fetching(url, anyRequest());
  const open = () => new Promise<number>((resolve) => server.getConnections((_, count) => resolve(count)));
  return {
    fetching,
    get,
    open,
    at: (path: string) => `http://pictures.example:${port}${path}`,
    port,
    asked,
    visits,
    network,
  };
}

const refused = (reason: RegExp) => ({ code: 'DIPTYCH_SERVER_URL', message: expect.stringMatching(reason) });

describe('what is allowed', () => {
  test('comes, also after redirects; each name is asked for once a hop, and the answer is what is connected to', async () => {
    const { get, at, asked, visits } = await world();
    expect(await get(at('/a.png'))).toEqual(picture);
    expect(asked).toEqual(['pictures.example']);
    expect(await get(at(`/to/${encodeURIComponent(at('/b.png'))}`))).toEqual(picture);
    expect(await get(at('/to/%2Fc.png'))).toEqual(picture);
    expect(asked).toHaveLength(5);
    const host = new URL(at('/')).host;
    expect(visits.filter((visit) => !visit.includes('/to/'))).toEqual(
      ['/a.png', '/b.png', '/c.png'].map((path) => `${host} ${path}`),
    );
  });

  test.each([
    ['/page', /no picture/],
    ['/gone', /its answer is 404/],
    ['/large', /more than 1000 bytes/],
    ['/circle', /more than 3 redirects/],
    ['/silent', /too long/],
  ])('but not %s', async (path, reason) => {
    const { get, at } = await world();
    await expect(get(at(path))).rejects.toMatchObject(refused(reason));
  });

  test.each([
    ['at once', 0],
    ['after a redirect', 1],
  ])('but not for ever where the name service does not answer, %s', async (_, hops) => {
    const { at, port, network } = await world();
    let asked = 0;
    const resolve: Network['resolve'] = (name) => (asked++ < hops ? network.resolve(name) : new Promise(() => {}));
    const options = {
      hosts: [`pictures.example:${port}`],
      network: { ...network, resolve },
      bytes: 1000,
      timeout: 200,
    };
    const fetching = pictureFetcher(options);
    await expect(fetching(at('/to/%2Fa.png'), anyRequest())).rejects.toMatchObject(refused(/too long/));
    const left = new AbortController();
    const waiting = fetching(at('/a.png'), { ...anyRequest(), signal: left.signal });
    left.abort(new Error('gone'));
    await expect(waiting).rejects.toThrow('gone');
  });

  test('is a picture of a search, where fetching is on', async () => {
    const { fetching, at } = await world();
    const search = { query: { image: { url: at('/a.png') } }, limit: 1 };
    const on = await serveColours({ fetching });
    // The bytes came: it is only that they are no picture.
    expect((await on.call('POST', '/v1/search', search)).body.code).toBe('DIPTYCH_IMAGE_UNREADABLE');
    const inside = { query: { image: { url: 'http://inside.example/a.png' } } };
    const { status, body } = await on.call('POST', '/v1/search', inside);
    expect([status, body.code]).toEqual([422, 'DIPTYCH_SERVER_URL']);
    const off = await serveColours();
    expect((await off.call('POST', '/v1/search', search)).body).toMatchObject({
      code: 'DIPTYCH_SERVER_URL',
      detail: expect.stringMatching(/fetching is off/),
    });
  });
});

describe('what is held', () => {
  test('counts with the bodies of requests, until the request has ended', async () => {
    const { fetching, at } = await world();
    const { call } = await serveColours({ fetching, limits: { bodies: 1000 } });
    const ask = async (path: string) =>
      (await call('POST', '/v1/search', { query: { image: { url: at(path) } } })).body.code;
    // However often: what it held is given back.
    for (let time = 0; time < 3; time++) expect(await ask('/bytes/700')).toBe('DIPTYCH_IMAGE_UNREADABLE');
    expect(await ask('/bytes/990')).toBe('DIPTYCH_SERVER_BUSY');
    const first = ask('/begun/500');
    await expect.poll(() => ask('/bytes/400')).toBe('DIPTYCH_SERVER_BUSY');
    expect(await first).toBe('DIPTYCH_SERVER_URL');
    expect(await ask('/bytes/700')).toBe('DIPTYCH_IMAGE_UNREADABLE');
  });

  test('is given back by what turns out to be too large, and by what comes too late', async () => {
    const { fetching, at } = await world();
    const held = new HeldBytes(2500).begin();
    const request = { ...anyRequest(), held };
    await expect(fetching(at('/large'), request)).rejects.toMatchObject(refused(/more than 1000/));
    await expect(fetching(at('/begun/900'), request)).rejects.toMatchObject(refused(/too long/));
    held.take(2500);
    expect(() => held.take(1)).toThrow(/wait already/);
  });

  test('is given up when another picture of the same query cannot be had', async () => {
    const { fetching, at, open } = await world();
    const { call } = await serveColours({ fetching, limits: { bodies: 1000 } });
    const image = (url: string) => ({ image: { url } });
    const start = performance.now();
    const both = call('POST', '/v1/search', {
      query: { parts: [image(at('/begun/500')), image(at(`/to/${encodeURIComponent(at('/gone'))}`))] },
    });
    expect((await both).body).toMatchObject({ code: 'DIPTYCH_SERVER_URL', detail: expect.stringMatching(/404/) });
    await expect.poll(open).toBe(0);
    expect(performance.now() - start).toBeLessThan(1_500);
  });
});

describe('what is private', () => {
  const private_ = ['inside', 'metadata', 'mixed', 'six', 'nobody'].map((name) => `http://${name}.example/a.png`);
  const literal = ['http://10.0.0.7/a.png', 'http://127.0.0.2/a.png', 'http://[::1]/a.png'];

  test.each([...private_, ...literal])('is refused: %s', async (url) => {
    const { get, visits } = await world();
    await expect(get(url)).rejects.toMatchObject(refused(/a private address/));
    expect(visits).toEqual([]);
  });

  test.each([...private_, ...literal])('is refused at every hop: %s', async (url) => {
    const { get, at, visits } = await world();
    const once = at(`/to/${encodeURIComponent(url)}`);
    const twice = at(`/to/${encodeURIComponent(once)}`);
    const thrice = at(`/to/${encodeURIComponent(twice)}`);
    for (const start of [once, twice, thrice]) {
      await expect(get(start)).rejects.toMatchObject(refused(/a private address/));
    }
    expect(visits).toHaveLength(1 + 2 + 3);
  });

  test('is refused when a name changes its address between hops (DNS rebinding)', async () => {
    const { at, port, network } = await world();
    const answers = [['127.0.0.1'], ['10.0.0.1']];
    const resolve = async () => (answers.shift() ?? []).map((address) => ({ address, family: 4 }));
    const get = pictureFetcher({ hosts: [`pictures.example:${port}`], network: { ...network, resolve }, bytes: 1000 });
    await expect(get(at(`/to/${encodeURIComponent(at('/a.png'))}`), anyRequest())).rejects.toMatchObject(
      refused(/private/),
    );
  });

  test('is told from what is public, in every notation', () => {
    const inside =
      '0.0.0.0 10.1.2.3 100.64.0.1 127.0.0.1 127.1.2.3 169.254.169.254 172.16.0.1 192.168.1.1 224.0.0.1 255.255.255.255 ::1 :: fe80::1 fc00::1 fd12::1 ::ffff:127.0.0.1 ::ffff:8.8.8.8 64:ff9b::7f00:1 2002:7f00:1:: 2001:db8::1 localhost 1';
    for (const address of inside.split(' ')) expect(isPublic(address), address).toBe(false);
    for (const address of ['8.8.8.8', '93.184.216.34', '172.32.0.1', '2606:4700::1111'])
      expect(isPublic(address), address).toBe(true);
  });

  // As the service sees this machine's own network.
  test.each([
    ['http://evil.example/a.png', /host is not allowed/],
    ['http://127.0.0.1/a.png', /private/],
    ['http://2130706433/a.png', /private/],
    ['http://0x7f.1/a.png', /private/],
    ['http://[::1]/a.png', /private/],
    ['http://[::ffff:169.254.169.254]/latest', /private/],
    ['http://localhost/a.png', /private/],
    ['http://localhost:7000/a.png', /private/],
    ['http://user:secret@localhost/a.png', /password/],
    ['http://localhost:6379/', /port is not allowed/],
    ['file:///etc/passwd', /neither http/],
  ])('is refused or not allowed: %s', async (url, reason) => {
    const hosts = ['127.0.0.1', 'localhost', 'localhost:7000', '::1', '::ffff:a9fe:a9fe'];
    const get = pictureFetcher({ hosts, network: openNetwork, bytes: 1e6 });
    await expect(get(url, anyRequest())).rejects.toMatchObject(refused(reason));
  });

  test.each(['http://inside.example/a.png', 'http://pictures.example:PORT/a.png'])(
    'or has another port, is refused where every host is allowed: %s',
    async (url) => {
      const { network, port } = await world();
      const get = pictureFetcher({ hosts: ['*'], network, bytes: 1000 });
      await expect(get(url.replace('PORT', String(port)), anyRequest())).rejects.toMatchObject(refused(/private|port/));
    },
  );
});

/** @file Who may do what, under which names, and what browsers are told: docs/security.md names these tests. */
import { chmodSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../testing/temporary.ts';
import { createApp } from './app.ts';
import { scopeOf } from './auth/access.ts';
import { Keys } from './auth/keys.ts';
import { createKey, readKeys, revokeKey } from './auth/keys-file.ts';
import { apiDescription } from './description.ts';
import { caller, serveColours } from './testing/served.ts';

describe('keys', () => {
  test('are kept as hashes in a file that nobody else can read, and can be revoked', async () => {
    const path = join(temporaryFolder(), 'keys.json');
    const key = await createKey(path, 'pages', ['read']);
    expect(key).toMatch(/^dk_[\w-]{43}$/);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readFileSync(path, 'utf8')).not.toContain(key.slice(3));
    await expect(createKey(path, 'pages', ['read'])).rejects.toMatchObject({ code: 'DIPTYCH_SERVER_KEYS_FILE' });
    const keys = await Keys.open(path);
    expect(await keys.callerOf(key)).toEqual({ name: 'pages', scopes: ['read'] });
    for (const wrong of ['', 'dk_', key.slice(0, -1), `${key}a`, key.toUpperCase()]) {
      expect(await keys.callerOf(wrong)).toBeUndefined();
    }
    await revokeKey(path, 'pages');
    await expect.poll(() => keys.callerOf(key), { timeout: 5_000 }).toBeUndefined();
    await expect(revokeKey(path, 'pages')).rejects.toMatchObject({ code: 'DIPTYCH_SERVER_KEYS_FILE' });
    chmodSync(path, 0o644);
    await expect(readKeys(path)).rejects.toMatchObject({ code: 'DIPTYCH_SERVER_KEYS_FILE' });
  });

  test('open what their scopes say, and every operation needs the scope that the table says', async () => {
    const { service } = await serveColours();
    const path = join(temporaryFolder(), 'keys.json');
    const made = { read: '', write: '', admin: '' };
    for (const scope of ['read', 'write', 'admin'] as const) made[scope] = await createKey(path, scope, [scope]);
    const call = caller(createApp(service, { keys: await Keys.open(path) }));
    const bearer = (key: string) => ({ Authorization: `Bearer ${key}` });
    const { paths } = JSON.parse(await apiDescription());
    const order = ['read', 'write', 'admin'] as const;
    for (const [address, methods] of Object.entries(paths)) {
      for (const method of Object.keys(methods as object).map((one) => one.toUpperCase())) {
        const needed = scopeOf(method, address);
        const to = address.replace('{index}', 'nowhere').replace(/\{\w+\}/g, 'nothing');
        if (needed === null) {
          expect(address).toMatch(/^\/(healthz|readyz|v1\/session)$/);
          continue;
        }
        const without = await call(method, to);
        expect([without.status, without.body.code], `${method} ${to}`).toEqual([401, 'DIPTYCH_SERVER_KEY_NEEDED']);
        expect(without.headers.get('WWW-Authenticate')).toContain('Bearer');
        expect((await call(method, to, undefined, bearer('dk_wrong'))).body.code).toBe('DIPTYCH_SERVER_KEY_UNKNOWN');
        for (const scope of order) {
          const { status, body } = await call(method, to, undefined, bearer(made[scope]));
          const enough = order.indexOf(scope) >= order.indexOf(needed);
          expect(status === 403 && body.code === 'DIPTYCH_SERVER_SCOPE', `${scope}: ${method} ${to}`).toBe(!enough);
        }
      }
    }
    expect(scopeOf('POST', '/v1/search')).toBe('read');
    expect(scopeOf('POST', '/v1/indexes/a/items')).toBe('write');
    expect(scopeOf('DELETE', '/v1/jobs/a')).toBe('admin');
    expect(scopeOf('PUT', '/v1/search')).toBe('admin');
    expect((await call('GET', '/metrics')).status).toBe(401);

    const login = await call('POST', '/v1/session', { key: made.write });
    const cookie = login.headers.get('Set-Cookie')!;
    expect(cookie).toMatch(/HttpOnly; SameSite=Strict/);
    const secured = await call('POST', '/v1/session', { key: made.read }, { Origin: 'https://localhost' });
    expect([cookie, secured.headers.get('Set-Cookie')].map((one) => /; Secure/.test(one!))).toEqual([false, true]);
    const kept = { Cookie: cookie.split(';')[0] };
    expect((await call('GET', '/v1/indexes', undefined, kept)).status).toBe(200);
    expect((await call('GET', '/v1/session', undefined, kept)).body).toEqual({
      keysNeeded: true,
      name: 'write',
      scopes: ['read', 'write'],
    });
    expect((await call('POST', '/v1/session', { key: 'dk_wrong' })).status).toBe(401);
    expect((await call('GET', '/')).status).toBe(200);
  });
});

describe('names', () => {
  test('another name is refused (DNS rebinding), and so are changes that another site asks for (CSRF)', async () => {
    const { service } = await serveColours();
    const call = caller(createApp(service, { names: ['127.0.0.1', 'localhost', '::1'] }));
    const from = (Host: string, more: Record<string, string> = {}) =>
      call('GET', '/v1/indexes', undefined, { Host, ...more });
    for (const host of ['127.0.0.1:7700', 'localhost', '[::1]:7700', 'LOCALHOST:1'])
      expect((await from(host)).status).toBe(200);
    for (const host of [
      'evil.example',
      'localhost.evil.example',
      '127.0.0.1.evil.example:7700',
      'a b',
      '127.0.0.1:80:80',
    ]) {
      expect((await from(host)).body.code).toBe('DIPTYCH_SERVER_HOST');
    }
    const post = (headers: Record<string, string>) =>
      call('POST', '/v1/search', { query: { text: 'red' } }, { Host: 'localhost:7700', ...headers });
    expect((await post({ Origin: 'http://localhost:7700', 'Sec-Fetch-Site': 'same-origin' })).status).toBe(200);
    for (const headers of [
      { Origin: 'http://evil.example' },
      { Origin: 'http://localhost:9999' },
      { Origin: 'null' },
      { 'Sec-Fetch-Site': 'cross-site' },
      { 'Sec-Fetch-Site': 'same-site' },
    ]) {
      const { status, body } = await post(headers as unknown as Record<string, string>);
      expect([status, body.code]).toEqual([403, 'DIPTYCH_SERVER_ORIGIN']);
    }
  });

  test('answers tell browsers to run nothing in them; pages run their own scripts alone', async () => {
    const { call } = await serveColours();
    for (const path of ['/v1/indexes', '/v1/indexes/colours/pictures/red', '/nothing.js', '/v1/nothing', '/metrics']) {
      const { headers } = await call('GET', path);
      expect(headers.get('Content-Security-Policy'), path).toContain("default-src 'none'");
      expect(headers.get('X-Content-Type-Options')).toBe('nosniff');
      expect(headers.get('X-Frame-Options')).toBe('DENY');
      expect(headers.get('Access-Control-Allow-Origin')).toBeNull();
    }
    const page = await call('GET', '/');
    expect(page.headers.get('Content-Security-Policy')).toContain("script-src 'self'");
    expect(page.headers.get('Content-Security-Policy')).not.toContain('unsafe');
    const docs = await call('GET', '/docs');
    expect(docs.body).toContain('/v1/search');
    expect(docs.body).not.toContain('<script');
    expect(docs.body).not.toMatch(/(src|href)="https?:/);
  });
});

test('paths of this machine are hidden where they may not be seen, and cannot be asked after', async () => {
  const { call, folder } = await serveColours({ showPaths: false });
  const { body } = await call('POST', '/v1/search', { query: { text: 'red' } });
  expect(JSON.stringify(body)).not.toContain(folder);
  expect(JSON.stringify((await call('GET', '/v1/indexes')).body)).not.toContain('"path"');
  expect(JSON.stringify((await call('GET', '/v1/indexes/colours/items')).body)).not.toContain(folder);
  const probe = await call('POST', '/v1/search', { query: { text: 'red' }, filter: { path: { contains: 'a' } } });
  expect(probe.body.code).toBe('DIPTYCH_FILTER_FIELD');
});

test('no address leads to a file that is not in the index or among the pages', async () => {
  const { call } = await serveColours();
  const outside = [
    '/etc/passwd',
    '../package.json',
    '..%2f..%2fpackage.json',
    '%2e%2e/%2e%2e/package.json',
    'index.html%00.js',
  ];
  for (const path of outside) {
    for (const start of ['/', '/assets/', '/v1/indexes/colours/pictures/', '/v1/indexes/colours/thumbnails/']) {
      const { status, body } = await call('GET', `${start}${path}`);
      expect(JSON.stringify(body), `${start}${path}`).not.toMatch(/root:|"devDependencies"/);
      expect([200, 400, 404]).toContain(status);
    }
  }
});

test('only what a route takes is read as a body', async () => {
  const { app } = await serveColours();
  const send = async (type: string | undefined, body: string) => {
    const headers: Record<string, string> = type === undefined ? {} : { 'Content-Type': type };
    const answer = await app.request('/v1/search', { method: 'POST', headers, body });
    return [answer.status, ((await answer.json()) as { code: string }).code];
  };
  const asked = JSON.stringify({ query: { text: 'red' } });
  for (const type of [
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/xml',
    'application/jsonp',
    'text/json',
  ]) {
    expect(await send(type, asked), type).toEqual([415, 'DIPTYCH_SERVER_CONTENT_TYPE']);
  }
  expect(await send('application/json', '{"query":')).toEqual([400, 'DIPTYCH_SERVER_JSON']);
  expect(await send('multipart/form-data', 'x')).toEqual([400, 'DIPTYCH_SERVER_FORM']);
  expect(await send('multipart/form-data; boundary=a', '--a\r\nx')).toEqual([400, 'DIPTYCH_SERVER_FORM']);
});

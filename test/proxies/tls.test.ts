import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http2 from 'node:http2';
import { describe, expect, it } from 'vitest';
import type { SessionRouterOptions } from '../../src/index.js';
import { needs } from '../servers/needs.js';
import { type Seen, startDocsApp, startHost } from './host.js';
import { type RunningProxy, TLS } from './proxy.js';
import { send } from './send.js';
import { haproxySite, haproxyTls, nginxDefaults, nginxSite, nginxTls } from './sites.js';

type App = { port: number };

const PROXIES: [
  name: string,
  proxies: { plain: (app: App) => Promise<RunningProxy>; tls: (app: App) => Promise<RunningProxy> },
][] = [
  ['nginx', { plain: (app) => nginxSite(app), tls: (app) => nginxTls(app, 'ssl http2') }],
  ['haproxy', { plain: (app) => haproxySite(app), tls: haproxyTls }],
];

for (const [name, { plain, tls }] of PROXIES) {
  needs(name)(`TLS that ends at ${name}`, () => {
    const setCookie = async ({ url }: RunningProxy, headers = {}) =>
      (await send(url, 'PUT /sessions/new', headers)).cookies[0];
    const start = (options: SessionRouterOptions['cookie'], trustProxy: string | false) =>
      startHost({ cookie: options }, { trustProxy });
    const secret = 'keyboard cat';

    it('makes the cookie Secure when the app trusts the proxy', async () => {
      const { port } = await startDocsApp('app', { 'listen(3000,': 'listen(0,' });
      expect(await setCookie(await tls({ port }))).toMatch(/; Secure; SameSite=Lax$/);
      expect(await setCookie(await plain({ port }))).not.toMatch(/Secure/);
    });

    it('does not without trust proxy', async () => {
      expect(await setCookie(await tls(await start({ secret }, false)))).toMatch(/; HttpOnly$/);
    });

    it('does not for a proxy that the app does not trust', async () => {
      expect(await setCookie(await tls(await start({ secret }, '192.0.2.1')))).toMatch(/; HttpOnly$/);
    });

    it('leaves the cookie out with secure: true and without trust proxy', async () => {
      const secure = { secret, secure: true };
      expect(await setCookie(await tls(await start(secure, false)))).toBeUndefined();
      expect(await setCookie(await tls(await start(secure, 'loopback')))).toMatch(/; Secure$/);
    });

    it('is not believed when the client itself says so', async () => {
      const proxy = await plain(await start({ secret }, 'loopback'));
      const forged = await setCookie(proxy, { 'X-Forwarded-Proto': 'https' });
      expect(forged).toMatch(/; HttpOnly$/);
    });

    it('makes the cookie Secure on bare node:http if the app says so', async () => {
      const app = await startDocsApp('bare');
      expect(await setCookie(await tls(app))).toMatch(/; Secure; SameSite=Lax$/);
      expect(await setCookie(await plain(app))).not.toMatch(/Secure/);
    });

    it("gives the app the client's address, not the one that the client claims", async () => {
      const proxy = await tls(await start({ secret }, 'loopback'));
      const headers = { 'X-Forwarded-For': '192.0.2.7' };
      const seen = JSON.parse((await send(proxy.url, 'GET /host', headers)).body) as Seen;
      expect(seen).toMatchObject({ secure: true, headers: { 'x-forwarded-proto': 'https' } });
      expect(seen.headers['x-forwarded-for']).toBe('192.0.2.7, 127.0.0.1');
    });

    describe('with HTTP/2 in front', () => {
      it('serves the routes, and takes a body of no stated length, and none', async () => {
        const proxy = await tls(await start({ secret }, 'loopback'));
        const session = { ':method': 'POST', ':path': '/sessions/s1' };
        const first = await http2Request(proxy, { ...session, 'gkc-customerid': 'c1' });
        expect(first).toMatchObject({ status: 201, body: { sessionId: 's1', customerId: 'c1' } });
        const json = { ...session, 'content-type': 'application/json' };
        const second = await http2Request(proxy, json, '{"visitId":"v1"}');
        expect(second).toMatchObject({ status: 200, body: { customerId: 'c1', visitId: 'v1' } });
        const empty = await http2Request(proxy, json, '');
        expect(empty).toMatchObject({ status: 200, body: { customerId: 'c1', visitId: 'v1' } });
        const created = await http2Request(proxy, { ':method': 'PUT', ':path': '/sessions/new' });
        expect(created).toMatchObject({ status: 201, body: { sessionId: expect.any(String) } });
      });

      it(`${name === 'nginx' ? 'drops' : 'passes'} underscores`, async () => {
        const proxy = await tls(await start({ secret }, 'loopback'));
        const headers = { ':method': 'PUT', ':path': '/sessions/new', gkc_customerid: 'c1' };
        const { body } = await http2Request(proxy, headers);
        expect((body as { customerId?: string }).customerId).toBe(name === 'nginx' ? undefined : 'c1');
      });
    });
  });
}

needs('nginx')('X-Forwarded-Proto through nginx with its defaults', () => {
  it("is the client's own: a proxy that does not set it must not be trusted", async () => {
    const proxy = await nginxDefaults(
      await startHost({ cookie: { secret: 'keyboard cat' } }, { trustProxy: 'loopback' }),
    );
    const forged = await send(proxy.url, 'PUT /sessions/new', { 'X-Forwarded-Proto': 'https' });
    expect(forged.cookies[0]).toMatch(/; Secure$/);
  });
});

/** With a body, its length is not stated; an empty one is a DATA frame of no bytes. */
async function http2Request({ url }: RunningProxy, headers: http2.OutgoingHttpHeaders, body?: string) {
  const ca = readFileSync(TLS.certificate);
  const client = http2.connect(url, { ca, servername: 'localhost' });
  client.setTimeout(20_000, () => client.destroy(new Error('no answer')));
  try {
    const stream = client.request(headers, { endStream: body === undefined });
    if (body !== undefined) stream.end(body);
    const [answer] = (await once(stream, 'response')) as [http2.IncomingHttpHeaders];
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    return { status: answer[':status'], body: JSON.parse(Buffer.concat(chunks).toString()) as unknown };
  } finally {
    client.destroy();
  }
}

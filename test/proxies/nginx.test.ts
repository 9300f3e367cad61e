import { once } from 'node:events';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { expectError, expectSession } from '../http/expect-response.js';
import { listen } from '../http/hosts.js';
import { needs } from '../servers/needs.js';
import { docsBlock } from './docs-block.js';
import { type Seen, startHost } from './host.js';
import { passThroughCases, unreadBodyCases } from './pass-through.js';
import { startNginx } from './proxy.js';
import { send } from './send.js';
import { nginxDefaults, nginxSite } from './sites.js';

const underscores = { gkc_customerId: 'c1', gkc_agentId: 'a1' };
const hyphens = { 'gkc-customerId': 'c1', 'gkc-agentId': 'a1' };

needs('nginx')('nginx', () => {
  describe('with its defaults', () => passThroughCases((app) => nginxDefaults(app)));

  describe('with the site of the docs', () => {
    passThroughCases((app) => nginxSite(app));
    unreadBodyCases((app) => nginxSite(app));
  });

  it('passes WebSockets on with the location of the docs', async () => {
    const { server, port } = await listen((_req, res) => res.end());
    new WebSocketServer({ server, path: '/chat' }).on('connection', (ws, req) =>
      ws.send(`${req.headers.cookie}`),
    );
    const { url } = await nginxSite({ port }, docsBlock('nginx', 'websockets'));
    const socket = new WebSocket(`${url.replace('http', 'ws')}/chat`, { headers: { cookie: 'a=b' } });
    onTestFinished(() => socket.terminate());
    const [message] = await once(socket, 'message');
    expect(String(message)).toBe('a=b');
  });

  describe('headers with underscores', () => {
    it('are dropped silently by default, and hyphens pass', async () => {
      const { url } = await nginxDefaults(await startHost());
      expectSession(await send(url, 'PUT /sessions/new', underscores), 201, {});
      expectSession(await send(url, 'PUT /sessions/new', hyphens), 201, {
        customerId: 'c1',
        agentId: 'a1',
      });
      const both = { gkc_customerId: 'dropped', 'gkc-customerId': 'c1' };
      expectSession(await send(url, 'PUT /sessions/new', both), 201, { customerId: 'c1' });
    });

    it('do not identify a session by default, and hyphens do', async () => {
      const { url } = await nginxDefaults(await startHost());
      await send(url, 'POST /sessions/s1');
      const seen = async (headers: Record<string, string>) =>
        (JSON.parse((await send(url, 'GET /host', headers)).body) as Seen).sessionInfo?.sessionId;
      expect(await seen({ gkc_sessionId: 's1' })).toBeUndefined();
      expect(await seen({ 'gkc-sessionId': 's1' })).toBe('s1');
    });

    it.each([
      ['underscores_in_headers on', docsBlock('nginx', 'underscores')],
      ['ignore_invalid_headers off', 'ignore_invalid_headers off;'],
    ])('pass with %s', async (_name, directive) => {
      const { url } = await nginxSite(await startHost(), directive);
      const members = { customerId: 'c1', agentId: 'a1' };
      expectSession(await send(url, 'PUT /sessions/new', underscores), 201, members);
      expectSession(await send(url, 'PUT /sessions/new', hyphens), 201, members);
      const differing = { gkc_customerId: 'c1', 'gkc-customerId': 'c2' };
      expectError(await send(url, 'PUT /sessions/new', differing), 400, 'ambiguous_header');
    });

    it('pass by another server than the default one only when they come after Host', async () => {
      const { port: appPort } = await startHost();
      const { url } = await startNginx(
        ({ port }) => `server { listen 127.0.0.1:${port}; return 404; }
server {
  listen 127.0.0.1:${port};
  server_name shop.example;
  underscores_in_headers on;
  location / { proxy_pass http://127.0.0.1:${appPort}; }
}`,
      );
      const Host = 'shop.example';
      expectSession(await send(url, 'PUT /sessions/new', { ...underscores, Host }), 201, {});
      const members = { customerId: 'c1', agentId: 'a1' };
      expectSession(await send(url, 'PUT /sessions/new', { Host, ...underscores }), 201, members);
    });
  });

  describe('identity', () => {
    const forgeries = [
      { gkc_customerId: 'forged' },
      { 'gkc-customerId': 'forged' },
      { gkc_agentId: 'forged' },
      { 'gkc-agentId': 'forged' },
      { GKC_CUSTOMERID: 'forged', 'GKC-AGENTID': 'forged' },
      { 'Gkc-CustomerId': ['forged', 'twice'], Gkc_AgentId: 'forged' },
    ];

    it.each([
      ['by default', ''],
      ['with underscores_in_headers on', docsBlock('nginx', 'underscores')],
      ['with both', `${docsBlock('nginx', 'underscores')} ignore_invalid_headers off;`],
    ])('is not taken from a client when the headers are cleared, %s', async (_name, directive) => {
      const { url } = await nginxSite(await startHost(), directive, docsBlock('nginx', 'clear-identity'));
      for (const headers of forgeries) {
        expectSession(await send(url, 'PUT /sessions/new', headers), 201, {});
        expect(JSON.parse((await send(url, 'POST /sessions/s1', headers)).body).customerId).toBeUndefined();
      }
    });

    it('is taken from a client with ignore_invalid_headers off alone: nothing clears underscores then', async () => {
      const { url } = await nginxSite(
        await startHost(),
        'ignore_invalid_headers off;',
        docsBlock('nginx', 'clear-identity'),
      );
      const forged = { gkc_customerId: 'forged' };
      expectSession(await send(url, 'PUT /sessions/new', forged), 201, { customerId: 'forged' });
    });

    it('is taken from a client when a location has a proxy_set_header of its own', async () => {
      const { port: appPort } = await startHost();
      const { url } = await startNginx(
        ({ port }) => `server {
  listen 127.0.0.1:${port};
  ${docsBlock('nginx', 'clear-identity')}
  location / { proxy_set_header X-Other x; proxy_pass http://127.0.0.1:${appPort}; }
}`,
      );
      const forged = { 'gkc-customerId': 'forged' };
      expectSession(await send(url, 'PUT /sessions/new', forged), 201, { customerId: 'forged' });
    });

    it("is what the app's own login says, and nothing else", async () => {
      const host = await startHost(
        {},
        {
          before: [
            (req, res, next) => {
              if (req.url !== '/login-check') return next();
              const customers: Record<string, string> = { 'login=t0k3n': 'c7', 'login=utf8': 'Zoe' };
              const customer = customers[req.headers.cookie ?? ''];
              if (customer) res.setHeader('X-Customer-Id', customer);
              res.statusCode = req.headers.cookie === 'login=bad' ? 401 : 204;
              res.end();
            },
          ],
        },
      );
      const { url } = await nginxSite(
        host,
        docsBlock('nginx', 'underscores'),
        docsBlock('nginx', 'identity-from-login'),
      );
      for (const forgery of [{}, ...forgeries]) {
        const loggedIn = { ...forgery, Cookie: 'login=t0k3n' };
        expectSession(await send(url, 'PUT /sessions/new', loggedIn), 201, { customerId: 'c7' });
        expectSession(await send(url, 'PUT /sessions/new', forgery), 201, {});
      }
      const visit = { Cookie: 'login=t0k3n', 'Content-Type': 'application/json' };
      const withBody = await send(url, 'PUT /sessions/new', visit, '{"visitId":"v1"}');
      expectSession(withBody, 201, { customerId: 'c7', visitId: 'v1' });
      expect((await send(url, 'PUT /sessions/new', { Cookie: 'login=bad' })).status).toBe(401);
      expect((await send(url, 'GET /login-check', { Cookie: 'login=t0k3n' })).status).toBe(404);
    });

    it('may come from a variable of nginx, over what the client says', async () => {
      const { url } = await nginxSite(
        await startHost(),
        `set $customer shop-$arg_shop;
${docsBlock('nginx', 'clear-identity').replace('gkc-customerId ""', 'gkc-customerId $customer')}`,
      );
      const answer = await send(url, 'PUT /sessions/new?shop=7', { 'gkc-customerId': 'forged' });
      expectSession(answer, 201, { customerId: 'shop-7' });
    });

    it('by $http_gkc_customerid is what the client says, in either spelling', async () => {
      const { url } = await nginxSite(
        await startHost(),
        docsBlock('nginx', 'underscores'),
        docsBlock('nginx', 'clear-identity').replace(
          'gkc-customerId ""',
          'gkc-customerId $http_gkc_customerid',
        ),
      );
      for (const name of ['gkc_customerId', 'gkc-customerId']) {
        const answer = await send(url, 'PUT /sessions/new', { [name]: 'forged' });
        expectSession(answer, 201, { customerId: 'forged' });
      }
    });
  });

  it('keeps one connection to the app with keepalive, and none by default', async () => {
    for (const [startProxy, most] of [
      [nginxSite, 1],
      [nginxDefaults, 5],
    ] as const) {
      const host = await startHost();
      const { url } = await startProxy(host);
      for (let i = 0; i < 5; i++) await send(url, 'POST /sessions/s1');
      expect(host.connections()).toBe(most);
    }
  });

  it('may respond with 502 by default if the app responds and closes before it has read a large body', async () => {
    const { url } = await nginxDefaults(await startHost());
    const answer = await send(url, 'PUT /sessions/new', {}, 'x'.repeat(900 * 1024));
    expect([413, 502]).toContain(answer.status);
  });

  it('refuses a header line over 8 KiB itself, and Node more than 16 KiB of headers', async () => {
    const { url } = await nginxSite(await startHost());
    const line = await send(url, 'GET /sessions/s1', { 'X-Long': 'x'.repeat(8 * 1024) });
    expect(line.status).toBe(400);
    expect(line.headers['content-type']).toBe('text/html');
    const sevenKib = 'x'.repeat(7 * 1024);
    const all = { 'X-Long-1': sevenKib, 'X-Long-2': sevenKib, 'X-Long-3': sevenKib };
    expect((await send(url, 'GET /sessions/s1', all)).status).toBe(431);
  });

  it('refuses a body over 1 MiB itself', async () => {
    const { url } = await nginxSite(await startHost());
    const answer = await send(url, 'PUT /sessions/new', {}, 'x'.repeat(1024 * 1024 + 1));
    expect(answer.status).toBe(413);
    expect(answer.headers['content-type']).toBe('text/html');
  });

  it('keeps no response in its cache', async () => {
    const { port: appPort } = await startHost();
    const { url } = await startNginx(
      ({ port, folder }) => `proxy_cache_path ${folder}/cache keys_zone=all:1m;
server {
  listen 127.0.0.1:${port};
  proxy_cache all;
  proxy_cache_valid any 1h;
  add_header X-Cache $upstream_cache_status always;
  location / { proxy_pass http://127.0.0.1:${appPort}; }
}`,
    );
    const missing = await send(url, 'GET /sessions/s1');
    expectError(missing, 404, 'session_not_found');
    expect(missing.headers['x-cache']).toBe('MISS');
    await send(url, 'POST /sessions/s1');
    expectSession(await send(url, 'GET /sessions/s1'), 200, { sessionId: 's1' });
    await send(url, 'POST /sessions/s1', { 'gkc-customerId': 'c1' });
    expectSession(await send(url, 'GET /sessions/s1'), 200, { sessionId: 's1', customerId: 'c1' });
    const head = await send(url, 'HEAD /sessions/s1');
    expect({ status: head.status, cache: head.headers['x-cache'] }).toEqual({ status: 200, cache: 'MISS' });
  });

  it('replaces the body of an error only with proxy_intercept_errors', async () => {
    const { url } = await nginxSite(
      await startHost(),
      'proxy_intercept_errors on; error_page 404 /missing.html;',
    );
    expect((await send(url, 'GET /sessions/s1')).body).not.toContain('session_not_found"');
  });

  it('sends a PUT again when a server breaks off, and a POST not', async () => {
    const seen: string[] = [];
    const broken = await listen((req) => {
      seen.push(`${req.method}`);
      req.socket.destroy();
    });
    const { port: appPort } = await startHost();
    const { url } = await startNginx(
      ({ port }) => `upstream app { server 127.0.0.1:${broken.port}; server 127.0.0.1:${appPort} backup; }
server { listen 127.0.0.1:${port}; location / { proxy_pass http://app; } }`,
    );
    expect((await send(url, 'POST /sessions/s1')).status).toBe(502);
    expect(seen).toEqual(['POST']);
    const other = await startNginx(
      ({ port }) => `upstream app { server 127.0.0.1:${broken.port}; server 127.0.0.1:${appPort} backup; }
server { listen 127.0.0.1:${port}; location / { proxy_pass http://app; } }`,
    );
    expect((await send(other.url, 'PUT /sessions/new')).status).toBe(201);
    expect(seen).toEqual(['POST', 'PUT']);
  });
});

import { describe, expect, it } from 'vitest';
import { expectError, expectSession } from '../http/expect-response.js';
import { needs } from '../servers/needs.js';
import { docsBlock } from './docs-block.js';
import { type Seen, startHost } from './host.js';
import { send } from './send.js';
import { nginxSite } from './sites.js';

const cookie = { secret: 'keyboard cat' };

needs('nginx')('paths through nginx', () => {
  describe('a prefix', () => {
    it('that the app knows too is in Location', async () => {
      const { url } = await nginxSite(await startHost({}, { mount: '/api' }));
      const created = await send(url, 'PUT /api/sessions/new');
      expect(created.headers.location).toMatch(/^\/api\/sessions\/[\w-]{36}$/);
      expect((await send(url, `GET ${created.headers.location}`)).status).toBe(200);
    });

    it('that nginx takes away is missing in Location', async () => {
      const { url } = await nginxSite(
        await startHost({ cookie }),
        'location /api/ { proxy_pass http://app/; }',
      );
      const created = await send(url, 'PUT /api/sessions/new');
      expect(created.headers.location).toMatch(/^\/sessions\/[\w-]{36}$/);
      expect(created.cookies[0]).toContain('; Path=/;');
    });

    it('that nginx takes away is in Location by proxy_redirect, and in the cookie', async () => {
      const { url } = await nginxSite(await startHost({ cookie }), docsBlock('nginx', 'prefix'));
      const created = await send(url, 'PUT /api/sessions/new');
      expect(created.headers.location).toMatch(/^\/api\/sessions\/[\w-]{36}$/);
      expect(created.cookies[0]).toContain('; Path=/api/;');
      expect((await send(url, `GET ${created.headers.location}`)).status).toBe(200);
      const posted = await send(url, 'POST /api/sessions/s1');
      expect(posted.headers.location).toBe('/api/sessions/s1');
    });
  });

  it('have Location become a whole URL, with the port of nginx, without absolute_redirect off', async () => {
    const { url } = await nginxSite(
      await startHost(),
      docsBlock('nginx', 'prefix', { 'absolute_redirect off;': '' }),
    );
    const { headers } = await send(url, 'PUT /api/sessions/new');
    expect(headers.location).toMatch(new RegExp(`^${url}/api/sessions/`));
  });

  describe('with a path in proxy_pass', () => {
    const start = async () => nginxSite(await startHost(), docsBlock('nginx', 'prefix'));

    it('are decoded and cleaned', async () => {
      const { url } = await start();
      expectSession(await send(url, 'POST /api/sessions/%61%7Eb'), 201, { sessionId: 'a~b' });
      for (const path of ['/api//sessions/a~b', '/api/x/../sessions//a~b', '/api/sessions%2Fa~b']) {
        expectSession(await send(url, `GET ${path}`), 200, { sessionId: 'a~b' });
      }
    });

    it('have an encoded slash become two segments, and a dot of a session ID vanish', async () => {
      const { url } = await start();
      const slash = await send(url, 'GET /api/sessions/a%2Fb');
      expect((JSON.parse(slash.body) as Seen).url).toBe('/sessions/a/b');
      const dots = await send(url, 'GET /api/sessions/%2e%2e');
      expect((JSON.parse(dots.body) as Seen).url).toBe('/');
    });

    it('keep what else is encoded from being a session ID', async () => {
      const { url } = await start();
      for (const id of ['a%20b', '%C3%A9', 'a%25b', 'a%3Fb']) {
        expectError(await send(url, `GET /api/sessions/${id}`), 400, 'invalid_session_id');
      }
    });

    it('keep the query', async () => {
      const { url } = await start();
      await send(url, 'POST /api/sessions/s1');
      const { sessionInfo } = JSON.parse((await send(url, 'GET /api/host?sessionId=%731')).body) as Seen;
      expect(sessionInfo?.sessionId).toBe('s1');
    });
  });

  it('are protected only in their own letter case, unless the location says otherwise', async () => {
    const host = await startHost();
    const { url: open } = await nginxSite(host, 'location /sessions/ { deny all; }');
    expect((await send(open, 'POST /sessions/s1')).status).toBe(403);
    expect((await send(open, 'POST /Sessions/s1')).status).toBe(201);
    const { url: closed } = await nginxSite(host, docsBlock('nginx', 'deny'));
    for (const path of ['/sessions/s1', '/Sessions/s1', '/sessions/s1/', '//SESSIONS/s1', '/%73essions/s1']) {
      expect((await send(closed, `POST ${path}`)).status).toBe(403);
    }
  });
});

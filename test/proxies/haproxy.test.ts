import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { expectError, expectSession } from '../http/expect-response.js';
import { needs } from '../servers/needs.js';
import { docsBlock } from './docs-block.js';
import { startHost } from './host.js';
import { passThroughCases, unreadBodyCases } from './pass-through.js';
import { send } from './send.js';
import { haproxySite } from './sites.js';

needs('haproxy')('haproxy', () => {
  describe('with the site of the docs', () => {
    passThroughCases((app) => haproxySite(app));
    unreadBodyCases((app) => haproxySite(app));
  });

  describe('headers with underscores', () => {
    it('pass by default', async () => {
      const { url } = await haproxySite(await startHost());
      const headers = { gkc_customerId: 'c1', gkc_agentId: 'a1' };
      const members = { customerId: 'c1', agentId: 'a1' };
      expectSession(await send(url, 'PUT /sessions/new', headers), 201, members);
      const both = { gkc_customerId: 'c1', 'gkc-customerId': 'c2' };
      expectError(await send(url, 'PUT /sessions/new', both), 400, 'ambiguous_header');
      const twice = { gkc_customerId: ['c1', 'c2'] };
      expectError(await send(url, 'PUT /sessions/new', twice), 400, 'ambiguous_header');
    });

    it('are dropped with http-restrict-req-hdr-names delete, and hyphens pass', async () => {
      const frontend = docsBlock('haproxy', 'hyphens-only');
      const { url } = await haproxySite(await startHost(), { frontend });
      const headers = { gkc_customerId: 'dropped', 'gkc-agentId': 'a1' };
      expectSession(await send(url, 'PUT /sessions/new', headers), 201, { agentId: 'a1' });
    });
  });

  describe('identity', () => {
    const forgeries = [
      { gkc_customerId: 'forged' },
      { 'gkc-customerId': 'forged' },
      { GKC_CUSTOMERID: 'forged', 'GKC-AGENTID': 'forged' },
      { 'Gkc-CustomerId': ['forged', 'twice'], Gkc_AgentId: 'forged', 'gkc-agentId': 'forged' },
    ];

    it('is not taken from a client when the headers are deleted', async () => {
      const frontend = docsBlock('haproxy', 'clear-identity');
      const { url } = await haproxySite(await startHost(), { frontend });
      for (const headers of forgeries) {
        expectSession(await send(url, 'PUT /sessions/new', headers), 201, {});
      }
    });

    it('is what a map says of the API key, and nothing else', async () => {
      const { url } = await haproxySite(await startHost(), {
        frontend(folder) {
          const map = join(folder, 'customers.map');
          writeFileSync(map, 'k3y-1 c1\nk3y-2 c2\n');
          return docsBlock('haproxy', 'identity-from-key', { '/etc/haproxy/customers.map': map });
        },
      });
      for (const forgery of [{}, ...forgeries]) {
        const known = { ...forgery, 'X-API-Key': 'k3y-2' };
        expectSession(await send(url, 'PUT /sessions/new', known), 201, { customerId: 'c2' });
        const unknown = { ...forgery, 'X-API-Key': 'k3y-3' };
        expectSession(await send(url, 'PUT /sessions/new', unknown), 201, {});
        expectSession(await send(url, 'PUT /sessions/new', forgery), 201, {});
      }
    });
  });

  describe('a prefix', () => {
    it('that the app knows too is in Location', async () => {
      const { url } = await haproxySite(await startHost({}, { mount: '/api' }));
      expect((await send(url, 'PUT /api/sessions/new')).headers.location).toMatch(/^\/api\/sessions\//);
    });

    it('that haproxy takes away is in Location by replace-header', async () => {
      const backend = docsBlock('haproxy', 'prefix');
      const { url } = await haproxySite(await startHost(), { backend });
      const created = await send(url, 'PUT /api/sessions/new');
      expect(created.headers.location).toMatch(/^\/api\/sessions\/[\w-]{36}$/);
      expect((await send(url, `GET ${created.headers.location}`)).status).toBe(200);
      for (const path of ['/x/api/sessions/new', '//api/sessions/new'])
        expect((await send(url, `PUT ${path}`)).headers).not.toHaveProperty('location');
      const taken = 'http-request replace-path ^/api(/.*) \\1';
      const { url: unmended } = await haproxySite(await startHost(), { backend: taken });
      const wrong = await send(unmended, 'PUT /api/sessions/new');
      expect(wrong.headers.location).toMatch(/^\/sessions\//);
    });
  });

  it('protects paths only in their own letter case, unless the rule says otherwise', async () => {
    const host = await startHost();
    const frontend = 'http-request deny if { path_beg /sessions/ }';
    const { url: open } = await haproxySite(host, { frontend });
    expect((await send(open, 'POST /sessions/s1')).status).toBe(403);
    expect((await send(open, 'POST /Sessions/s1')).status).toBe(201);
    const { url: closed } = await haproxySite(host, { frontend: docsBlock('haproxy', 'deny') });
    for (const path of ['/sessions/s1', '/Sessions/s1', '/sessions/s1/']) {
      expect((await send(closed, `POST ${path}`)).status).toBe(403);
    }
  });

  it('keeps the connection to the app for more requests of one client', async () => {
    const host = await startHost();
    const { url } = await haproxySite(host);
    for (let i = 0; i < 5; i++) await (await fetch(`${url}/sessions/s1`)).text();
    expect(host.connections()).toBeLessThan(5);
  });

  it('refuses headers over its buffer itself', async () => {
    const { url } = await haproxySite(await startHost());
    const fine = await send(url, 'PUT /sessions/new', { 'X-Long': 'x'.repeat(14 * 1024) });
    expect(fine.status).toBe(201);
    const long = await send(url, 'PUT /sessions/new', { 'X-Long': 'x'.repeat(16 * 1024) });
    expect(long.status).toBe(400);
    expect(long.headers['content-type']).toMatch(/text\/html/);
  });
});

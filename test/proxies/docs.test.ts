import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { typeErrors } from '../docs/type-errors.js';
import { expectError, expectSession } from '../http/expect-response.js';
import { docsBlocks } from './docs-block.js';
import { startDocsApp } from './host.js';
import { send } from './send.js';

describe('docs/proxies.md', () => {
  it('has TypeScript that type-checks', () => {
    const samples = docsBlocks().filter(({ language }) => language === 'ts');
    expect(typeErrors(samples.map(({ name, text }) => ({ page: `proxies-${name}`, name, text })))).toEqual(
      [],
    );
  });

  it.each(['app', 'bare'])('its sample %s does not start without a secret', async (name) => {
    vi.stubEnv('SESSION_SECRET', '');
    onTestFinished(() => void vi.unstubAllEnvs());
    await expect(startDocsApp(name)).rejects.toThrow('Set SESSION_SECRET');
  });

  it.each(['app', 'bare'])('its sample %s sets a Secure cookie if the proxy says HTTPS', async (name) => {
    const { port } = await startDocsApp(name, name === 'app' ? { 'listen(3000,': 'listen(0,' } : {});
    const cookieOver = async (protocol: string) =>
      (await send(`http://127.0.0.1:${port}`, 'GET /', { 'X-Forwarded-Proto': protocol })).cookies[0];
    expect(await cookieOver('https')).toMatch(/; HttpOnly; Secure; SameSite=Lax$/);
    expect(await cookieOver('http')).toMatch(/; HttpOnly; SameSite=Lax$/);
  });

  it('has no block that is not run', () => {
    const folder = new URL('.', import.meta.url);
    const sources = readdirSync(folder).map((file) => readFileSync(new URL(file, folder), 'utf8'));
    const idle = docsBlocks().filter(({ language, name }) => {
      const call = language === 'ts' ? `startDocsApp('${name}'` : `docsBlock('${language}', '${name}'`;
      return !sources.some((source) => source.includes(call));
    });
    expect(idle).toEqual([]);
  });

  it('keeps connections to the app open for longer than nginx does', async () => {
    const { server } = await startDocsApp('app', { 'listen(3000,': 'listen(0,' });
    expect(server.keepAliveTimeout).toBeGreaterThan(60_000);
  });

  const forged = { gkc_customerId: 'forged', 'gkc-customerId': 'other', gkc_agentId: 'forged' };

  it('shows how identify is read instead of the headers', async () => {
    const { port } = await startDocsApp('identify', {
      'export const app = express();': `export const app = express();
        app.use((req, _res, next) => { req.user = req.headers['x-user'] && { id: req.headers['x-user'] }; next(); });`,
    });
    const url = `http://127.0.0.1:${port}`;
    expectSession(await send(url, 'PUT /sessions/new', forged), 201, {});
    const loggedIn = { ...forged, 'X-User': 'customer-7' };
    expectSession(await send(url, 'PUT /sessions/new', loggedIn), 201, { customerId: 'customer-7' });
    expectSession(await send(url, 'PUT /sessions/new', { 'GKC-AgentId': ['x', 'y'] }), 201, {});
  });

  it('shows how pages of one other origin may call the routes', async () => {
    const { port } = await startDocsApp('cors');
    const url = `http://127.0.0.1:${port}`;
    const Origin = 'https://portal.example';
    const preflight = await send(url, 'OPTIONS /sessions/s1', {
      Origin,
      'Access-Control-Request-Method': 'POST',
    });
    expect(preflight).toMatchObject({ status: 204, headers: { 'access-control-allow-origin': Origin } });
    expect(preflight.headers['access-control-allow-headers']).toContain('gkc-customerId');
    const created = await send(url, 'PUT /sessions/new', { Origin });
    expectSession(created, 201, {});
    expect(created.headers).toMatchObject({
      'access-control-allow-origin': Origin,
      'access-control-expose-headers': 'Location, Retry-After',
      vary: 'Origin',
    });
    const stranger = await send(url, 'OPTIONS /sessions/s1', { Origin: 'https://other.example' });
    expectError(stranger, 405, 'method_not_allowed');
    expect(stranger.headers['access-control-allow-origin']).toBeUndefined();
  });
});

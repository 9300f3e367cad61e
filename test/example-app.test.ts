import { execFile, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { promisify } from 'node:util';
import { createMemoryStore, customerSessions, maskSessionId } from 'express-session-info';
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { deviceName } from '../example-app/device-name.js';
import { createTimeline } from '../example-app/timeline.js';
import { serveExample } from './browser/serve-example.js';
import { NPM_START, spawnExampleApp, startExampleApp } from './example-app-process.js';

const ROOT = new URL('..', import.meta.url);
const TIME_LIMIT = 20_000;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function printedCommands(output: string): string[] {
  return output
    .split('\n')
    .filter((line) => line.startsWith('  '))
    .map((line) => line.trim());
}

/** A browser's part: keeps the cookie, and sends it. */
function createVisitor(url: string) {
  let cookie = '';
  return {
    cookie: () => cookie,
    /** As its browser keeps it; no response of the portal holds it. */
    sessionId: () => /^connect\.sid=s%3A(.*?)\./.exec(cookie)?.[1] ?? '',
    async request(method: string, path: string, body?: object, headers: Record<string, string> = {}) {
      const answer = await fetch(url + path, {
        method,
        headers: { ...headers, cookie, ...(body ? { 'content-type': 'application/json' } : {}) },
        ...(body ? { body: JSON.stringify(body) } : {}),
        signal: AbortSignal.timeout(TIME_LIMIT),
      });
      const setCookie = answer.headers.getSetCookie().find((header) => header.startsWith('connect.sid='));
      if (setCookie !== undefined) cookie = setCookie.split(';')[0] as string;
      return { status: answer.status, setCookie, body: JSON.parse(await answer.text()) };
    },
  };
}

/** The visitors of one example in this process, and its desk. */
async function openExample({ idleTimeout, serviceKey }: { idleTimeout?: number; serviceKey?: string } = {}) {
  const store = createMemoryStore({ idleTimeout });
  const url = await serveExample({ store, customers: customerSessions(store), serviceKey });
  const agent = createVisitor(url);
  async function logIn(customerId: string) {
    const visitor = createVisitor(url);
    await visitor.request('POST', '/login', { customerId });
    return visitor;
  }
  const isLive = async ({ sessionId }: { sessionId(): string }) => store.peek(sessionId()) !== undefined;
  return { url, store, agent, logIn, isLive };
}

/** Whether something listens on a port. */
function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

beforeAll(() => {
  if (!existsSync(new URL('dist/esm/index.js', ROOT)))
    throw new Error('the example imports the built package; run `npm run build` first');
});

describe('the start-up text of the example', () => {
  it('says where it listens and what is not set', async () => {
    const { url, output } = await startExampleApp();
    expect(output()).toContain(`Knowledge portal on ${url} (sessions in memory`);
    expect(output()).toContain('SESSION_SECRET is not set');
    expect(output()).toContain('SERVICE_KEY is not set: the desk is open by design');
    expect((await createVisitor(url).request('GET', '/')).body).toMatchObject({
      desk: ['GET /desk/{sessionId}'],
    });
  });

  it('does not mention a secret that is set', async () => {
    const { output } = await startExampleApp({
      SESSION_SECRET: 'secret-of-the-test',
      SERVICE_KEY: 'key-of-the-test',
    });
    expect(output()).not.toContain('not set');
    expect(output()).not.toContain('of-the-test');
  });

  const curlIsHere = spawnSync('curl', ['--version']).status === 0 && existsSync('/bin/sh');

  it.for([
    ['without a key', undefined],
    ['with a key', 'a key'],
  ] as const)(
    'prints lines for curl that work when they are pasted, %s',
    async ([, serviceKey], { skip }) => {
      const { output } = await startExampleApp(serviceKey === undefined ? {} : { SERVICE_KEY: serviceKey });
      const commands = printedCommands(output());
      expect(commands).toHaveLength(5);
      const onScreen = commands.join('\n');
      skip(!curlIsHere && process.env.REQUIRE_ALL_SUITES !== '1', 'this machine has no curl or no /bin/sh');

      const { stdout } = await promisify(execFile)('/bin/sh', ['-c', onScreen], {
        timeout: TIME_LIMIT,
        env: { PATH: process.env.PATH, SERVICE_KEY: serviceKey },
      });
      const [id, ...answers] = stdout.trim().split('\n');
      const [updated, found, articles, desk] = answers.map((answer) => JSON.parse(answer));
      expect(id).toMatch(UUID);
      expect(updated).toMatchObject({
        sessionId: id,
        agentId: 'agent-7',
        customerId: 'customer-42',
        visitId: 'visit-1',
      });
      expect(found).toEqual(updated);
      expect(articles.sessionInfo).toEqual({ ...updated, sessionId: maskSessionId(id as string) });
      expect(desk).toEqual({
        session: updated,
        requests: [{ at: expect.any(String), request: 'GET /articles?q=router' }],
        others: [],
      });
    },
  );
});

describe('a visitor of the example', () => {
  it('searches, reads, logs in, is seen at the desk, and logs out', async () => {
    const { url } = await openExample();
    const visitor = createVisitor(url);
    const agent = createVisitor(url);

    const search = await visitor.request('GET', '/articles?q=router%20LIGHTS');
    expect(search.body.articles).toEqual([
      { id: 'router-lights', title: 'What the lights on the router mean' },
    ]);
    expect(search.setCookie).toMatch(/; Path=\/; HttpOnly; SameSite=Lax$/);
    const anonymousId = visitor.sessionId();
    expect(search.body.sessionInfo.sessionId).toBe(maskSessionId(anonymousId));
    const read = await visitor.request('GET', '/articles/router-lights');
    expect(read).toMatchObject({ status: 200, setCookie: undefined, body: { id: 'router-lights' } });

    const login = await visitor.request('POST', '/login', { customerId: 'customer-1' });
    expect(login).toMatchObject({ status: 200, body: { session: { customerId: 'customer-1' } } });
    const sessionId = visitor.sessionId();
    expect(login.body.session.sessionId).toBe(maskSessionId(sessionId));
    expect(sessionId).not.toBe(anonymousId);
    expect((await agent.request('GET', `/sessions/${anonymousId}`)).status).toBe(404);
    expect((await agent.request('GET', `/desk/${anonymousId}`)).status).toBe(404);

    await agent.request('POST', `/sessions/${sessionId}`, { visitId: 'visit-1' }, { gkc_agentId: 'agent-1' });
    const desk = await agent.request('GET', `/desk/${sessionId}`);
    expect(desk.body.session).toMatchObject({
      sessionId,
      agentId: 'agent-1',
      customerId: 'customer-1',
      visitId: 'visit-1',
    });
    expect(desk.body.requests.map(({ request }: { request: string }) => request)).toEqual([
      'GET /articles?q=router%20LIGHTS',
      'GET /articles/router-lights',
      'POST /login',
    ]);
    expect(agent.cookie()).toBe('');

    expect((await visitor.request('POST', '/logout')).body).toEqual({ ended: true });
    expect(visitor.cookie()).toBe('connect.sid=');
    expect((await agent.request('GET', `/sessions/${sessionId}`)).status).toBe(404);
    expect((await agent.request('GET', `/desk/${sessionId}`)).body.error.code).toBe('session_not_found');
    const afterwards = await visitor.request('GET', '/articles');
    expect(afterwards.body.sessionInfo).not.toHaveProperty('customerId');
  });

  it('cannot say by a header of the request who the visitor is', async () => {
    const { url } = await openExample();
    const { body } = await createVisitor(url).request('GET', '/articles', undefined, {
      gkc_customerId: 'somebody-else',
      gkc_agentId: 'agent',
    });
    expect(Object.keys(body.sessionInfo)).toEqual(['sessionId', 'visitId', 'createdAt', 'updatedAt']);
  });

  it('logs in with a customer ID that the API accepts', async () => {
    const { url } = await openExample();
    const visitor = createVisitor(url);
    for (const wrong of [{}, { customerId: '' }, { customerId: 7 }, { customerId: 'x'.repeat(257) }]) {
      expect((await visitor.request('POST', '/login', wrong)).status).toBe(400);
    }
    expect((await visitor.request('POST', '/login', { customerId: 'one' })).status).toBe(200);
    expect((await visitor.request('GET', '/articles')).body.sessionInfo.customerId).toBe('one');
  });

  it('starts from nothing when another customer logs in', async () => {
    const { url } = await openExample();
    const visitor = createVisitor(url);
    await visitor.request('POST', '/login', { customerId: 'one' });
    const sessionId = visitor.sessionId();
    const agent = createVisitor(url);
    await agent.request('POST', `/sessions/${sessionId}`, {}, { gkc_agentId: 'agent-1' });
    const second = await visitor.request('POST', '/login', { customerId: 'two' });
    expect(second.body.session.customerId).toBe('two');
    expect(second.body.session).not.toHaveProperty('agentId');
    expect((await agent.request('GET', `/sessions/${sessionId}`)).status).toBe(404);
    expect((await agent.request('GET', `/desk/${visitor.sessionId()}`)).body.requests).toEqual([]);
  });

  it('gets an error in JSON for a page that does not exist', async () => {
    const { url } = await openExample();
    const visitor = createVisitor(url);
    for (const path of ['/nothing', '/articles/nothing', '/desk/nobody', '/desk/nobody/others']) {
      expect(await visitor.request('GET', path)).toMatchObject({ status: 404, body: { error: {} } });
    }
    expect((await visitor.request('GET', '/desk/%zz')).status).toBe(400);
  });

  it('cannot use the API and the desk when SERVICE_KEY is set', async () => {
    const { url } = await openExample({ serviceKey: 'key' });
    const visitor = createVisitor(url);
    expect((await visitor.request('GET', '/articles')).status).toBe(200);
    for (const authorization of ['', 'Bearer ', 'Bearer other', 'key']) {
      const headers = { authorization };
      expect((await visitor.request('PUT', '/sessions/new', undefined, headers)).status).toBe(403);
      for (const path of ['/desk', '/desk/x', '/desk/x/live'])
        expect((await visitor.request('GET', path, undefined, headers)).status).toBe(403);
      for (const path of ['/desk/x', '/desk/x/others', '/desk/x/agent'])
        expect((await visitor.request('DELETE', path, undefined, headers)).status).toBe(403);
    }
    const headers = { authorization: 'Bearer key' };
    expect((await visitor.request('PUT', '/sessions/new', undefined, headers)).status).toBe(201);
  });

  it('begins a visit, which goes on after the login', async () => {
    const { agent, url } = await openExample();
    const visitor = createVisitor(url);
    const { body } = await visitor.request('GET', '/articles');
    expect(body.sessionInfo.visitId).toMatch(/^visit-[0-9a-f]{8}$/);
    await visitor.request('POST', '/login', { customerId: 'one' });
    const { visitId } = (await agent.request('GET', `/sessions/${visitor.sessionId()}`)).body;
    expect(visitId).toBe(body.sessionInfo.visitId);
  });

  it('logs out in every browser of the customer, and in no other', async () => {
    const { logIn, isLive } = await openExample();
    const [here, there, other] = [await logIn('one'), await logIn('one'), await logIn('two')];
    expect(await here.request('POST', '/logout-everywhere')).toMatchObject({ body: { ended: 2 } });
    expect(here.cookie()).toBe('connect.sid=');
    expect([await isLive(there), await isLive(other)]).toEqual([false, true]);
    expect((await there.request('GET', '/articles')).body.sessionInfo).not.toHaveProperty('customerId');
  });

  it('can log out everywhere again after a 503, when some sessions may have ended', async () => {
    const { store, logIn, isLive } = await openExample();
    const [here, there] = [await logIn('one'), await logIn('one')];
    const { deleteByCustomer } = store;
    vi.spyOn(console, 'error').mockImplementationOnce(() => {});
    vi.spyOn(store, 'deleteByCustomer').mockImplementationOnce((...call) => {
      deleteByCustomer(...call);
      throw new Error('connection lost');
    });
    expect((await here.request('POST', '/logout-everywhere')).status).toBe(503);
    expect([await isLive(here), await isLive(there)]).toEqual([true, false]);
    expect((await here.request('POST', '/logout-everywhere')).body).toEqual({ ended: 1 });
  });

  it('ends no session of a customer before the login', async () => {
    const { url, logIn, isLive } = await openExample();
    const customer = await logIn('one');
    const headers = { gkc_customerId: 'one', 'gkc-customerId': 'one' };
    const response = await createVisitor(url).request(
      'POST',
      '/logout-everywhere',
      { customerId: 'one' },
      headers,
    );
    expect(response.body).toEqual({ ended: 0 });
    expect(await isLive(customer)).toBe(true);
  });

  it('is not logged out by another site', async () => {
    const { logIn, isLive } = await openExample();
    const visitor = await logIn('one');
    for (const site of ['cross-site', 'same-site'])
      for (const path of ['/logout', '/logout-everywhere', '/login']) {
        const response = await visitor.request(
          'POST',
          path,
          { customerId: 'two' },
          { 'sec-fetch-site': site },
        );
        expect(response).toMatchObject({ status: 403, setCookie: undefined });
      }
    expect(await isLive(visitor)).toBe(true);
    const own = { 'sec-fetch-site': 'same-origin' };
    expect((await visitor.request('POST', '/logout', undefined, own)).body).toEqual({ ended: true });
  });

  it('gets responses that no cache shares', async () => {
    const { url } = await openExample();
    for (const path of ['/', '/articles', '/articles/read-bill', '/articles/nothing'])
      for (const accept of ['text/html', 'application/json']) {
        const { headers } = await fetch(url + path, { headers: { accept } });
        expect(headers.get('cache-control')).toBe('private, no-cache');
      }
  });

  it('gets no session ID in a response', async () => {
    const { logIn } = await openExample();
    const visitor = await logIn('one');
    const responses = [
      await visitor.request('GET', '/'),
      await visitor.request('GET', '/articles'),
      await visitor.request('POST', '/login', { customerId: 'one' }),
    ];
    expect(JSON.stringify(responses.map(({ body }) => body))).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-/);
  });
});

describe('the desk of the example', () => {
  it('lists the other sessions of the customer, each with its device and latest request', async () => {
    const { agent, logIn, url } = await openExample();
    const [here] = [await logIn('one'), await logIn('two')];
    const phone = createVisitor(url);
    const headers = { 'user-agent': 'Mozilla/5.0 (Android 14; Mobile) Gecko/120.0 Firefox/120.0' };
    await phone.request('POST', '/login', { customerId: 'one' });
    await phone.request('GET', '/articles/slow-wifi', undefined, headers);
    const { body } = await agent.request('GET', `/desk/${here.sessionId()}`);
    expect(body.others).toEqual([
      {
        session: expect.objectContaining({ sessionId: phone.sessionId(), customerId: 'one' }),
        device: 'Firefox on Android',
        lastRequest: { at: expect.any(String), request: 'GET /articles/slow-wifi' },
      },
    ]);
    const anonymous = createVisitor(url);
    await anonymous.request('GET', '/articles');
    expect((await agent.request('GET', `/desk/${anonymous.sessionId()}`)).body.others).toEqual([]);
  });

  it('ends one session, or all others of the customer', async () => {
    const { agent, logIn, isLive } = await openExample();
    const [a, b, c, d, other] = [
      await logIn('one'),
      await logIn('one'),
      await logIn('one'),
      await logIn('one'),
      await logIn('two'),
    ];
    expect((await agent.request('DELETE', `/desk/${d.sessionId()}`)).body).toEqual({ ended: true });
    expect((await agent.request('DELETE', `/desk/${d.sessionId()}`)).status).toBe(404);
    expect((await agent.request('GET', `/desk/${d.sessionId()}/live`)).body).toEqual({
      state: 'ended',
      by: 'desk',
    });
    expect(await Promise.all([a, b, c, other].map(isLive))).toEqual([true, true, true, true]);
    expect((await agent.request('DELETE', `/desk/${a.sessionId()}/others`)).body).toEqual({ ended: 2 });
    expect(await Promise.all([a, b, c, other].map(isLive))).toEqual([true, false, false, true]);
  });

  it('ends no others of a session without a customer', async () => {
    const { agent, url } = await openExample();
    const visitor = createVisitor(url);
    await visitor.request('GET', '/articles');
    expect((await agent.request('DELETE', `/desk/${visitor.sessionId()}/others`)).status).toBe(409);
  });

  it('hands a session back', async () => {
    const { agent, logIn } = await openExample();
    const visitor = await logIn('one');
    const path = `/sessions/${visitor.sessionId()}`;
    await agent.request('POST', path, {}, { 'gkc-agentId': 'agent-7' });
    const { body } = await agent.request('DELETE', `/desk/${visitor.sessionId()}/agent`);
    expect(body.session).not.toHaveProperty('agentId');
    expect(body.session.customerId).toBe('one');
  });

  it('knows the session of the browser that shows it, and creates none', async () => {
    const { agent, logIn } = await openExample();
    const visitor = await logIn('one');
    expect((await visitor.request('GET', '/desk')).body).toEqual({ sessionId: visitor.sessionId() });
    expect(await agent.request('GET', '/desk')).toMatchObject({ body: {}, setCookie: undefined });
  });

  it('does not keep the session of a visitor who left alive', async () => {
    const { agent, logIn } = await openExample({ idleTimeout: 500 });
    const visitor = await logIn('one');
    const look = async () => (await agent.request('GET', `/desk/${visitor.sessionId()}/live`)).body.state;
    expect(await look()).toBe('live');
    const start = performance.now();
    while ((await look()) === 'live') expect(performance.now() - start).toBeLessThan(TIME_LIMIT);
    expect(await look()).toBe('gone');
  });

  it('lists nothing if the store cannot', async () => {
    const url = await serveExample({ store: createMemoryStore() });
    const visitor = createVisitor(url);
    await visitor.request('POST', '/login', { customerId: 'one' });
    expect((await visitor.request('GET', '/articles')).body.canLogOutEverywhere).toBe(false);
    expect((await visitor.request('POST', '/logout-everywhere')).status).toBe(404);
    const agent = createVisitor(url);
    const path = `/desk/${visitor.sessionId()}`;
    expect((await agent.request('GET', path)).body).not.toHaveProperty('others');
    expect((await agent.request('DELETE', `${path}/others`)).status).toBe(409);
  });
});

describe('the page of the example', () => {
  const read = (folder: string, end: string) =>
    readdirSync(new URL(folder, ROOT))
      .filter((name) => name.endsWith(end))
      .map((name) => readFileSync(new URL(folder + name, ROOT), 'utf8'))
      .join('\n');

  it('shows code that the example has', () => {
    const scripts = read('example-app/public/', '.js');
    const shown = [
      ...read('example-app/public/', '.html').matchAll(/class="did"><code>(.*?)<\/code>/g),
      ...scripts.matchAll(/did\('(.*?)'[,)]/g),
      ...scripts.matchAll(/LIST = '(.*?)'/g),
    ].map(([, code]) => code as string);
    expect(shown.length).toBeGreaterThanOrEqual(10);
    const source = read('example-app/', '.ts');
    expect(shown.filter((code) => !source.includes(code))).toEqual([]);
  });
});

describe('the name of a device', () => {
  it.each([
    ['Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/120.0 Safari/537.36', 'Chrome on Windows'],
    ['Mozilla/5.0 (Windows NT 10.0) Chrome/120.0 Safari/537.36 Edg/120.0', 'Edge on Windows'],
    ['Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Version/17.0 Safari/604.1', 'Safari on iPhone'],
    ['curl/8.5.0', 'curl'],
    ['', 'Unknown program'],
  ])('%s: %s', (userAgent, name) => {
    expect(deviceName(userAgent)).toBe(name);
  });
});

describe('starting and stopping the example', () => {
  it.each(['abc', '65536', '-1', '3000x', '1.5'])('refuses PORT=%s and says what it takes', async (PORT) => {
    const { code, output } = await spawnExampleApp({ PORT }).finished;
    expect(output).toBe(
      `PORT must be a whole number from 0 to 65535, not "${PORT}". Try: PORT=3001 npm start\n`,
    );
    expect(code).toBe(1);
  });

  it('says that a port is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    onTestFinished(() => void other.close());
    const { port } = other.address() as { port: number };
    const { code, output } = await spawnExampleApp({ PORT: String(port) }).finished;
    expect(output).toMatch(new RegExp(`^Port ${port} is in use\\. .*PORT=\\d+ npm start\n$`));
    expect(code).toBe(1);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('%s lets a request under way end, then stops', async (signal) => {
    const { url, child, finished } = await startExampleApp();
    const port = Number(new URL(url).port);
    const body = '{"customerId":"one"}';
    const socket = connect(port, '127.0.0.1').setEncoding('utf8');
    const head = [
      'POST /login HTTP/1.1',
      'Host: a',
      'Expect: 100-continue',
      'Content-Type: application/json',
    ];
    socket.write(`${head.join('\r\n')}\r\nContent-Length: ${body.length}\r\n\r\n`);
    expect(await once(socket, 'data')).toEqual(['HTTP/1.1 100 Continue\r\n\r\n']);
    child.kill(signal);
    while (await accepts(port));
    socket.write(body);
    expect(String(await once(socket, 'data'))).toMatch(/^HTTP\/1\.1 200 OK/);
    expect(await finished).toEqual({ code: 0, output: expect.stringMatching(/Stopped\.\n$/) });
    socket.destroy();
  });

  it('stops when npm, which started it, is told to', async () => {
    const { child, finished } = await startExampleApp({}, NPM_START);
    child.kill('SIGTERM');
    expect((await finished).output).toMatch(/Stopped\.\n$/);
  });
});

describe('the time line', () => {
  it('keeps the last requests of the sessions that were active last', () => {
    const timeline = createTimeline({ maxSessions: 2, maxEntries: 2 });
    const requests = (sessionId: string) => timeline.entries(sessionId).map(({ request }) => request);
    for (const request of ['1', '2', '3']) timeline.record('a', request);
    timeline.record('b', 'x'.repeat(1000));
    expect(requests('a')).toEqual(['2', '3']);
    expect(requests('b')).toEqual(['x'.repeat(200)]);
    timeline.record('a', '4');
    timeline.record('c', '1');
    expect([requests('a'), requests('b'), requests('c')]).toEqual([['3', '4'], [], ['1']]);
    timeline.rename('a', 'd');
    timeline.end('c', 'logout');
    expect(timeline.endedBy('c')).toBe('logout');
    expect([requests('a'), requests('c'), requests('d')]).toEqual([[], [], ['3', '4']]);
  });

  it('keeps of a long URL no more than it shows', async () => {
    const script = `
      const { createTimeline } = await import('./example-app/timeline.ts');
      const timeline = createTimeline();
      gc();
      const before = process.memoryUsage().heapUsed;
      for (let i = 0; i < 2000; i++) timeline.record('s' + (i % 20), JSON.parse(JSON.stringify('/articles?q=' + 'x'.repeat(15_000) + i)));
      gc();
      console.log((process.memoryUsage().heapUsed - before) / 2000, timeline.entries('s0').length);`;
    const args = ['--expose-gc', '--import', 'tsx', '--input-type=module', '-e', script];
    const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 30_000 });
    const [bytes, kept] = stdout.split(' ').map(Number);
    expect(kept).toBe(100);
    expect(bytes).toBeLessThan(2000);
  });
});

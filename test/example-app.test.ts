import { execFile, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createTimeline } from '../example-app/timeline.js';
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
    expect(output()).toContain('SERVICE_KEY is not set');
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
      expect(articles.sessionInfo).toEqual(updated);
      expect(desk).toEqual({
        session: updated,
        requests: [{ at: expect.any(String), request: 'GET /articles?q=router' }],
      });
    },
  );
});

describe('a visitor of the example', () => {
  it('searches, reads, logs in, is seen at the desk, and logs out', async () => {
    const { url } = await startExampleApp();
    const visitor = createVisitor(url);
    const agent = createVisitor(url);

    const search = await visitor.request('GET', '/articles?q=router%20LIGHTS');
    expect(search.body.articles).toEqual([
      { id: 'router-lights', title: 'What the lights on the router mean' },
    ]);
    expect(search.setCookie).toMatch(/; Path=\/; HttpOnly; SameSite=Lax$/);
    const anonymousId: string = search.body.sessionInfo.sessionId;
    const read = await visitor.request('GET', '/articles/router-lights');
    expect(read).toMatchObject({ status: 200, setCookie: undefined, body: { id: 'router-lights' } });

    const login = await visitor.request('POST', '/login', { customerId: 'customer-1' });
    expect(login).toMatchObject({ status: 200, body: { session: { customerId: 'customer-1' } } });
    const sessionId: string = login.body.session.sessionId;
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
    const { url } = await startExampleApp();
    const { body } = await createVisitor(url).request('GET', '/articles', undefined, {
      gkc_customerId: 'somebody-else',
      gkc_agentId: 'agent',
    });
    expect(Object.keys(body.sessionInfo)).toEqual(['sessionId', 'createdAt', 'updatedAt']);
  });

  it('logs in with a customer ID that the API accepts', async () => {
    const { url } = await startExampleApp();
    const visitor = createVisitor(url);
    for (const wrong of [{}, { customerId: '' }, { customerId: 7 }, { customerId: 'x'.repeat(257) }]) {
      expect((await visitor.request('POST', '/login', wrong)).status).toBe(400);
    }
    expect((await visitor.request('POST', '/login', { customerId: 'one' })).status).toBe(200);
    expect((await visitor.request('GET', '/articles')).body.sessionInfo.customerId).toBe('one');
  });

  it('starts from nothing when another customer logs in', async () => {
    const { url } = await startExampleApp();
    const visitor = createVisitor(url);
    const first = await visitor.request('POST', '/login', { customerId: 'one' });
    const { sessionId } = first.body.session;
    const agent = createVisitor(url);
    await agent.request('POST', `/sessions/${sessionId}`, {}, { gkc_agentId: 'agent-1' });
    const second = await visitor.request('POST', '/login', { customerId: 'two' });
    expect(second.body.session.customerId).toBe('two');
    expect(second.body.session).not.toHaveProperty('agentId');
    expect((await agent.request('GET', `/sessions/${sessionId}`)).status).toBe(404);
    expect((await agent.request('GET', `/desk/${second.body.session.sessionId}`)).body.requests).toEqual([]);
  });

  it('gets an error in JSON for a page that does not exist', async () => {
    const { url } = await startExampleApp();
    const visitor = createVisitor(url);
    for (const path of ['/nothing', '/articles/nothing', '/desk', '/desk/nobody']) {
      expect(await visitor.request('GET', path)).toMatchObject({ status: 404, body: { error: {} } });
    }
    expect((await visitor.request('GET', '/desk/%zz')).status).toBe(400);
  });

  it('cannot use the API and the desk when SERVICE_KEY is set', async () => {
    const { url } = await startExampleApp({ SERVICE_KEY: 'key' });
    const visitor = createVisitor(url);
    expect((await visitor.request('GET', '/articles')).status).toBe(200);
    for (const authorization of ['', 'Bearer ', 'Bearer other', 'key']) {
      const headers = { authorization };
      expect((await visitor.request('PUT', '/sessions/new', undefined, headers)).status).toBe(403);
      expect((await visitor.request('GET', '/desk/x', undefined, headers)).status).toBe(403);
    }
    const headers = { authorization: 'Bearer key' };
    expect((await visitor.request('PUT', '/sessions/new', undefined, headers)).status).toBe(201);
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
    timeline.forget('c');
    expect([requests('a'), requests('c'), requests('d')]).toEqual([[], [], ['3', '4']]);
  });
});

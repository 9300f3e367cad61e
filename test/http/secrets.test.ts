import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { sign } from 'cookie-signature';
import supertest, { type Response } from 'supertest';
import { expect, it, onTestFinished } from 'vitest';

/** A part of everything that must not be seen. */
const MARK = 'tell-no-one';
const FIRST_SECRET = `${MARK}-first-${randomUUID()}`;
const SECOND_SECRET = `${MARK}-second-${randomUUID()}`;

/** Starts test/http/secrets/talkative-app.ts on the Express of this project, with all debug output on. */
async function startTalkativeApp() {
  const isExpress4 = process.env.EXPRESS_MAJOR === '4';
  const child = fork(fileURLToPath(new URL('secrets/talkative-app.ts', import.meta.url)), {
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: {
      PATH: process.env.PATH,
      DEBUG: '*',
      NODE_DEBUG: 'express-session-info',
      FIRST_SECRET,
      SECOND_SECRET,
      ...(isExpress4 && {
        TSX_TSCONFIG_PATH: fileURLToPath(new URL('secrets/express4.tsconfig.json', import.meta.url)),
      }),
    },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const printed = Promise.all([child.stdout, child.stderr].map((stream) => (stream ? text(stream) : '')));
  const [{ port }] = await once(child, 'message', { signal: AbortSignal.timeout(15_000) });
  return {
    url: `http://127.0.0.1:${port}`,
    /** Ends the process and returns all lines that it printed. */
    async stop(): Promise<string[]> {
      child.disconnect();
      return (await printed).join('\n').split('\n');
    },
  };
}

type Send = (method: 'get' | 'put' | 'post' | 'delete', path: string) => supertest.Test;

/** Requests that get an error, or make the app fail. */
function failingRequests(send: Send, id: string, cookie: string): supertest.Test[] {
  const stores = ['throws', 'rejects', 'throws-text', 'hangs', 'other', 'timeless', 'empty', 'text', 'full'];
  const ofStores = stores.flatMap((name) => [
    send('put', `/${name}/sessions/new`),
    send('get', `/${name}/sessions/${id}`),
    send('post', `/${name}/sessions/${id}`).send({ visitId: id }),
    send('get', `/${name}/page?sessionId=${id}`),
    send('get', `/${name}/page`).set('cookie', cookie),
    send('get', `/${name}/page`).set('gkc_sessionId', id),
  ]);
  const hooks = ['forbidden', 'bad-id', 'taken-id', 'bad-identity', 'odd-identity'];
  const ofHooks = hooks.map((name) => send('put', `/${name}/sessions/new`).set('x-secret', id));
  const body = (bytes: string) =>
    send('post', `/sessions/${id}`).set('content-type', 'application/json').send(bytes);
  return [
    ...ofStores,
    ...ofHooks,
    send('get', '/promised-source/page').set('x-secret', id),
    send('post', `/no-ids/sessions/${id}-unknown`),
    send('get', `/sessions/${id}-unknown`),
    send('get', `/sessions/${id}%20bad`),
    send('get', `/sessions/${id}%zz`),
    send('delete', `/sessions/${id}-unknown`),
    send('get', `/required?sessionId=${id}-unknown`),
    send('get', `/required?sessionId=${id}%20bad`),
    body(`{"visitId":"${id}"`),
    body(`"${id}"`),
    body(JSON.stringify({ visitId: id.repeat(20) })),
    body(JSON.stringify({ visitId: [id] })),
    body(JSON.stringify({ visitId: `${id}\0` })),
    body(JSON.stringify({ [id]: id.repeat(1000) })),
    send('post', `/sessions/${id}`).set('content-type', `text/${id}`).send(id),
    send('post', `/sessions/${id}`).set('content-encoding', id).send({ visitId: id }),
    send('put', '/sessions/new').set({ gkc_customerId: id, 'gkc-customerId': `${id}-2` }),
    send('put', '/sessions/new').set('gkc_agentId', id.repeat(20)),
    send('get', `/update?sessionId=${id}`).set('x-secret', id),
    send('get', `/unattached?sessionId=${id}`),
  ];
}

const describeResponse = ({ status, headers, text: body }: Response) =>
  JSON.stringify({ status, headers, body });

it('no session ID, cookie or secret is in an error response, a log, a channel or the output of DEBUG=* and NODE_DEBUG', async () => {
  const app = await startTalkativeApp();
  const send: Send = (method, path) => supertest(app.url)[method](path);
  const id = `${MARK}-${randomUUID()}`;
  const cookie = `connect.sid=${encodeURIComponent(`s:${sign(id, SECOND_SECRET)}`)}`;
  const forged = `connect.sid=${encodeURIComponent(`s:${sign(id, 'another')}`)}`;

  expect((await send('post', `/sessions/${id}`)).status).toBe(201);
  const { body: created } = await send('put', '/sessions/new').set('gkc_customerId', `${MARK}-customer`);
  for (const [i, response] of (await Promise.all(failingRequests(send, id, cookie))).entries()) {
    expect(response.status, `failing request ${i}: ${response.text}`).toBeGreaterThanOrEqual(400);
    expect(describeResponse(response)).not.toContain(MARK);
  }
  for (const header of [cookie, forged]) {
    const { text: page, headers } = await send('get', '/nowhere').set('cookie', header);
    // Express's own message for an unknown path, which contains the path.
    expect(page).toContain('Cannot GET /nowhere');
    expect(String(headers['set-cookie'])).not.toContain(MARK);
  }
  const renewed = await send('get', '/login').set('cookie', cookie);
  expect(renewed.status).toBe(200);
  await send('get', `/late?sessionId=${renewed.body.sessionId}`).then(
    () => {},
    () => {},
  );
  expect((await send('get', `/logout?sessionId=${renewed.body.sessionId}`)).body).toBe(true);

  const lines = await app.stop();
  const ours = lines.filter((line) => !isOfExpress(line));
  // It printed something, on the Express of this project.
  for (const word of [
    'EXPRESS-SESSION-INFO',
    'app error: ',
    'published session.created',
    'published store.failed',
    'published start',
  ])
    expect(
      ours.some((line) => line.includes(word)),
      word,
    ).toBe(true);
  const { version } = createRequire(import.meta.url)(
    process.env.EXPRESS_MAJOR === '4' ? 'express4/package.json' : 'express/package.json',
  );
  expect(version[0]).toBe(process.env.EXPRESS_MAJOR);
  const said = ours.join('\n');
  expect(said).toContain(
    process.env.EXPRESS_MAJOR === '4' ? 'node_modules/express4/' : 'node_modules/router/',
  );
  for (const secret of [MARK, created.sessionId, renewed.body.sessionId, ...signaturesOf(cookie, renewed)]) {
    expect(ours.filter((line) => line.includes(secret))).toEqual([]);
  }
});

/** Express and its own packages print the path of each request, whatever is mounted. */
function isOfExpress(line: string): boolean {
  return /^(?:\S+|\w+, .*? GMT) (?:express|router|body-parser|finalhandler|send)(?::\S*)? /.test(line);
}

/** The signatures of the cookie that was sent, and of the one that was set. */
function signaturesOf(cookie: string, { headers }: Response): string[] {
  return [cookie, String(headers['set-cookie'])].map((header) => {
    const [, signature = ''] = /s%3A[^;]*\.([^;.]+)/.exec(header) ?? [];
    expect(signature).not.toBe('');
    return decodeURIComponent(signature);
  });
}

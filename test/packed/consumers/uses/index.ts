import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import express from 'express';
import {
  attachSession,
  createMemoryStore,
  createSessionRouter,
  endSession,
  getSession,
  renewSession,
  requireSession,
  type SessionInfo,
  updateSession,
} from 'express-session-info';

/** A small app: the routes, and code of its own that reads, changes, renews and ends the session. */
function createApp() {
  const app = express();
  const store = createMemoryStore({ idleTimeout: 60_000 });
  app.use('/api/v1', createSessionRouter(store, { cookie: { secret: 'a secret' }, authorize: () => true }));
  app.use(attachSession(store, { cookie: { secret: 'a secret' }, sources: ['header', 'cookie'] }));
  app.get('/me', requireSession(), (req, res) => {
    res.json(getSession(req));
  });
  app.post('/visit', (req, res, next) => {
    updateSession(req, { visitId: 'visit-1' }).then((info) => res.json(info), next);
  });
  app.post('/login', (req, res, next) => {
    renewSession(req, res, { customerId: 'anna' }).then((info) => res.json(info), next);
  });
  app.post('/logout', (req, res, next) => {
    endSession(req, res).then((ended) => res.json(ended), next);
  });
  return app;
}

export async function use(): Promise<void> {
  const server = createApp().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  try {
    await visit(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

async function visit(host: string): Promise<void> {
  const created = await fetch(`${host}/api/v1/sessions/new`, { method: 'PUT' });
  assert.equal(created.status, 201);
  const { sessionId } = (await created.json()) as SessionInfo;
  assert.equal(created.headers.get('location'), `/api/v1/sessions/${sessionId}`);

  const url = `${host}/api/v1/sessions/${sessionId}`;
  const updated = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', gkc_agentId: 'agent-1' },
    body: JSON.stringify({ globalVisitId: 'global-1' }),
  });
  assert.equal(updated.status, 200);
  const found = (await (await fetch(url)).json()) as SessionInfo;
  assert.deepEqual([found.agentId, found.globalVisitId], ['agent-1', 'global-1']);
  const missing = await fetch(`${host}/api/v1/sessions/unknown`);
  assert.equal(missing.status, 404);
  const notFound = { code: 'session_not_found', message: 'Session not found' };
  assert.equal(await missing.text(), JSON.stringify({ error: notFound }));

  const byHeader = await fetch(`${host}/me`, { headers: { gkc_sessionId: sessionId } });
  assert.deepEqual(await byHeader.json(), found);
  const byCookie = { headers: { cookie: cookieOf(created) } };
  assert.deepEqual(await (await fetch(`${host}/me`, byCookie)).json(), found);
  const associated = await fetch(`${host}/visit`, { ...byCookie, method: 'POST' });
  assert.equal(((await associated.json()) as SessionInfo).visitId, 'visit-1');

  const login = await fetch(`${host}/login`, { ...byCookie, method: 'POST' });
  const renewed = (await login.json()) as SessionInfo;
  assert.notEqual(renewed.sessionId, sessionId);
  assert.deepEqual([renewed.agentId, renewed.customerId, renewed.visitId], ['agent-1', 'anna', 'visit-1']);
  const logout = await fetch(`${host}/logout`, { method: 'POST', headers: { cookie: cookieOf(login) } });
  assert.equal(await logout.json(), true);
}

function cookieOf(answer: Response): string {
  const [cookie = ''] = (answer.headers.get('set-cookie') ?? '').split(';');
  assert.match(cookie, /^connect\.sid=s%3A/);
  return cookie;
}

// The ESM and the CommonJS build in one process: each recognizes the requests and the errors of the other.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import express from 'express';
import * as esm from 'express-session-info';

const cjs = createRequire(import.meta.url)('express-session-info');
assert.notEqual(esm.createSessionRouter, cjs.createSessionRouter);

for (const [one, other] of [
  [esm, cjs],
  [cjs, esm],
]) {
  const app = express();
  app.use(one.createSessionRouter());
  app.post('/login', (req, res, next) => {
    other.updateSession(req, { customerId: 'anna' }).then((info) => res.json(info), next);
  });
  app.post('/wrong', async (req, res) => {
    const error = await one.updateSession(req, { customerId: '\n' }).catch((reason) => reason);
    res.json([other.isSessionError(error), error.code, error.status, other.isSessionError(new Error('x'))]);
  });
  const server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const host = `http://127.0.0.1:${server.address().port}`;
  const { sessionId } = await (await fetch(`${host}/sessions/new`, { method: 'PUT' })).json();
  const login = await fetch(`${host}/login`, { method: 'POST', headers: { gkc_sessionId: sessionId } });
  assert.equal((await login.json()).customerId, 'anna');
  const wrong = await fetch(`${host}/wrong`, { method: 'POST', headers: { gkc_sessionId: sessionId } });
  assert.deepEqual(await wrong.json(), [true, 'invalid_field', 400, false]);
  server.close();
  server.closeAllConnections();
}
console.log('recognized by each other');

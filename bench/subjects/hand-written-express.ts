import { createServer } from 'node:http';
import express, { type ErrorRequestHandler } from 'express';
import {
  BadRequest,
  createSession,
  findSession,
  isSessionId,
  readAssociations,
  updateSession,
} from './hand-written.ts';

export function handWrittenOnExpress() {
  const app = express();
  app.use(express.json({ limit: '16kb' }));

  app.use('/sessions', (_req, res, next) => {
    res.set({ 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' });
    next();
  });

  app.put('/sessions/new', (req, res) => {
    const session = createSession(readAssociations(req.headers, req.body ?? {}));
    res.status(201).location(`/sessions/${session.sessionId}`).json(session);
  });

  app.param('sessionId', (_req, _res, next, sessionId) => {
    next(isSessionId(sessionId) ? undefined : new BadRequest('The session ID is not valid'));
  });

  app.get('/sessions/:sessionId', (req, res) => {
    const session = findSession(req.params.sessionId);
    if (session) res.json(session);
    else res.status(404).json({ error: { code: 'session_not_found', message: 'Session not found' } });
  });

  app.post('/sessions/:sessionId', (req, res) => {
    const { sessionId } = req.params;
    const associations = readAssociations(req.headers, req.body ?? {});
    const updated = updateSession(sessionId, associations);
    if (updated) res.json(updated);
    else res.status(201).location(`/sessions/${sessionId}`).json(createSession(associations, sessionId));
  });

  app.use(((error, _req, res, _next) => {
    res.status(error.status ?? 500).json({ error: { code: 'bad_request', message: error.message } });
  }) satisfies ErrorRequestHandler);
  return createServer(app);
}

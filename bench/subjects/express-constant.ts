import { createServer } from 'node:http';
import express, { type Request, type Response } from 'express';
import { ASSOCIATIONS } from '../visitors.ts';

/** What any router in an app of Express costs at the least: it keeps no session and checks nothing, but answers the same bytes. */
export default function constantAnswersOnExpress() {
  const app = express();
  app.get('/sessions/:sessionId', (req, res) => answer(req, res, 200, req.params.sessionId));
  app.put('/sessions/new', (req, res) => answerWhenRead(req, res, 201, 'constant'));
  app.post('/sessions/:sessionId', (req, res) => answerWhenRead(req, res, 200, req.params.sessionId));
  return createServer(app);
}

const { agentId, customerId } = ASSOCIATIONS;
const TIME = new Date().toISOString();

function answerWhenRead(req: Request, res: Response, status: number, sessionId: string): void {
  if (!hasBody(req)) answer(req, res, status, sessionId);
  else req.resume().on('end', () => answer(req, res, status, sessionId));
}

function answer(req: Request, res: Response, status: number, sessionId: string): void {
  const associations = req.method === 'PUT' && !hasBody(req) ? { agentId, customerId } : ASSOCIATIONS;
  const body = JSON.stringify({ sessionId, ...associations, createdAt: TIME, updatedAt: TIME });
  res.statusCode = status;
  if (status === 201) res.setHeader('Location', `/sessions/${sessionId}`);
  res.setHeader('Content-Type', 'application/json; charset=utf-8');
  res.setHeader('Cache-Control', 'no-store');
  res.setHeader('X-Content-Type-Options', 'nosniff');
  res.setHeader('Content-Length', body.length);
  res.end(body);
}

function hasBody({ headers }: Request): boolean {
  return Number(headers['content-length'] ?? 0) > 0;
}

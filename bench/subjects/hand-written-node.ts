import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import {
  BadRequest,
  createSession,
  findSession,
  isSessionId,
  readAssociations,
  type Session,
  updateSession,
} from './hand-written.ts';

export function handWrittenOnNode() {
  return createServer((req, res) => {
    handle(req, res).catch((error) => {
      respond(res, error.status ?? 500, { error: { code: 'bad_request', message: error.message } });
    });
  });
}

async function handle(req: IncomingMessage, res: ServerResponse): Promise<void> {
  const id = PATH.exec(req.url as string)?.[1];
  if (id === undefined) return respond(res, 404, { error: { code: 'not_found', message: 'Not found' } });
  if (id.toLowerCase() === 'new') {
    if (req.method !== 'PUT') return notAllowed(res, 'PUT');
    return created(res, createSession(readAssociations(req.headers, await readJson(req))));
  }
  const sessionId = decodeURIComponent(id);
  if (!isSessionId(sessionId)) throw new BadRequest('The session ID is not valid');
  if (req.method === 'GET' || req.method === 'HEAD') {
    const session = findSession(sessionId);
    if (session) return respond(res, 200, session);
    return respond(res, 404, { error: { code: 'session_not_found', message: 'Session not found' } });
  }
  if (req.method !== 'POST') return notAllowed(res, 'GET, HEAD, POST');
  const associations = readAssociations(req.headers, await readJson(req));
  const updated = updateSession(sessionId, associations);
  if (updated) return respond(res, 200, updated);
  return created(res, createSession(associations, sessionId));
}

const PATH = /^\/sessions\/([^/?]+)\/?(?:\?|$)/i;
const LIMIT = 16 * 1024;

async function readJson(req: IncomingMessage): Promise<unknown> {
  const { 'content-length': length, 'transfer-encoding': encoding, 'content-type': type } = req.headers;
  if (encoding === undefined && (length === undefined || length === '0')) return {};
  const text = await readText(req);
  if (text === '') return {};
  if (!/^application\/json\s*(;|$)/i.test(type ?? '')) {
    throw Object.assign(new Error('The body must be JSON'), { status: 415 });
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new BadRequest('The body is not valid JSON');
  }
}

function readText(req: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    req.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > LIMIT) reject(Object.assign(new Error('The body is too large'), { status: 413 }));
      else chunks.push(chunk);
    });
    req.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
    req.on('error', reject);
  });
}

function created(res: ServerResponse, session: Session): void {
  res.setHeader('Location', `/sessions/${session.sessionId}`);
  respond(res, 201, session);
}

function notAllowed(res: ServerResponse, allow: string): void {
  res.setHeader('Allow', allow);
  respond(res, 405, { error: { code: 'method_not_allowed', message: 'Method not allowed' } });
}

function respond(res: ServerResponse, status: number, body: object): void {
  const json = JSON.stringify(body);
  res.writeHead(status, {
    'Content-Type': 'application/json; charset=utf-8',
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    'Content-Length': Buffer.byteLength(json),
  });
  res.end(json);
}

import Fastify from 'fastify';
import { type Associations, createSession, findSession, updateSession } from './hand-written.ts';

export async function onFastify() {
  const app = Fastify({ bodyLimit: 16 * 1024 });

  app.addHook('onRequest', (_request, reply, done) => {
    reply.header('cache-control', 'no-store').header('x-content-type-options', 'nosniff');
    done();
  });

  app.put<{ Headers: IdentityHeaders; Body: Visit }>(
    '/sessions/new',
    { schema: { headers, body, response: { 201: session } } },
    async (request, reply) => {
      const created = createSession(associations(request.headers, request.body));
      return reply.code(201).header('location', `/sessions/${created.sessionId}`).send(created);
    },
  );

  app.get<{ Params: { sessionId: string } }>(
    '/sessions/:sessionId',
    { schema: { params, response: { 200: session } } },
    async (request, reply) => {
      const found = findSession(request.params.sessionId);
      return (
        found ?? reply.code(404).send({ error: { code: 'session_not_found', message: 'Session not found' } })
      );
    },
  );

  app.post<{ Params: { sessionId: string }; Headers: IdentityHeaders; Body: Visit }>(
    '/sessions/:sessionId',
    { schema: { params, headers, body, response: { 200: session, 201: session } } },
    async (request, reply) => {
      const { sessionId } = request.params;
      const named = associations(request.headers, request.body);
      const updated = updateSession(sessionId, named);
      if (updated) return updated;
      reply.code(201).header('location', `/sessions/${sessionId}`);
      return createSession(named, sessionId);
    },
  );

  await app.ready();
  return app.server;
}

interface IdentityHeaders {
  gkc_agentid?: string;
  'gkc-agentid'?: string;
  gkc_customerid?: string;
  'gkc-customerid'?: string;
}

type Visit = { visitId?: string | null; globalVisitId?: string | null } | null | undefined;

/** Well formed, and without control characters: none of the categories Cs and Cc. */
const text = { type: 'string', maxLength: 256, pattern: '^[^\\p{Cs}\\p{Cc}]*$' };
const textOrNull = { ...text, type: ['string', 'null'] };
const headers = {
  type: 'object',
  properties: { gkc_agentid: text, 'gkc-agentid': text, gkc_customerid: text, 'gkc-customerid': text },
};
const body = {
  type: ['object', 'null'],
  properties: { visitId: textOrNull, globalVisitId: textOrNull },
};
const params = {
  type: 'object',
  properties: { sessionId: { type: 'string', pattern: '^[A-Za-z0-9\\-._~]{1,128}$' } },
};
const string = { type: 'string' };
const session = {
  type: 'object',
  properties: {
    sessionId: string,
    agentId: string,
    customerId: string,
    visitId: string,
    globalVisitId: string,
    createdAt: string,
    updatedAt: string,
  },
};

function associations(headers: IdentityHeaders, body: Visit): Associations {
  const named: Associations = {};
  const agentId = headers.gkc_agentid ?? headers['gkc-agentid'];
  const customerId = headers.gkc_customerid ?? headers['gkc-customerid'];
  if (agentId) named.agentId = agentId;
  if (customerId) named.customerId = customerId;
  if (body?.visitId) named.visitId = body.visitId;
  if (body?.globalVisitId) named.globalVisitId = body.globalVisitId;
  return named;
}

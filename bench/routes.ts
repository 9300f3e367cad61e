import assert from 'node:assert/strict';
import type { Response } from './exchange.ts';

/** A session that was opened for the measurement, as its client knows it. */
export interface Visitor {
  readonly sessionId: string;
  readonly customerId: string;
  /** What the browser would send back, empty if the server set no cookie. */
  readonly cookie: string;
}

/** What clients ask for. */
export interface Route {
  request(visitor: Visitor): Buffer;
  /** Throws unless the response is what this visitor must get. */
  check(response: Response, visitor: Visitor): void;
}

/** What every session holds, next to a customer of its own. */
export const ASSOCIATIONS = { agentId: 'agent-7', visitId: 'visit-1', globalVisitId: 'global-1' };

const { agentId, visitId, globalVisitId } = ASSOCIATIONS;
const BODY = JSON.stringify({ visitId, globalVisitId });

/** The request that opens a session. Every measured server has this route. */
export function openRequest(n: number): Buffer {
  return rawRequest('PUT /sessions/new', identity(`customer-${10_000 + n}`), BODY);
}

export const ROUTES = {
  /** A route of the app, called with the visitor's cookie, that responds with the customer of the session. */
  articles: {
    request: ({ cookie }) => rawRequest('GET /articles', { cookie }),
    check(response, { customerId }) {
      assert.equal(response.status, 200);
      assert.equal(response.headers.get('content-type'), 'application/json; charset=utf-8');
      assert.equal(response.headers.get('set-cookie'), null);
      assert.deepEqual(response.body, { readBy: customerId });
    },
  },
  get: apiRoute(200, ({ sessionId }) => rawRequest(`GET /sessions/${sessionId}`)),
  put: apiRoute(201, ({ customerId }) => rawRequest('PUT /sessions/new', identity(customerId)), { agentId }),
  putBody: apiRoute(201, ({ customerId }) => rawRequest('PUT /sessions/new', identity(customerId), BODY)),
  post: apiRoute(200, ({ sessionId, customerId }) =>
    rawRequest(`POST /sessions/${sessionId}`, identity(customerId)),
  ),
  postBody: apiRoute(200, ({ sessionId, customerId }) =>
    rawRequest(`POST /sessions/${sessionId}`, identity(customerId), BODY),
  ),
} satisfies Record<string, Route>;

export type RouteName = keyof typeof ROUTES;

function apiRoute(status: number, request: Route['request'], members: object = ASSOCIATIONS): Route {
  return {
    request,
    check({ status: actual, headers, body }, visitor) {
      const { sessionId, createdAt, updatedAt, ...associations } = body;
      assert.equal(actual, status);
      assert.equal(headers.get('content-type'), 'application/json; charset=utf-8');
      assert.equal(headers.get('cache-control'), 'no-store');
      assert.equal(headers.get('x-content-type-options'), 'nosniff');
      assert.deepEqual(associations, { ...members, customerId: visitor.customerId });
      assert.match(`${createdAt} ${updatedAt}`, /^(\d{4}-\d\d-\d\dT[\d:.]{12}Z ?){2}$/);
      if (status === 201) assert.equal(headers.get('location'), `/sessions/${sessionId}`);
      else assert.equal(sessionId, visitor.sessionId);
    },
  };
}

function identity(customerId: string): Record<string, string> {
  return { gkc_agentId: agentId, gkc_customerId: customerId };
}

function rawRequest(line: string, headers: Record<string, string> = {}, body = ''): Buffer {
  const all = {
    Host: 'localhost',
    Connection: 'keep-alive',
    ...headers,
    ...(body !== '' && { 'Content-Type': 'application/json', 'Content-Length': body.length }),
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`${line} HTTP/1.1\r\n${lines.join('')}\r\n${body}`);
}

import type { Comparison } from '../comparison.ts';
import type { MakeRequest } from '../load.ts';
import { ASSOCIATIONS, IDENTITY_HEADERS, VISIT_BODY } from '../visitors.ts';

type Route = Pick<Comparison, 'measure' | 'request' | 'answer'>;

/** The routes of the API, as clients ask for them: a PUT and a POST with the two headers alone, and with a body too. */
export const ROUTES = {
  get: route('GET', 200, ({ sessionId }) => ({ method: 'GET', path: `/sessions/${sessionId}` })),
  put: route('PUT, headers', 201, () => ({
    method: 'PUT',
    path: '/sessions/new',
    headers: IDENTITY_HEADERS,
  })),
  putBody: route('PUT, headers and body', 201, () => ({
    method: 'PUT',
    path: '/sessions/new',
    headers: { ...IDENTITY_HEADERS, 'Content-Type': 'application/json' },
    body: VISIT_BODY,
  })),
  post: route('POST, headers', 200, ({ sessionId }) => ({
    method: 'POST',
    path: `/sessions/${sessionId}`,
    headers: IDENTITY_HEADERS,
  })),
  postBody: route('POST, headers and body', 200, ({ sessionId }) => ({
    method: 'POST',
    path: `/sessions/${sessionId}`,
    headers: { ...IDENTITY_HEADERS, 'Content-Type': 'application/json' },
    body: VISIT_BODY,
  })),
} as const;

function route(measure: string, status: number, request: MakeRequest): Route {
  const { agentId, customerId } = ASSOCIATIONS;
  const body = measure === 'PUT, headers' ? { agentId, customerId } : ASSOCIATIONS;
  const headers = {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  };
  return { measure, request, answer: { status, body, headers } };
}

import { expect } from 'vitest';

interface Answer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body?: unknown;
}

const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

/** The headers that every answer of the routes has. */
export function expectApiHeaders({ headers }: Answer): void {
  expect(headers).toMatchObject({
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
}

/** An error of the API: its status, its code, nothing but a code and a message. */
export function expectError(answer: Answer, status: number, code: string, message?: RegExp | string): void {
  expectApiHeaders(answer);
  const text = message === undefined ? expect.any(String) : expect.stringMatching(message);
  expect({ status: answer.status, body: parsed(answer.body) }).toEqual({
    status,
    body: { error: { code, message: text } },
  });
}

/** A SessionInfo with these members, two times, and no other. */
export function expectSession(answer: Answer, status: number, members: Record<string, string>): void {
  expectApiHeaders(answer);
  expect({ status: answer.status, body: parsed(answer.body) }).toEqual({
    status,
    body: { sessionId: expect.any(String), ...members, createdAt: TIME, updatedAt: TIME },
  });
}

function parsed(body: unknown): unknown {
  return typeof body === 'string' ? JSON.parse(body) : body;
}

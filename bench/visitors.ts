import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { Connection } from './connection.ts';
import { exchange } from './exchange.ts';
import { openRequest, type Visitor } from './routes.ts';

/** Opens sessions as clients do, by `PUT /sessions/new`. */
export async function openSessions(connection: Connection, count: number): Promise<Visitor[]> {
  const visitors: Visitor[] = [];
  for (let n = 0; n < count; n++) {
    const { status, headers, body } = await exchange(connection, openRequest(n));
    assert.equal(status, 201);
    const cookie = headers.getSetCookie().map((header) => header.split(';', 1)[0]);
    const { sessionId, customerId } = body as { sessionId: string; customerId: string };
    visitors.push({ sessionId, customerId, cookie: cookie.join('; ') });
  }
  return visitors;
}

/** Some of the sessions that a server created for itself under numbered IDs. */
export function numberedVisitors(of: number, count: number): Visitor[] {
  return Array.from({ length: count }, () => {
    const n = Math.floor(Math.random() * of);
    return { sessionId: numberedId(n), customerId: `customer-${10_000 + (n % 1000)}`, cookie: '' };
  });
}

/** A session ID that looks like a UUID and is the same for the same number. */
export function numberedId(n: number): string {
  const hex = createHash('sha1').update(`${n}`).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    '-',
  );
}

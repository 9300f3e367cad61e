import assert from 'node:assert/strict';

/** A session that the load will name, as its client knows it. */
export interface Visitor {
  readonly sessionId: string;
  /** What the browser would send back, empty when the server set no cookie. */
  readonly cookie: string;
}

/** What every measured session holds: the four members that a client gives. */
export const ASSOCIATIONS = {
  agentId: 'agent-7',
  customerId: 'customer-42',
  visitId: 'visit-1',
  globalVisitId: 'global-1',
};

export const IDENTITY_HEADERS = {
  gkc_agentId: ASSOCIATIONS.agentId,
  gkc_customerId: ASSOCIATIONS.customerId,
};

export const VISIT_BODY = JSON.stringify({
  visitId: ASSOCIATIONS.visitId,
  globalVisitId: ASSOCIATIONS.globalVisitId,
});

/** Opens sessions as clients do, by `PUT /sessions/new`, and a few at a time. */
export async function openSessions(url: string, count: number): Promise<Visitor[]> {
  const visitors: Visitor[] = [];
  while (visitors.length < count) {
    const batch = Math.min(32, count - visitors.length);
    visitors.push(...(await Promise.all(Array.from({ length: batch }, () => openSession(url)))));
  }
  return visitors;
}

async function openSession(url: string): Promise<Visitor> {
  const answer = await fetch(`${url}/sessions/new`, {
    method: 'PUT',
    headers: { ...IDENTITY_HEADERS, 'Content-Type': 'application/json' },
    body: VISIT_BODY,
  });
  assert.equal(answer.status, 201);
  const { sessionId } = (await answer.json()) as { sessionId: string };
  const cookie = answer.headers
    .getSetCookie()
    .map((header) => header.split(';', 1)[0])
    .join('; ');
  return { sessionId, cookie };
}

import assert from 'node:assert/strict';
import type { Comparison } from './comparison.ts';
import type { Visitor } from './visitors.ts';

/** Rejects unless a server answers the request of a comparison as it must, for several of its visitors. */
export async function checkAnswers(
  url: string,
  visitors: readonly Visitor[],
  { request, answer: expected }: Comparison,
): Promise<void> {
  for (const visitor of visitors.slice(0, 5)) {
    const { path, ...init } = request(visitor);
    const answer = await fetch(url + path, init);
    assert.equal(answer.status, expected.status);
    const { sessionId, createdAt, updatedAt, ...body } = (await answer.json()) as Record<string, unknown>;
    assert.deepEqual(body, expected.body);
    for (const [name, value] of Object.entries(expected.headers ?? {})) {
      assert.equal(answer.headers.get(name), value, name);
    }
    if (sessionId === undefined) continue;
    assert.match(`${createdAt} ${updatedAt}`, /^\d{4}-\d\d-\d\dT[\d:.]{12}Z \d{4}-\d\d-\d\dT[\d:.]{12}Z$/);
    if (expected.status === 201) assert.equal(answer.headers.get('location'), `/sessions/${sessionId}`);
    else assert.equal(sessionId, visitor.sessionId);
  }
}

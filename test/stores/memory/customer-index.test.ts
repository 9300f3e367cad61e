import { expect, it } from 'vitest';
import { createCustomerIndex } from '../../../src/stores/memory/customer-index.js';
import type { PackedSession } from '../../../src/stores/memory/packed-session.js';

it('finds the sessions of a customer in the order in which they were added', () => {
  const index = createCustomerIndex();
  const [a, b, d, e] = [packedSession('a'), packedSession('b'), packedSession('d'), packedSession('e')];
  for (const session of [a, b, d]) index.add('c', session);
  index.add('other', e);
  expect([index.candidates('c'), index.candidates('other')]).toEqual([[a, b, d], [e]]);
});

it.each([1, 2, 3])('finds nothing of a customer whose %d sessions were removed', (count) => {
  const index = createCustomerIndex();
  const sessions = Array.from({ length: count }, (_, i) => packedSession(`id-${i}`));
  for (const session of sessions) index.add('c', session);
  for (const session of sessions) index.remove('c', session);
  expect(index.candidates('c')).toEqual([]);
});

it('removes a session of another customer from nobody', () => {
  const index = createCustomerIndex();
  const [a, b] = [packedSession('a'), packedSession('b')];
  index.add('c', a);
  index.remove('c', b);
  index.remove('other', a);
  expect(index.candidates('c')).toEqual([a]);
});

it('keeps nothing for a session without a customer', () => {
  const index = createCustomerIndex();
  const session = packedSession('a');
  index.add(undefined, session);
  index.remove(undefined, session);
  expect(index.candidates('undefined')).toEqual([]);
});

it('shares an entry between customers who share none in another index, so that nobody can choose them', () => {
  const [one, other] = customersOfOneEntry();
  const sharedBy = (indexes: ReturnType<typeof createCustomerIndex>[]) =>
    indexes.filter((each) => {
      each.add(one, packedSession('a'));
      return each.candidates(other).length > 0;
    });
  expect(one).not.toBe(other);
  expect(sharedBy(Array.from({ length: 2000 }, createCustomerIndex))).toEqual([]);
});

/** Of one length and of two characters that differ in one bit, which makes it easiest. */
function customersOfOneEntry(): [string, string] {
  const index = createCustomerIndex();
  for (let n = 0; ; n++) {
    const customer = n.toString(2).padStart(20, '0').replaceAll('0', ' ').replaceAll('1', '!');
    index.add(customer, packedSession(customer));
    const [one, other] = index.candidates(customer);
    if (one && other) return [one.sessionId, other.sessionId];
  }
}

function packedSession(sessionId: string): PackedSession {
  return { sessionId, members: '\0\0\0', createdAt: 0, updatedAt: 0, idleDeadline: 1, absoluteDeadline: 1 };
}

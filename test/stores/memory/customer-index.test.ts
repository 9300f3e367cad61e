import { expect, it } from 'vitest';
import { createCustomerIndex } from '../../../src/stores/memory/customer-index.js';

it('finds the sessions of a customer in the order in which they were added', () => {
  const index = createCustomerIndex();
  for (const sessionId of ['a', 'b', 'd']) index.add('c', sessionId);
  index.add('other', 'e');
  expect([index.candidates('c'), index.candidates('other')]).toEqual([['a', 'b', 'd'], ['e']]);
});

it.each([1, 2, 3])('finds nothing of a customer whose %d sessions were removed', (count) => {
  const index = createCustomerIndex();
  const ids = Array.from({ length: count }, (_, i) => `id-${i}`);
  for (const sessionId of ids) index.add('c', sessionId);
  for (const sessionId of ids) index.remove('c', sessionId);
  expect(index.candidates('c')).toEqual([]);
});

it('removes a session of another customer from nobody', () => {
  const index = createCustomerIndex();
  index.add('c', 'a');
  index.remove('c', 'b');
  index.remove('other', 'a');
  expect(index.candidates('c')).toEqual(['a']);
});

it('keeps nothing for a session without a customer', () => {
  const index = createCustomerIndex();
  index.add(undefined, 'a');
  index.remove(undefined, 'a');
  expect(index.candidates('undefined')).toEqual([]);
});

import { expect, it } from 'vitest';
import { changesOf, columnsOf } from '../../../src/stores/shared/columns.js';

it('the columns have null for what is not associated', () => {
  expect(columnsOf({})).toEqual([null, null, null, null]);
  expect(columnsOf({ globalVisitId: 'g', visitId: 'v', customerId: undefined, agentId: 'a' })).toEqual([
    'a',
    null,
    'v',
    'g',
  ]);
});

it('a change has null for what stays, and the empty text for what is removed', () => {
  expect(changesOf({})).toEqual([null, null, null, null]);
  expect(changesOf({ agentId: null, customerId: undefined, visitId: 'v' })).toEqual(['', null, 'v', null]);
});

it('members of a prototype are none', () => {
  const inherited = Object.create({ agentId: 'a', customerId: null });
  expect(columnsOf(inherited)).toEqual([null, null, null, null]);
  expect(changesOf(inherited)).toEqual([null, null, null, null]);
});

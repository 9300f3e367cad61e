import { expect, it } from 'vitest';
import { fromRecord, type SessionRecord } from '../../../src/stores/shared/session-record.js';

const expected = {
  sessionId: 'id',
  agentId: 'a',
  createdAt: '1970-01-01T00:00:00.001Z',
  updatedAt: '1970-01-01T00:00:00.002Z',
};

it.each([
  ['numbers', 1, 2],
  ['bigints', 1n, 2n],
  ['digits', '1', '2'],
])('reads times that are %s', (_, createdAt, updatedAt) => {
  expect(fromRecord('id', { agentId: 'a', customerId: null, createdAt, updatedAt })).toEqual(expected);
});

it.each([{}, { createdAt: null }, { createdAt: '' }, { createdAt: 'yesterday' }])(
  'throws for the times of %j',
  (times) => {
    expect(() => fromRecord('id', { updatedAt: 2, ...times } as SessionRecord)).toThrow(RangeError);
  },
);

it('reads no member of a prototype', () => {
  const record = Object.assign(Object.create({ customerId: 'c' }), {
    agentId: 'a',
    createdAt: 1,
    updatedAt: 2,
  });
  expect(fromRecord('id', record)).toEqual(expected);
  expect(() => fromRecord('id', Object.create({ createdAt: 1, updatedAt: 2 }))).toThrow(RangeError);
});

import { describe, expect, it } from 'vitest';
import type { SessionAssociations } from '../../../src/session-info.js';
import { type Call, isLinearizable } from './linearizable.js';

/** A call from one moment to another; without the second it counts as maybe. */
function call(
  method: Call['method'],
  [invoked, returned]: [number, number?],
  { sessionId = 'x', ...rest }: Partial<Call> = {},
): Call {
  return { method, sessionId, invoked, ...(returned !== undefined && { returned }), ...rest };
}

const session = (associations: SessionAssociations, createdAt = 't0', sessionId = 'x') => ({
  sessionId,
  ...associations,
  createdAt,
  updatedAt: 'any',
});

const created = (at: [number, number?], associations: SessionAssociations = {}, createdAt = 't0') =>
  call('create', at, { associations, answer: session(associations, createdAt) });
const updated = (at: [number, number?], associations: SessionAssociations, all: SessionAssociations) =>
  call('update', at, { associations, answer: session(all) });
const read = (at: [number, number?], associations: SessionAssociations, createdAt = 't0') =>
  call('get', at, { answer: session(associations, createdAt) });

const a = { agentId: 'a' };
const v = { visitId: 'v' };
const linearizable: [string, Call[]][] = [
  ['no calls', []],
  [
    'calls one after the other',
    [created([1, 2], a), updated([3, 4], v, { ...a, ...v }), read([5, 6], { ...a, ...v })],
  ],
  [
    'two creates at once of which one made it',
    [created([1, 4], a), call('create', [1, 4], { associations: v })],
  ],
  [
    'a read that saw a write which had not returned yet',
    [created([1, 2]), updated([3, 9], a, a), read([4, 5], a)],
  ],
  [
    'a read that missed a write which had not returned yet',
    [created([1, 2]), updated([3, 9], a, a), read([4, 5], {})],
  ],
  [
    'two updates at once, in the order of their answers',
    [created([1, 2]), updated([3, 6], v, { ...a, ...v }), updated([3, 6], a, a)],
  ],
  [
    'an update that found nothing while a delete was on its way',
    [created([1, 2]), call('update', [3, 6], { associations: a }), call('delete', [4, 7], { answer: true })],
  ],
  [
    'a new life with another moment',
    [
      created([1, 2]),
      call('delete', [3, 4], { answer: true }),
      created([5, 6], a, 't9'),
      read([7, 8], a, 't9'),
    ],
  ],
  ['a timed-out create that was made', [call('create', [1], { associations: a }), read([5, 6], a)]],
  ['a timed-out create that was never made', [call('create', [1], { associations: a }), call('get', [5, 6])]],
  [
    'a timed-out update that took effect long after',
    [created([1, 2]), call('update', [3], { associations: a }), read([5, 6], {}), read([7, 8], a)],
  ],
  [
    'a timed-out delete between two creates',
    [created([1, 2]), call('delete', [3]), created([5, 6], a, 't9')],
  ],
  [
    'a session that expired',
    [created([1, 2]), call('expire', [3, 4]), call('get', [5, 6]), call('delete', [7, 8], { answer: false })],
  ],
  [
    'another session with the same calls at the same time',
    [
      created([1, 2], a),
      call('create', [1, 2], { sessionId: 'y', associations: v, answer: session(v, 't1', 'y') }),
      read([3, 4], a),
    ],
  ],
  ['members in another order', [created([1, 2], { ...v, ...a }), read([3, 4], { ...a, ...v })]],
];

const not: [string, Call[]][] = [
  ['a read of what nobody created', [read([1, 2], {})]],
  ['a created session that is not there', [created([1, 2]), call('get', [3, 4])]],
  ['two creates that both made it', [created([1, 4], a), created([1, 4], v)]],
  ['two creates of which neither made it', [call('create', [1, 4]), call('create', [1, 4])]],
  ['a lost update', [created([1, 2]), updated([3, 6], a, a), updated([3, 6], v, v), read([7, 8], v)]],
  ['an update that was answered, and lost', [created([1, 2]), updated([3, 6], a, a), read([7, 8], {})]],
  [
    'a session brought back by an update',
    [created([1, 2]), call('delete', [3, 6], { answer: true }), updated([3, 6], a, a), read([7, 8], a)],
  ],
  [
    'a session that expired, brought back by an update',
    [created([1, 2]), call('expire', [3, 4]), updated([5, 6], a, a)],
  ],
  [
    'two deletes that both ended it',
    [created([1, 2]), call('delete', [3, 6], { answer: true }), call('delete', [3, 6], { answer: true })],
  ],
  [
    'a read of the old after a read of the new',
    [created([1, 2]), updated([3, 9], a, a), read([4, 5], a), read([6, 7], {})],
  ],
  [
    'members of one update seen apart',
    [created([1, 2]), updated([3, 9], { ...a, ...v }, { ...a, ...v }), read([4, 5], a)],
  ],
  ['a life with two moments', [created([1, 2], a, 't0'), read([3, 4], a, 't9')]],
  [
    'a timed-out create with two moments',
    [call('create', [1]), read([3, 4], {}, 't1'), read([5, 6], {}, 't2')],
  ],
  [
    'a timed-out update that came undone',
    [created([1, 2]), call('update', [3], { associations: a }), read([5, 6], a), read([7, 8], {})],
  ],
  [
    'a timed-out update that took effect before it was made',
    [created([1, 2]), read([3, 4], a), call('update', [5], { associations: a })],
  ],
  [
    'a member of the life before',
    [
      created([1, 2], a),
      call('delete', [3, 4], { answer: true }),
      created([5, 6], v),
      read([7, 8], { ...a, ...v }),
    ],
  ],
  [
    'a fault in the second of two sessions',
    [created([1, 2], a), call('get', [3, 4], { sessionId: 'y', answer: session(a, 't0', 'y') })],
  ],
];

describe('isLinearizable', () => {
  it.each(linearizable)('takes %s', (_, history) => {
    expect(isLinearizable(history)).toBe(true);
    expect(isLinearizable(history.toReversed())).toBe(true);
  });

  it.each(not)('rejects %s', (_, history) => {
    expect(isLinearizable(history)).toBe(false);
    expect(isLinearizable(history.toReversed())).toBe(false);
  });

  it('is quick on forty calls, most of which overlap and ten of which timed out', () => {
    const history: Call[] = [created([0, 1])];
    for (let i = 0; i < 30; i++) history.push(read([2 + i, 6 + i], {}));
    for (let i = 0; i < 10; i++)
      history.push(call('update', [100 + i], { associations: { agentId: `${i}` } }));
    history.push(read([200, 201], { agentId: 'nobody' }));
    const start = performance.now();
    expect(isLinearizable(history)).toBe(false);
    expect(performance.now() - start).toBeLessThan(5000);
  });
});

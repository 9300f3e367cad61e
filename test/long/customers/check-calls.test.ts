import { expect, it } from 'vitest';
import type { Calls, OwnerCall } from './calls.js';
import { checkCalls } from './check-calls.js';

const info = (customerId?: string, createdAt = 'then') => ({
  sessionId: 's',
  ...(customerId && { customerId }),
  createdAt,
  updatedAt: createdAt,
});
const own = (method: OwnerCall['method'], invoked: number, result?: OwnerCall['result']): OwnerCall => ({
  method,
  sessionId: 's',
  changes: {},
  invoked,
  returned: invoked + 1,
  ...(result !== undefined && { result }),
});
const list = (invoked: number, ...found: ReturnType<typeof info>[]) => ({
  customerId: 'c',
  invoked,
  returned: invoked + 1,
  list: found,
});
const end = (invoked: number, { count = 1, except = '' } = {}) => ({
  customerId: 'c',
  invoked,
  returned: invoked + 1,
  count,
  except,
});
const check = (calls: OwnerCall[], more: Partial<Calls> = {}) => {
  const { created, ended, ...found } = checkCalls(
    { owners: new Map([['s', calls]]), lists: [], ends: [], errors: [], ...more },
    1000,
  );
  return Object.fromEntries(
    Object.entries(found).map(([name, value]) => [name, typeof value === 'number' ? value : value.length]),
  );
};
const nothing = { expected: 0, missed: 0, foreign: 0, wronglyEnded: 0, survived: 0 };
const created = own('create', 0, info('c'));

it.each<[string, OwnerCall[], Partial<Calls>, object]>([
  ['a list that has it', [created], { lists: [list(10, info('c'))] }, { expected: 1 }],
  ['a list that misses it', [created], { lists: [list(10)] }, { expected: 1, missed: 1 }],
  [
    'a list of another session of the ID',
    [created],
    { lists: [list(10, info('c', 'later'))] },
    { expected: 1, missed: 1, foreign: 1 },
  ],
  ['a list at the same time', [created], { lists: [list(0.5)] }, {}],
  ['a list when it has moved', [created, own('update', 5, info('d'))], { lists: [list(10)] }, {}],
  [
    'a list that has it when it has moved',
    [created, own('update', 5, info('d'))],
    { lists: [list(10, info('c'))] },
    { foreign: 1 },
  ],
  [
    'a list that has it when it has ended',
    [created, own('delete', 5, true)],
    { lists: [list(10, info('c'))] },
    { foreign: 1 },
  ],
  ['a list that misses it while somebody may end it', [created], { lists: [list(10)], ends: [end(10)] }, {}],
  [
    'a list that has it when all were ended',
    [created],
    { lists: [list(20, info('c'))], ends: [end(10)] },
    { foreign: 1 },
  ],
  [
    'a list that has the exception',
    [created],
    { lists: [list(20, info('c'))], ends: [end(10, { except: 's' })] },
    { expected: 1 },
  ],
  ['a list that misses it after its timeout', [created], { lists: [list(1100)] }, {}],
  ['an owner who does not find it', [created, own('get', 10)], {}, { wronglyEnded: 1 }],
  ['an owner who does not find it after all were ended', [created, own('get', 20)], { ends: [end(10)] }, {}],
  [
    'an owner who does not find the exception',
    [created, own('get', 20)],
    { ends: [end(10, { except: 's' })] },
    { wronglyEnded: 1 },
  ],
  ['an owner who does not find it after its timeout', [created, own('get', 1100)], {}, {}],
  [
    'an owner who finds it after all were ended',
    [created, own('update', 20, info('c'))],
    { ends: [end(10)] },
    { survived: 1 },
  ],
  [
    'an owner who moved it before all were ended, and does not find it',
    [created, own('update', 5, info('d')), own('get', 20)],
    { ends: [end(10)] },
    { wronglyEnded: 1 },
  ],
])('judges %s', (_, calls, more, expected) => {
  expect(check(calls, more)).toEqual({ ...nothing, ...expected });
});

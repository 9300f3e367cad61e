import { strict as assert } from 'node:assert';
import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { expectAssociations, expectNotFound, expectSession } from '../harness/expect-session.js';
import { freshDigits, freshSessionId, freshValue } from '../harness/fresh.js';
import type { Check, PromiseCases } from '../harness/kit-cases.js';
import type { StoreUnderTest } from '../harness/store-under-test.js';

export const sessionIdCases: PromiseCases = {
  'It compares IDs exactly: IDs are case-sensitive': {
    'IDs that differ in letter case': areDistinct((id) => [`${id}-a`, `${id}-A`, id.toUpperCase()]),
    'an ID that another one begins with': areDistinct((id) => [id, `${id}a`, `${id}.`, `${id}-1`]),
    'an ID that another one ends with': areDistinct((id) => [id, `a${id}`, `.${id}`, `1-${id}`]),
    'IDs of 128 characters that differ in the last one': areDistinct((id) =>
      ['a', 'b', 'A'].map((last) => id.padEnd(127, 'x') + last),
    ),
    'IDs that differ in punctuation': areDistinct((id) =>
      ['-a', '_a', '.a', '~a', 'a'].map((end) => id + end),
    ),
    'IDs of digits that are the same number': areDistinct(
      (id) => [id, `0${id}`, `${id}.0`, `${id}e0`],
      freshDigits,
    ),
    'IDs of digits too long for a number': areDistinct((id) => [`${id}1`, `${id}2`, `${id}3`], freshDigits),
  },
  'No ID is special': {
    'names that every object has': areOrdinary(
      ...['__proto__', 'constructor', 'prototype', 'toString', 'valueOf', 'hasOwnProperty'],
    ),
    'words for nothing': areOrdinary('null', 'undefined', 'NaN', 'nil', 'false'),
    numbers: areOrdinary('1', '01', '-1', '1e3', '0x10', 'Infinity'),
    'punctuation alone': areOrdinary('_', '~', '...', '_-', '-_.~'),
    'one character': areOrdinary('a', 'A', 'z', '9'),
  },
};

/** Each of some similar IDs is its own session, and while there is only the first, no other finds it. */
function areDistinct(similar: (id: string) => string[], freshId = freshSessionId): Check {
  return async (open) => {
    const store = await open();
    const [only = '', ...others] = similar(freshId());
    const visitId = freshValue();
    await store.create(only, { visitId });
    for (const other of others) {
      expectNotFound('get', await store.get(other));
      expectNotFound('peek', await store.peek(other));
      expectNotFound('update', await store.update(other, { visitId: freshValue() }));
      await store.delete(other);
    }
    expectAssociations('get', await store.get(only), { visitId });

    const sessions = new Map(similar(freshId()).map((id) => [id, freshValue()]));
    for (const [id, visitId] of sessions) expectSession('create', await store.create(id, { visitId }));
    for (const [id, visitId] of sessions) expectAssociations('get', await store.get(id), { visitId });
  };
}

/** These IDs can't be fresh. Another run of the kit on this backend may disturb one: then it is tried again. */
function areOrdinary(...ids: string[]): Check {
  return async (open) => {
    const store = await open();
    await Promise.all(
      ids.map(async (id) => {
        for (let attempt = 1; ; attempt++) {
          try {
            return await isOrdinary(store, id);
          } catch (error) {
            if (attempt === 6) throw error;
            await sleep(randomInt(50));
          }
        }
      }),
    );
  };
}

async function isOrdinary(store: StoreUnderTest, id: string): Promise<void> {
  const agentId = freshValue();
  const visitId = freshValue();
  await store.delete(id);
  try {
    expectSession('create', await store.create(id, { visitId }));
    const info = expectAssociations('update', await store.update(id, { agentId }), { agentId, visitId });
    assert.equal(info.sessionId, id, 'store.update must return the session with the ID it was given');
    for (const method of ['get', 'peek'] as const) {
      const read = expectAssociations(method, await store[method](id), { agentId, visitId });
      assert.equal(read.sessionId, id, `store.${method} must return the session with the ID it was given`);
    }
  } finally {
    await store.delete(id);
  }
  expectNotFound('get', await store.get(id));
  expectNotFound('update', await store.update(id, { visitId }));
}

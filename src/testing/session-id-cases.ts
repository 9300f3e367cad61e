import { strict as assert } from 'node:assert';
import { randomInt } from 'node:crypto';
import { freshDigits, freshSessionId, freshValue } from './fresh-names.js';
import { sleep } from './real-time.js';
import type { OpenStore, PromiseCases, StoreUnderTest } from './run-case.js';
import { found, foundWith, notFound } from './session-assertions.js';

export const sessionIdCases: PromiseCases = {
  'It takes IDs apart exactly: every character and its letter case count': {
    'IDs that differ in letter case': (open) =>
      areTakenApart(open, (id) => [`${id}-a`, `${id}-A`, id.toUpperCase()]),
    'an ID that another one begins with': (open) =>
      areTakenApart(open, (id) => [id, `${id}a`, `${id}.`, `${id}-1`]),
    'an ID that another one ends with': (open) =>
      areTakenApart(open, (id) => [id, `a${id}`, `.${id}`, `1-${id}`]),
    'IDs of 128 characters that differ in the last one': (open) =>
      areTakenApart(open, (id) => ['a', 'b', 'A'].map((last) => id.padEnd(127, 'x') + last)),
    'IDs that differ in punctuation': (open) =>
      areTakenApart(open, (id) => [`${id}-a`, `${id}_a`, `${id}.a`, `${id}~a`, `${id}a`]),
    'IDs of digits that are the same number': (open) =>
      areTakenApart(open, (id) => [id, `0${id}`, `${id}.0`, `${id}e0`], freshDigits),
    'IDs of digits too long for a number': (open) =>
      areTakenApart(open, (id) => [`${id}1`, `${id}2`, `${id}3`], freshDigits),
  },
  'No ID is special': {
    'names that every object has': (open) =>
      areOrdinary(open, ['__proto__', 'constructor', 'prototype', 'toString', 'valueOf', 'hasOwnProperty']),
    'words for nothing': (open) => areOrdinary(open, ['null', 'undefined', 'NaN', 'nil', 'false']),
    numbers: (open) => areOrdinary(open, ['0', '00', '-1', '1e3', '0x10', 'Infinity']),
    'punctuation alone': (open) => areOrdinary(open, ['-', '_', '~', '...', '--', '-_.~']),
    'one character': (open) => areOrdinary(open, ['a', 'A', 'z', '9']),
  },
};

/** Each of some similar IDs is its own session, and while there is only the first, no other finds it. */
async function areTakenApart(
  open: OpenStore,
  similar: (id: string) => string[],
  freshId = freshSessionId,
): Promise<void> {
  const store = await open();

  const [only = '', ...others] = similar(freshId());
  const visitId = freshValue();
  await store.create(only, { visitId });
  for (const other of others) {
    notFound('get', await store.get(other));
    notFound('update', await store.update(other, { visitId: freshValue() }));
    await store.delete(other);
  }
  foundWith('get', await store.get(only), { visitId });

  const sessions = new Map(similar(freshId()).map((id) => [id, freshValue()]));
  for (const [id, visitId] of sessions) found('create', await store.create(id, { visitId }));
  for (const [id, visitId] of sessions) foundWith('get', await store.get(id), { visitId });
}

/** These IDs can't be made fresh. Another run of the kit on this backend may disturb one: then it is tried again. */
async function areOrdinary(open: OpenStore, ids: string[]): Promise<void> {
  const store = await open();
  for (const id of ids) {
    for (let attempt = 1; ; attempt++) {
      try {
        await isOrdinary(store, id);
        break;
      } catch (error) {
        if (attempt === 6) throw error;
        await sleep(randomInt(50));
      }
    }
  }
}

async function isOrdinary(store: StoreUnderTest, id: string): Promise<void> {
  const agentId = freshValue();
  const visitId = freshValue();
  await store.delete(id);
  try {
    found('create', await store.create(id, { visitId }));
    const info = foundWith('update', await store.update(id, { agentId }), { agentId, visitId });
    assert.equal(info.sessionId, id, 'store.update must answer the session with the ID it was given');
    const read = foundWith('get', await store.get(id), { agentId, visitId });
    assert.equal(read.sessionId, id, 'store.get must answer the session with the ID it was given');
  } finally {
    await store.delete(id);
  }
  notFound('get', await store.get(id));
  notFound('update', await store.update(id, { visitId }));
}

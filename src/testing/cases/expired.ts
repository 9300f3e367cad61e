import { strict as assert } from 'node:assert';
import type { CaseTime } from '../harness/case-time.js';
import { expectNotFound } from '../harness/expect-session.js';
import { freshAssociations, freshSessionId } from '../harness/fresh.js';
import type { OpenStore, PromiseCases } from '../harness/kit-cases.js';

const IDLE = { idleTimeout: 150 };
const ABSOLUTE = { absoluteTimeout: 150 };

export const expiredCases: PromiseCases = {
  'An expired session is not found, immediately, whether or not the backend has removed it': {
    'get after the idle timeout': (open, time) => readsNothing(open, time, 'get', IDLE),
    'get after the absolute timeout': (open, time) => readsNothing(open, time, 'get', ABSOLUTE),
    'peek after the idle timeout': (open, time) => readsNothing(open, time, 'peek', IDLE),
    'peek after the absolute timeout': (open, time) => readsNothing(open, time, 'peek', ABSOLUTE),
    'update after the idle timeout': (open, time) => updatesNothing(open, time, IDLE),
    'update after the absolute timeout': (open, time) => updatesNothing(open, time, ABSOLUTE),
    'delete after the idle timeout': (open, time) => deletesNothing(open, time, IDLE),
    'delete after the absolute timeout': (open, time) => deletesNothing(open, time, ABSOLUTE),
  },
};

type Timeouts = typeof IDLE | typeof ABSOLUTE;

async function readsNothing(open: OpenStore, time: CaseTime, method: 'get' | 'peek', timeouts: Timeouts) {
  const { store, id } = await openWithExpired(open, time, timeouts);
  expectNotFound(method, await store[method](id));
  expectNotFound(method, await store[method](id));
}

async function updatesNothing(open: OpenStore, time: CaseTime, timeouts: Timeouts) {
  const { store, id } = await openWithExpired(open, time, timeouts);
  expectNotFound('update', await store.update(id, freshAssociations()));
  expectNotFound('get', await store.get(id));
}

async function deletesNothing(open: OpenStore, time: CaseTime, timeouts: Timeouts) {
  const { store, id } = await openWithExpired(open, time, timeouts);
  assert.ok(!(await store.delete(id)), 'store.delete must return false if the session has expired');
}

async function openWithExpired(open: OpenStore, time: CaseTime, timeouts: Timeouts) {
  const store = await open(timeouts);
  const id = freshSessionId();
  await store.create(id, freshAssociations());
  await time.waitPast(150);
  return { store, id };
}

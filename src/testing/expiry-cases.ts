import { strict as assert } from 'node:assert';
import { freshAssociations, freshSessionId } from './fresh-names.js';
import { waitPast } from './real-time.js';
import type { OpenStore, PromiseCases } from './run-case.js';
import { notFound } from './session-assertions.js';

const IDLE = { idleTimeout: 150 };
const ABSOLUTE = { absoluteTimeout: 150 };

export const expiryCases: PromiseCases = {
  'It treats an expired session as not there, at once, whether or not the backend has removed it': {
    'get after the idle timeout': (open) => getsNothing(open, IDLE),
    'get after the absolute timeout': (open) => getsNothing(open, ABSOLUTE),
    'update after the idle timeout': (open) => updatesNothing(open, IDLE),
    'update after the absolute timeout': (open) => updatesNothing(open, ABSOLUTE),
    'delete after the idle timeout': (open) => deletesNothing(open, IDLE),
    'delete after the absolute timeout': (open) => deletesNothing(open, ABSOLUTE),
  },
};

async function getsNothing(open: OpenStore, timeouts: typeof IDLE | typeof ABSOLUTE): Promise<void> {
  const { store, id } = await openWithExpired(open, timeouts);
  notFound('get', await store.get(id));
  notFound('get', await store.get(id));
}

async function updatesNothing(open: OpenStore, timeouts: typeof IDLE | typeof ABSOLUTE): Promise<void> {
  const { store, id } = await openWithExpired(open, timeouts);
  notFound('update', await store.update(id, freshAssociations()));
  notFound('get', await store.get(id));
}

async function deletesNothing(open: OpenStore, timeouts: typeof IDLE | typeof ABSOLUTE): Promise<void> {
  const { store, id } = await openWithExpired(open, timeouts);
  assert.ok(!(await store.delete(id)), 'store.delete must answer false when the session has expired');
}

async function openWithExpired(open: OpenStore, timeouts: typeof IDLE | typeof ABSOLUTE) {
  const store = await open(timeouts);
  const id = freshSessionId();
  await store.create(id, freshAssociations());
  await waitPast(150);
  return { store, id };
}

import { strict as assert } from 'node:assert';
import { isSession } from '../harness/expect-session.js';
import { freshSessionId } from '../harness/fresh.js';
import type { Check, PromiseCases } from '../harness/kit-cases.js';
import { openWithExpiredSession, openWithSession } from '../harness/open-with-session.js';
import type { StoreUnderTest } from '../harness/store-under-test.js';

type Method = 'get' | 'peek' | 'update';

export const notFoundCases: PromiseCases = {
  '"Not found" is the value `undefined`; throwing or rejecting means that the backend failed': {
    'get of an unknown ID': ofUnknown('get'),
    'peek of an unknown ID': ofUnknown('peek'),
    'update of an unknown ID': ofUnknown('update'),
    'get of a deleted session': ofDeleted('get'),
    'peek of a deleted session': ofDeleted('peek'),
    'update of a deleted session': ofDeleted('update'),
    'get of an expired session': ofExpired('get'),
    'peek of an expired session': ofExpired('peek'),
    'update of an expired session': ofExpired('update'),
    'names that every object has': async (open) => {
      const store = await open();
      for (const name of ['constructor', 'toString', 'valueOf', 'hasOwnProperty', '__proto__']) {
        for (const method of ['get', 'peek', 'update'] as const) await mayNotBeFound(store, method, name);
      }
    },
    'create of an ID that is taken': async (open) => {
      const { store, id } = await openWithSession(open);
      expectNoOther('create', await store.create(id, { visitId: 'visit' }));
    },
  },
};

function ofUnknown(method: Method): Check {
  return async (open) => mayNotBeFound(await open(), method, freshSessionId());
}

function ofDeleted(method: Method): Check {
  return async (open) => {
    const { store, id } = await openWithSession(open);
    await store.delete(id);
    await mayNotBeFound(store, method, id);
  };
}

function ofExpired(method: Method): Check {
  return async (open, time) => {
    const { store, id } = await openWithExpiredSession(open, time);
    await mayNotBeFound(store, method, id);
  };
}

async function mayNotBeFound(store: StoreUnderTest, method: Method, id: string): Promise<void> {
  expectNoOther(method, method === 'update' ? await store.update(id, {}) : await store[method](id));
}

/** Whether the session should be found is another promise: this one is about what "not found" looks like. */
function expectNoOther(method: string, result: unknown): void {
  const what = result === null ? 'null' : `a ${typeof result}`;
  assert.ok(
    isSession(result) || result === undefined,
    `store.${method} must return undefined here, not ${what}`,
  );
}

import { strict as assert } from 'node:assert';
import { freshSessionId } from './fresh-names.js';
import { openWithExpiredSession, openWithSession } from './open-with-session.js';
import type { PromiseCases } from './run-case.js';
import { isSession } from './session-assertions.js';

export const notFoundCases: PromiseCases = {
  '"Not found" is the value `undefined`; a throw or a rejection means that the backend failed': {
    'get of an ID that never was': async (open) => {
      const store = await open();
      mayNotBeFound('get', await store.get(freshSessionId()));
    },
    'update of an ID that never was': async (open) => {
      const store = await open();
      mayNotBeFound('update', await store.update(freshSessionId(), { visitId: 'visit' }));
    },
    'get of a deleted session': async (open) => {
      const { store, id } = await openWithSession(open);
      await store.delete(id);
      mayNotBeFound('get', await store.get(id));
    },
    'update of a deleted session': async (open) => {
      const { store, id } = await openWithSession(open);
      await store.delete(id);
      mayNotBeFound('update', await store.update(id, { visitId: 'visit' }));
    },
    'get of an expired session': async (open) => {
      const { store, id } = await openWithExpiredSession(open);
      mayNotBeFound('get', await store.get(id));
    },
    'update of an expired session': async (open) => {
      const { store, id } = await openWithExpiredSession(open);
      mayNotBeFound('update', await store.update(id, { visitId: 'visit' }));
    },
    'get and update of names that every object has': async (open) => {
      const store = await open();
      for (const name of ['constructor', 'toString', 'valueOf', 'hasOwnProperty', '__proto__']) {
        mayNotBeFound('get', await store.get(name));
        mayNotBeFound('update', await store.update(name, {}));
      }
    },
    'create of an ID that is taken': async (open) => {
      const { store, id } = await openWithSession(open);
      mayNotBeFound('create', await store.create(id, { visitId: 'visit' }));
    },
  },
};

/** Whether the session should have been found is for other promises to say: this one is about how it is told. */
function mayNotBeFound(method: string, answer: unknown): void {
  const told = answer === null ? 'null' : `a ${typeof answer}`;
  assert.ok(isSession(answer) || answer === undefined, `store.${method} must answer undefined, not ${told}`);
}

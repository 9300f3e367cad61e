import { waitForNextTime } from '../harness/case-time.js';
import {
  expectAlive,
  expectAssociations,
  expectExactly,
  expectNotFound,
  expectSession,
  expectTimes,
} from '../harness/expect-session.js';
import { freshAssociations, freshSessionId, freshValue } from '../harness/fresh.js';
import type { PromiseCases } from '../harness/kit-cases.js';
import {
  createSession,
  openWithExpiredSession,
  openWithSession,
  withEachKeptAlive,
} from '../harness/open-with-session.js';

export const peekCases: PromiseCases = {
  'It returns what `get` would return': {
    'a session without associations': async (open) => {
      const { store, id, ...created } = await openWithSession(open, {});
      expectTimes('peek', expectExactly('peek', await store.peek(id), id, {}), created);
    },
    'a session with all four associations': async (open) => {
      const { store, id, associations } = await openWithSession(open, freshAssociations());
      expectExactly('peek', await store.peek(id), id, associations);
    },
    'a session that was updated': async (open) => {
      const { store, id, associations } = await openWithSession(open);
      await store.peek(id);
      await waitForNextTime();
      const agentId = freshValue();
      const updated = expectSession('update', await store.update(id, { agentId }));
      expectTimes(
        'peek',
        expectExactly('peek', await store.peek(id), id, { agentId, ...associations }),
        updated,
      );
    },
    'a session that activity kept alive past its first deadline': (open, time) =>
      withEachKeptAlive(open, time, async ({ store, id, inTime }) => {
        expectAlive('peek', await store.peek(id), inTime);
      }),
    'several at once, among unknown IDs': async (open) => {
      const store = await open();
      const one = await createSession(store, freshAssociations());
      const two = await createSession(store, freshAssociations());
      const none = { id: freshSessionId(), associations: undefined };
      const wanted = [none, one, two, one];
      const results = await Promise.all(wanted.map(({ id }) => store.peek(id)));
      for (const [index, { id, associations }] of wanted.entries()) {
        if (associations) expectExactly('peek', results[index], id, associations);
        else expectNotFound('peek', results[index]);
      }
    },
    'nothing, for an unknown ID': async (open) => {
      const store = await open();
      expectNotFound('peek', await store.peek(freshSessionId()));
    },
    'nothing, for the ID of a deleted session': async (open) => {
      const { store, id } = await openWithSession(open);
      await store.peek(id);
      await store.delete(id);
      expectNotFound('peek', await store.peek(id));
    },
    'nothing, for the ID of an expired session': async (open, time) => {
      const { store, id } = await openWithExpiredSession(open, time);
      expectNotFound('peek', await store.peek(id));
    },
  },

  'It changes nothing: the idle timeout goes on': {
    'peeks again and again, which do not extend it': async (open, time) => {
      const idleTimeout = 400;
      const store = await open({ idleTimeout });
      const createdInTime = time.startTimeout(idleTimeout);
      const { id } = await createSession(store);
      const created = performance.now();
      let inTime = time.startTimeout(idleTimeout);
      for (const ms of [80, 160, 240]) {
        await time.sleepUntil(created, ms);
        inTime = time.startTimeout(idleTimeout);
        await store.peek(id);
      }
      createdInTime();
      await time.sleepUntil(created, idleTimeout + 30);
      const result = await store.get(id);
      inTime();
      expectNotFound('get', result);
    },
    'peeks again and again, which do not shorten it': async (open, time) => {
      const store = await open({ idleTimeout: 400 });
      const inTime = time.startTimeout(400);
      const { id } = await createSession(store);
      const created = performance.now();
      for (let times = 0; times < 3; times++) await store.peek(id);
      await time.sleepUntil(created, 300);
      expectAlive('peek', await store.peek(id), inTime);
      expectAlive('get', await store.get(id), inTime);
    },
    'a peek after a get, which does not undo its activity': async (open, time) => {
      await withEachKeptAlive(open, time, async ({ store, id, inTime }) => {
        expectAlive('peek', await store.peek(id), inTime);
        expectAlive('get', await store.get(id), inTime);
      });
    },
    'the associations and times of a session peeked again and again': async (open) => {
      const { store, id, associations, ...before } = await openWithSession(open, freshAssociations());
      for (let times = 0; times < 3; times++) {
        await waitForNextTime();
        await store.peek(id);
      }
      expectTimes('get', expectAssociations('get', await store.get(id), associations), before);
    },
    'no session, which it does not create': async (open) => {
      const store = await open();
      const id = freshSessionId();
      await store.peek(id);
      expectSession('create', await store.create(id, {}));
      expectSession('peek', await store.peek(id));
    },
  },
};

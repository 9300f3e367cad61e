import { expectAlive, expectNotFound, expectSession } from '../harness/expect-session.js';
import { freshAssociations, freshSessionId } from '../harness/fresh.js';
import type { Check, PromiseCases } from '../harness/kit-cases.js';
import { createSession, openWithKeptAlive } from '../harness/open-with-session.js';
import type { StoreUnderTest } from '../harness/store-under-test.js';

type Active = 'get' | 'update';

export const activityCases: PromiseCases = {
  'It counts as activity: the idle timeout restarts': {
    'a get that extends it by a tenth': extendsByATenth('get'),
    'gets again and again': staysAlive('get'),
    'a get in time, and then an update': async (open, time) => {
      const keep = (store: StoreUnderTest, id: string) => store.get(id);
      const { store, id, inTime } = await openWithKeptAlive(open, time, keep);
      expectAlive('update', await store.update(id, {}), inTime);
    },
    'a get, and then no activity for the idle timeout': endsAfterActivity('get'),
  },
  'Activity never extends a session past `absoluteTimeout`': {
    'gets again and again': endsDespiteActivity('get', { idleTimeout: 20_000, absoluteTimeout: 300 }),
    'updates again and again': endsDespiteActivity('update', { idleTimeout: 20_000, absoluteTimeout: 300 }),
    'gets again and again, each within the idle timeout': endsDespiteActivity('get', {
      idleTimeout: 250,
      absoluteTimeout: 500,
    }),
    'updates again and again, each within the idle timeout': endsDespiteActivity('update', {
      idleTimeout: 250,
      absoluteTimeout: 500,
    }),
  },
  'It counts as activity, like `get`': {
    'an update that extends it by a tenth': extendsByATenth('update'),
    'updates again and again': staysAlive('update'),
    'an update in time that sets members, and then a get': async (open, time) => {
      const keep = (store: StoreUnderTest, id: string) => store.update(id, freshAssociations());
      const { store, id, inTime } = await openWithKeptAlive(open, time, keep);
      expectAlive('get', await store.get(id), inTime);
    },
    'an update in time that removes a member, and then a get': async (open, time) => {
      const keep = (store: StoreUnderTest, id: string) => store.update(id, { agentId: null });
      const { store, id, inTime } = await openWithKeptAlive(open, time, keep, freshAssociations());
      expectAlive('get', await store.get(id), inTime);
    },
    'an update, and then no activity for the idle timeout': endsAfterActivity('update'),
  },
};

/**
 * Moves the deadline by little more than the 5 % of the idle timeout that a store may skip, and looks between the two deadlines. A
 * store that skipped it without leave ends the session too early.
 */
function extendsByATenth(method: Active): Check {
  return async (open, time) => {
    const idleTimeout = 700;
    const store = await open({ idleTimeout });
    const createdInTime = time.startTimeout(idleTimeout);
    const isEarly = time.startTimeout(idleTimeout, 0.2);
    const { id } = await createSession(store);
    const created = performance.now();
    await time.sleepUntil(created, idleTimeout / 10);
    const inTime = time.startTimeout(idleTimeout, 0.99);
    expectAlive(method, await act(store, method, id), createdInTime);
    isEarly();
    await time.sleepUntil(created, idleTimeout);
    expectAlive(method, await act(store, method, id), inTime);
  };
}

/** Keeps a session alive some times, each time before the idle timeout; all but the first come after the first deadline. */
function staysAlive(method: Active): Check {
  return async (open, time) => {
    const idleTimeout = 400;
    const store = await open({ idleTimeout });
    let lastInTime = time.startTimeout(idleTimeout);
    const { id } = await createSession(store);
    for (let times = 0; times < 3; times++) {
      await time.sleep(220);
      const inTime = time.startTimeout(idleTimeout);
      expectAlive(method, await act(store, method, id), lastInTime);
      lastInTime = inTime;
    }
  };
}

function endsAfterActivity(method: Active): Check {
  return async (open, time) => {
    const idleTimeout = 250;
    const store = await open({ idleTimeout });
    const inTime = time.startTimeout(idleTimeout);
    const { id } = await createSession(store);
    await time.sleep(100);
    expectAlive(method, await act(store, method, id), inTime);
    await time.waitPast(idleTimeout);
    expectNotFound('get', await store.get(id));
  };
}

/** Keeps a session alive until after the absolute timeout. That it is found until then is not checked here. */
function endsDespiteActivity(
  method: Active,
  timeouts: { idleTimeout: number; absoluteTimeout: number },
): Check {
  return async (open, time) => {
    const store = await open(timeouts);
    const id = freshSessionId();
    const startTimeout = () => time.startTimeout(Math.min(timeouts.idleTimeout, timeouts.absoluteTimeout));
    // Before the call: how long it took counts too.
    let inTime = startTimeout();
    expectSession('create', await store.create(id, {}));
    const created = performance.now();
    for (let ms = 60; ms < timeouts.absoluteTimeout + 120; ms += 60) {
      await time.sleepUntil(created, ms);
      const nextInTime = startTimeout();
      await act(store, method, id);
      inTime();
      inTime = nextInTime;
    }
    const result = await store.get(id);
    inTime();
    expectNotFound('get', result);
  };
}

function act(store: StoreUnderTest, method: Active, id: string): Promise<unknown> {
  return method === 'get' ? store.get(id) : store.update(id, {});
}

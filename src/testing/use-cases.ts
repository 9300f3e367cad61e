import { freshAssociations, freshSessionId } from './fresh-names.js';
import { lookAtKeptAlive, type UseMethod, useOnce } from './kept-alive.js';
import { checkPace, foundInTime, retryWhenStalled, sleep, waitPast } from './real-time.js';
import type { OpenStore, PromiseCases } from './run-case.js';
import { found, notFound } from './session-assertions.js';

export const useCases: PromiseCases = {
  'It is a use: the idle timeout starts again': {
    'an early get, and another one after the first deadline': (open) => staysAliveByEarlyUse(open, 'get'),
    'gets again and again': (open) => staysAlive(open, 'get'),
    'a get in time, and then an update': (open) => staysAliveFor(open, 'update', { method: 'get' }),
    'a get, and then no use for the idle timeout': (open) => endsAfterUse(open, 'get'),
  },
  'No use carries a session past `absoluteTimeout`': {
    'gets again and again': (open) =>
      endsInSpiteOfUse(open, 'get', { idleTimeout: 20_000, absoluteTimeout: 300 }),
    'updates again and again': (open) =>
      endsInSpiteOfUse(open, 'update', { idleTimeout: 20_000, absoluteTimeout: 300 }),
    'gets again and again, each within the idle timeout': (open) =>
      endsInSpiteOfUse(open, 'get', { idleTimeout: 250, absoluteTimeout: 500 }),
    'updates again and again, each within the idle timeout': (open) =>
      endsInSpiteOfUse(open, 'update', { idleTimeout: 250, absoluteTimeout: 500 }),
  },
  'It is a use, as `get` is': {
    'an early update, and another one after the first deadline': (open) =>
      staysAliveByEarlyUse(open, 'update'),
    'updates again and again': (open) => staysAlive(open, 'update'),
    'an update in time that names members, and then a get': (open) =>
      staysAliveFor(open, 'get', { method: 'update', named: freshAssociations() }),
    'an update, and then no use for the idle timeout': (open) => endsAfterUse(open, 'update'),
  },
};

/**
 * Uses a session early, so that the deadline moves by less than half of the idle timeout, but by more than the 5 % that a store
 * may skip; and again after the first deadline.
 */
async function staysAliveByEarlyUse(open: OpenStore, method: UseMethod): Promise<void> {
  const idleTimeout = 700;
  const store = await open({ idleTimeout });
  await retryWhenStalled(async () => {
    const id = freshSessionId();
    const created = performance.now();
    await store.create(id, {});
    await sleep(200);
    const used = performance.now();
    foundInTime(method, await useOnce(store, method, id), created, idleTimeout);
    checkPace(created, idleTimeout / 2);
    await sleep(560);
    foundInTime(method, await useOnce(store, method, id), used, idleTimeout);
  });
}

/** Uses a session some times, each time before the idle timeout; all but the first of these come after the first deadline. */
async function staysAlive(open: OpenStore, method: UseMethod): Promise<void> {
  const idleTimeout = 400;
  const store = await open({ idleTimeout });
  await retryWhenStalled(async () => {
    const id = freshSessionId();
    let lastUse = performance.now();
    await store.create(id, {});
    for (let use = 0; use < 3; use++) {
      await sleep(220);
      const start = performance.now();
      foundInTime(method, await useOnce(store, method, id), lastUse, idleTimeout);
      lastUse = start;
    }
  });
}

async function staysAliveFor(
  open: OpenStore,
  other: UseMethod,
  use: Parameters<typeof lookAtKeptAlive>[1],
): Promise<void> {
  await lookAtKeptAlive(open, use, async (store, id, { lastUse, idleTimeout }) => {
    foundInTime(other, await useOnce(store, other, id), lastUse, idleTimeout);
  });
}

async function endsAfterUse(open: OpenStore, method: UseMethod): Promise<void> {
  const idleTimeout = 250;
  const store = await open({ idleTimeout });
  await retryWhenStalled(async () => {
    const id = freshSessionId();
    const start = performance.now();
    await store.create(id, {});
    await sleep(100);
    foundInTime(method, await useOnce(store, method, id), start, idleTimeout);
    await waitPast(idleTimeout);
    notFound('get', await store.get(id));
  });
}

/** Uses a session until after the absolute timeout. That the uses find it until then is not looked at here. */
async function endsInSpiteOfUse(
  open: OpenStore,
  method: UseMethod,
  timeouts: { idleTimeout: number; absoluteTimeout: number },
): Promise<void> {
  const store = await open(timeouts);
  const pace = Math.min(timeouts.idleTimeout, timeouts.absoluteTimeout);
  await retryWhenStalled(async () => {
    const id = freshSessionId();
    let lastUse = performance.now();
    found('create', await store.create(id, {}));
    const created = performance.now();
    for (let isOver = false; !isOver; ) {
      await sleep(60);
      const start = performance.now();
      isOver = start - created > timeouts.absoluteTimeout + 50;
      await useOnce(store, method, id);
      checkPace(lastUse, pace);
      lastUse = start;
    }
    const answer = await store.get(id);
    checkPace(lastUse, pace);
    notFound('get', answer);
  });
}

import { freshSessionId } from './fresh-names.js';
import { checkPace, foundInTime, retryWhenStalled, sleep, waitPast } from './real-time.js';
import type { OpenStore, PromiseCases, StoreUnderTest } from './run-case.js';
import { found, notFound } from './session-assertions.js';

type Method = 'get' | 'update';

export const useCases: PromiseCases = {
  'It is a use: the idle timeout starts again': {
    'a get in time, and another one': (open) => staysAlive(open, 'get', 2),
    'gets again and again': (open) => staysAlive(open, 'get', 4),
    'a get, and then no use for the idle timeout': (open) => endsAfterUse(open, 'get'),
  },
  'No use carries a session past `absoluteTimeout`': {
    'gets again and again': (open) =>
      endsInSpiteOfUse(open, 'get', { idleTimeout: 20_000, absoluteTimeout: 400 }),
    'updates again and again': (open) =>
      endsInSpiteOfUse(open, 'update', { idleTimeout: 20_000, absoluteTimeout: 400 }),
    'gets again and again, each within the idle timeout': (open) =>
      endsInSpiteOfUse(open, 'get', { idleTimeout: 350, absoluteTimeout: 700 }),
    'updates again and again, each within the idle timeout': (open) =>
      endsInSpiteOfUse(open, 'update', { idleTimeout: 350, absoluteTimeout: 700 }),
  },
  'It is a use, as `get` is': {
    'an update in time, and another one': (open) => staysAlive(open, 'update', 2),
    'updates again and again': (open) => staysAlive(open, 'update', 4),
    'an update, and then no use for the idle timeout': (open) => endsAfterUse(open, 'update'),
  },
};

/** Uses a session so often, each time before the idle timeout; the last of these comes after the first deadline. */
async function staysAlive(open: OpenStore, method: Method, times: number): Promise<void> {
  const idleTimeout = 400;
  const store = await open({ idleTimeout });
  await retryWhenStalled(async () => {
    const id = freshSessionId();
    let lastUse = performance.now();
    await store.create(id, {});
    for (let use = 0; use < times; use++) {
      await sleep(220);
      const start = performance.now();
      foundInTime(method, await useOnce(store, method, id), lastUse, idleTimeout);
      lastUse = start;
    }
  });
}

async function endsAfterUse(open: OpenStore, method: Method): Promise<void> {
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
  method: Method,
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

function useOnce(store: StoreUnderTest, method: Method, id: string): Promise<unknown> {
  return method === 'get' ? store.get(id) : store.update(id, {});
}

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
import { createSession, openWithExpiredSession, openWithSession } from '../harness/open-with-session.js';

export const getCases: PromiseCases = {
  'It returns the live session with the ID: the ID, its associations, the two times, and nothing else': {
    'one without associations': async (open) => {
      const { store, id, ...created } = await openWithSession(open, {});
      expectTimes('get', expectExactly('get', await store.get(id), id, {}), created);
    },
    'one with each single association': async (open) => {
      const store = await open();
      for (const [name, value] of Object.entries(freshAssociations())) {
        const { id, associations } = await createSession(store, { [name]: value });
        expectExactly('get', await store.get(id), id, associations);
      }
    },
    'one with all four associations': async (open) => {
      const { store, id, associations } = await openWithSession(open, freshAssociations());
      expectExactly('get', await store.get(id), id, associations);
    },
    'one that was updated': async (open) => {
      const { store, id, associations } = await openWithSession(open);
      await waitForNextTime();
      const agentId = freshValue();
      const updated = expectSession('update', await store.update(id, { agentId }));
      expectTimes(
        'get',
        expectExactly('get', await store.get(id), id, { agentId, ...associations }),
        updated,
      );
    },
    'several at once, one of them twice, among unknown IDs': async (open) => {
      const store = await open();
      for (let round = 0; round < 3; round++) {
        const one = await createSession(store, freshAssociations());
        const two = await createSession(store, freshAssociations());
        const none = () => ({ id: freshSessionId(), associations: undefined });
        const wanted = [none(), one, two, none(), one, none()];
        const results = await Promise.all(wanted.map(({ id }) => store.get(id)));
        for (const [index, { id, associations }] of wanted.entries()) {
          if (associations) expectExactly('get', results[index], id, associations);
          else expectNotFound('get', results[index]);
        }
      }
    },
  },

  'Without a live session it returns `undefined` and creates nothing': {
    'an unknown ID': async (open) => {
      const store = await open();
      const id = freshSessionId();
      expectNotFound('get', await store.get(id));
      expectSession('create', await store.create(id, {}));
      expectSession('get', await store.get(id));
    },
    'the ID of a deleted session': async (open) => {
      const { store, id } = await openWithSession(open);
      await store.delete(id);
      expectNotFound('get', await store.get(id));
      expectSession('create', await store.create(id, {}));
    },
    'the ID of an expired session': async (open, time) => {
      const { store, id } = await openWithExpiredSession(open, time);
      expectNotFound('get', await store.get(id));
      expectSession('create', await store.create(id, {}));
    },
  },

  'It changes neither the associations nor the two times': {
    'the associations of a session read again and again': async (open) => {
      const { store, id, associations } = await openWithSession(open, freshAssociations());
      for (let times = 0; times < 5; times++) expectAssociations('get', await store.get(id), associations);
    },
    'the times of a session read again and again': async (open) => {
      const { store, id, ...before } = await openWithSession(open, freshAssociations());
      for (let times = 0; times < 3; times++) {
        await waitForNextTime();
        expectTimes('get', await store.get(id), before);
      }
    },
    'both, if its idle timeout has to restart': async (open, time) => {
      const store = await open({ idleTimeout: 600 });
      const inTime = time.startTimeout(600);
      const { id, associations, ...before } = await createSession(store, freshAssociations());
      for (let times = 0; times < 3; times++) {
        await time.sleep(80);
        const info = expectAlive('get', await store.get(id), inTime);
        inTime();
        expectTimes('get', expectAssociations('get', info, associations), before);
      }
    },
  },
};

import { strict as assert } from 'node:assert';
import { createSeveral } from './create-several.js';
import { freshAssociations, freshSessionId, freshValue } from './fresh-names.js';
import { lookAtKeptAliveByEach } from './kept-alive.js';
import { openWithSession } from './open-with-session.js';
import { checkPace, foundInTime, retryWhenStalled, sleep, waitForNextTime } from './real-time.js';
import type { PromiseCases } from './run-case.js';
import { found, foundWith, foundWithout, isSession, notFound } from './session-assertions.js';

export const takenIdCases: PromiseCases = {
  'When a live session has that ID it answers `undefined`, and changes nothing': {
    'its associations': async (open) => {
      const { store, id, associations } = await openWithSession(open);
      notFound('create', await store.create(id, freshAssociations()));
      foundWith('get', await store.get(id), associations);
    },
    'its associations after an update': async (open) => {
      const { store, id, associations } = await openWithSession(open);
      const agentId = freshValue();
      await store.update(id, { agentId });
      notFound('create', await store.create(id, freshAssociations()));
      foundWith('get', await store.get(id), { agentId, ...associations });
    },
    'its associations at the next update': async (open) => {
      const { store, id } = await openWithSession(open);
      const refused = freshAssociations();
      notFound('create', await store.create(id, refused));
      foundWithout('update', await store.update(id, {}), refused);
    },
    'one that a use kept alive past its first deadline': (open) =>
      lookAtKeptAliveByEach(open, async (store, id, { lastUse, idleTimeout }) => {
        const refused = freshAssociations();
        const answer = await store.create(id, refused);
        if (isSession(answer)) checkPace(lastUse, idleTimeout);
        notFound('create', answer);
        foundWithout('get', foundInTime('get', await store.get(id), lastUse, idleTimeout), refused);
      }),
    'its times': async (open) => {
      const { store, id, createdAt, updatedAt } = await openWithSession(open);
      await waitForNextTime();
      notFound('create', await store.create(id, {}));
      const info = found('get', await store.get(id));
      assert.equal(info.createdAt, createdAt, 'createdAt must be as it was before a create of a taken ID');
      assert.equal(info.updatedAt, updatedAt, 'updatedAt must be as it was before a create of a taken ID');
    },
    'its idle timeout, which does not start again': async (open) => {
      const store = await open({ idleTimeout: 400 });
      await retryWhenStalled(async () => {
        const id = freshSessionId();
        const created = performance.now();
        await store.create(id, {});
        await sleep(220);
        const refused = performance.now();
        const answer = await store.create(id, {});
        if (isSession(answer)) checkPace(created, 400);
        notFound('create', answer);
        await sleep(230);
        const late = await store.get(id);
        checkPace(refused, 400);
        notFound('get', late);
      });
    },
    'of several creates at the same time, those that do not make it': async (open) => {
      const store = await open();
      const id = freshSessionId();
      const answers = await createSeveral(store, id);
      const { visitId } = found('get', await store.get(id));
      const made = answers.filter(isSession).map((info) => info.visitId);
      assert.ok(
        made.includes(visitId),
        'the session must be as a create answered it, not as a refused one named',
      );
    },
  },
};

import type { Faults } from './fault.js';
import { hideUses, KEPT_ALIVE, skipSmallExtensions, TAKEN_KEPT_ALIVE } from './faulty-deadlines.js';
import { tick } from './reference-store.js';

const NONE_LOST = 'Of several updates at the same time none is lost';
const UNDEFINED_KEPT = 'A member that is `undefined` is kept as it was';
const NEVER_MAKES =
  'It never makes a session: without a live one it answers `undefined`, and changes nothing';
const EXPIRED =
  'It treats an expired session as not there, at once, whether or not the backend has removed it';
const NO_USE_CARRIES = 'No use carries a session past `absoluteTimeout`';
const NOT_BROUGHT_BACK = 'No update in flight brings it back';

export const faultsOfUpdate: Faults = {
  'It answers the session with the named members in place of its own, and keeps the other members': [
    {
      fault: 'answers the deadline too',
      plant(backend) {
        const { show } = backend;
        backend.show = (id, row, method) => ({
          ...show(id, row, method),
          ...(method === 'update' && { expiresAt: row.idleDeadline }),
        });
      },
    },
    {
      fault: 'replaces all members',
      plant(backend) {
        const { merge } = backend;
        backend.merge = (_, named) => merge({}, named);
      },
      in: [
        'one named, of a session that has all four',
        'one after the other named, of a session that has none',
        'none named',
      ],
      also: [
        UNDEFINED_KEPT,
        NONE_LOST,
        'No ID is special',
        'It answers the live session with that ID: the ID, its associations, the two times, and nothing else: one that was updated',
        'When a live session has that ID it answers `undefined`, and changes nothing: its associations after an update',
        'What it returns is frozen or a copy: writing to it does not change the stored session: the answer of update',
        'It is atomic: calls at the same time have the effect of the same calls one after the other: a create and an update, which answers nothing or what the create made and its own',
      ],
    },
  ],

  [UNDEFINED_KEPT]: [
    {
      fault: 'lets undefined take the place of a value',
      plant(backend) {
        backend.merge = (own, named) => ({ ...own, ...named });
      },
    },
  ],

  'It sets `updatedAt` by the clock of the store, even when it names nothing, and keeps `createdAt`': [
    {
      fault: 'leaves updatedAt as it was',
      plant(backend) {
        const { show } = backend;
        backend.show = (id, row, method) => {
          row.updatedAt = row.createdAt;
          return show(id, row, method);
        };
      },
      in: [
        'updatedAt when it names something',
        'updatedAt when it names nothing',
        'updatedAt when it names what is there already',
        'updatedAt of one update after another',
      ],
    },
    {
      fault: 'leaves updatedAt as it was when nothing changes',
      plant: (backend, store) => ({
        update(id, associations) {
          const row = backend.live(id, 'update');
          if (!row) return undefined;
          const { updatedAt } = row;
          const changes = Object.entries(associations).some(
            ([name, value]) => row.associations[name] !== value,
          );
          const answer = store.update(id, associations);
          if (changes) return answer;
          row.updatedAt = updatedAt;
          return backend.show(id, row, 'update');
        },
      }),
      in: [
        'updatedAt when it names nothing',
        'updatedAt when it names what is there already',
        'updatedAt of one update after another',
      ],
    },
    {
      fault: 'answers updatedAt with an offset after an update',
      plant(backend) {
        const { show } = backend;
        backend.show = (id, row, method) => {
          const answer = show(id, row, method);
          const isUpdated = method === 'update' || row.updatedAt !== row.createdAt;
          return isUpdated ? { ...answer, updatedAt: answer.updatedAt.replace('Z', '+00:00') } : answer;
        };
        const { use } = backend;
        backend.use = (row, method) => {
          use(row, method);
          if (method === 'update' && row.updatedAt === row.createdAt) row.updatedAt++;
        };
      },
      in: ['updatedAt in ISO 8601, UTC, with milliseconds'],
    },
    {
      fault: 'has a clock of its own, an hour slow',
      plant(backend) {
        const { use } = backend;
        backend.use = (row, method) => {
          use(row, method);
          if (method === 'update') row.updatedAt -= 60 * 60 * 1000;
        };
      },
      in: [
        'updatedAt when it names something',
        'updatedAt when it names nothing',
        'updatedAt when it names what is there already',
        'updatedAt of one update after another',
        'updatedAt as the present moment',
        'updatedAt never before createdAt',
      ],
    },
    {
      fault: 'sets createdAt too',
      plant(backend) {
        const { use } = backend;
        backend.use = (row, method) => {
          use(row, method);
          if (method === 'update') row.createdAt = row.updatedAt;
        };
      },
      in: ['createdAt'],
    },
  ],

  [NEVER_MAKES]: [
    {
      fault: 'keeps what it names for the next session',
      plant(_, store) {
        const kept = new Map<string, object>();
        return {
          create(id, associations) {
            const answer = store.create(id, { ...kept.get(id), ...associations });
            kept.delete(id);
            return answer;
          },
          update(id, associations) {
            const answer = store.update(id, associations);
            if (answer === undefined) kept.set(id, { ...associations });
            return answer;
          },
        };
      },
    },
    {
      fault: 'takes the ID for one that is not there',
      plant(_, store) {
        const taken = new Set<string>();
        return {
          create: (id, associations) => (taken.has(id) ? undefined : store.create(id, associations)),
          update(id, associations) {
            const answer = store.update(id, associations);
            if (answer === undefined) taken.add(id);
            return answer;
          },
        };
      },
    },
    {
      fault: 'makes a session and answers it',
      plant: (_, store) => ({
        update: (id, associations) => store.update(id, associations) ?? store.create(id, associations),
      }),
      also: [
        `${EXPIRED}: update after the idle timeout`,
        `${EXPIRED}: update after the absolute timeout`,
        'It takes IDs apart exactly: every character and its letter case count',
        'No ID is special',
        `${NO_USE_CARRIES}: updates again and again`,
        `${NO_USE_CARRIES}: updates again and again, each within the idle timeout`,
        'The session is not found from then on: by update',
        `${NOT_BROUGHT_BACK}: an update called just after the delete`,
        `${NOT_BROUGHT_BACK}: many updates around the delete`,
      ],
    },
  ],

  'It is a use, as `get` is': [
    {
      fault: 'does not start the idle timeout again',
      plant(backend) {
        const { use } = backend;
        backend.use = (row, method) => method !== 'update' && use(row, method);
      },
      in: [
        'an early update, and another one after the first deadline',
        'updates again and again',
        'an update in time that names members, and then a get',
      ],
      also: KEPT_ALIVE,
    },
    {
      fault: 'skips an extension by less than half of the idle timeout',
      plant: (backend) => skipSmallExtensions(backend, 'update'),
      in: ['an early update, and another one after the first deadline'],
    },
    {
      fault: 'starts the idle timeout again, but not for gets',
      plant: (backend) => hideUses(backend, 'update', 'get'),
      in: ['an update in time that names members, and then a get'],
      also: [TAKEN_KEPT_ALIVE],
    },
    {
      fault: 'does not start the idle timeout again when it names members',
      plant: (backend, store) => ({
        update(id, associations) {
          const row = backend.live(id, 'update');
          const deadline = row?.idleDeadline;
          const answer = store.update(id, associations);
          if (row && deadline && Object.keys(associations).length > 0) row.idleDeadline = deadline;
          return answer;
        },
      }),
      in: ['an update in time that names members, and then a get'],
    },
    {
      fault: 'ends the idle timeout for ever',
      plant(backend) {
        const { use } = backend;
        backend.use = (row, method) => {
          use(row, method);
          if (method === 'update') row.idleDeadline = Number.POSITIVE_INFINITY;
        };
      },
      in: ['an update, and then no use for the idle timeout'],
      also: [
        'It does not touch any other session: a use of another session, which does not keep this one alive',
        'Without a live one it answers `undefined`, and makes none: an ID whose session has expired',
        `${NEVER_MAKES}: an ID whose session has expired`,
      ],
    },
  ],

  [NONE_LOST]: [
    {
      fault: 'reads, merges and writes later',
      plant: (backend) => ({
        async update(id, associations) {
          const row = backend.live(id, 'update');
          if (!row) return undefined;
          const merged = backend.merge(row.associations, associations);
          await tick();
          if (backend.live(id, 'update') !== row) return undefined;
          row.associations = merged;
          row.updatedAt = Date.now();
          backend.use(row, 'update');
          return backend.show(id, row, 'update');
        },
      }),
    },
  ],

  'The members of one update are never seen apart': [
    {
      fault: 'writes one member after the other',
      plant(backend) {
        let isForward = false;
        return {
          async update(id, associations) {
            const row = backend.live(id, 'update');
            if (!row) return undefined;
            row.updatedAt = Date.now();
            backend.use(row, 'update');
            isForward = !isForward;
            const members = Object.entries(associations);
            for (const [name, value] of isForward ? members : members.toReversed()) {
              row.associations = backend.merge(row.associations, { [name]: value });
              for (let ticks = 0; ticks < 5; ticks++) await tick();
            }
            return backend.live(id, 'update') === row ? backend.show(id, row, 'update') : undefined;
          },
        };
      },
    },
  ],
};

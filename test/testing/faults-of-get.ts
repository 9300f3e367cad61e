import type { Faults } from './fault.js';
import { hideUses, KEPT_ALIVE, skipSmallExtensions } from './faulty-deadlines.js';
import { type Row, tick } from './reference-store.js';

const GET_ANSWERS =
  'It answers the live session with that ID: the ID, its associations, the two times, and nothing else';
const SEVERAL_GETS = 'several at the same time, one of them twice, among IDs that never were';
const IDLE = 'its idle timeout, which does not start again';
const ATOMIC = 'It is atomic: calls at the same time have the effect of the same calls one after the other';
const NO_USE_CARRIES = 'No use carries a session past `absoluteTimeout`';
const EXPIRED =
  'It treats an expired session as not there, at once, whether or not the backend has removed it';

export const faultsOfGet: Faults = {
  [GET_ANSWERS]: [
    {
      fault: 'answers the deadline too',
      plant(backend) {
        const { show } = backend;
        backend.show = (id, row, method) => ({
          ...show(id, row, method),
          ...(method === 'get' && { expiresAt: row.idleDeadline }),
        });
      },
    },
    {
      fault: 'answers null for what is not associated',
      plant(backend) {
        const { show } = backend;
        backend.show = (id, row, method) => {
          const nulls = { agentId: null, customerId: null, visitId: null, globalVisitId: null };
          return { ...(method === 'get' && (nulls as object)), ...show(id, row, method) };
        };
      },
      in: ['one with no associations', 'one with each single association', 'one that was updated'],
    },
    {
      fault: 'shares a read of several IDs, and hands out its rows by position',
      plant(_, store) {
        let shared: { ids: Set<string>; rows: Promise<ReturnType<typeof store.get>[]> } | undefined;
        function share() {
          const ids = new Set<string>();
          const rows = tick().then(() => {
            shared = undefined;
            return [...ids].map((id) => store.get(id)).filter((row) => row !== undefined);
          });
          return { ids, rows };
        }
        return {
          async get(id) {
            shared ??= share();
            const { ids, rows } = shared;
            ids.add(id);
            return (await rows)[[...ids].indexOf(id)];
          },
        };
      },
      in: [SEVERAL_GETS],
    },
  ],

  'Without a live one it answers `undefined`, and makes none': [
    {
      fault: 'takes the ID for one that is not there',
      plant(_, store) {
        const taken = new Set<string>();
        return {
          create: (id, associations) => (taken.has(id) ? undefined : store.create(id, associations)),
          get(id) {
            const answer = store.get(id);
            if (answer === undefined) taken.add(id);
            return answer;
          },
        };
      },
    },
    {
      fault: 'makes a session and answers it',
      plant: (_, store) => ({ get: (id) => store.get(id) ?? store.create(id, {}) }),
      also: [
        ...['get', 'update'].flatMap((method) =>
          ['idle', 'absolute'].map((timeout) => `${EXPIRED}: ${method} after the ${timeout} timeout`),
        ),
        `${GET_ANSWERS}: ${SEVERAL_GETS}`,
        'It takes IDs apart exactly: every character and its letter case count',
        'No ID is special',
        `${ATOMIC}: several creates and deletes, which end no more sessions than were made`,
        `${ATOMIC}: a delete and a get, which answers nothing or the whole session`,
        `When a live session has that ID it answers \`undefined\`, and changes nothing: ${IDLE}`,
        'It does not touch any other session: a use of another session, which does not keep this one alive',
        'It does not touch any other session: a get, an update, a delete and a create, each of its own session, at the same time',
        'It is a use: the idle timeout starts again: a get, and then no use for the idle timeout',
        'It is a use, as `get` is: an update, and then no use for the idle timeout',
        NO_USE_CARRIES,
        'The session is not found from then on: by get',
        'The session is not found from then on: by get, when gets were under way',
        'No update in flight brings it back',
      ],
    },
  ],

  'It changes neither the associations nor the two times': [
    {
      fault: 'loses a member and moves a time after two reads',
      plant(backend) {
        const { show } = backend;
        const reads = new WeakMap<Row, number>();
        backend.show = (id, row, method) => {
          const answer = show(id, row, method);
          if (method !== 'get') return answer;
          reads.set(row, (reads.get(row) ?? 0) + 1);
          if (reads.get(row) === 2) {
            row.associations = { ...row.associations, agentId: undefined };
            row.updatedAt++;
          }
          return answer;
        };
      },
    },
  ],

  'It is a use: the idle timeout starts again': [
    {
      fault: 'does not start it again',
      plant(backend) {
        const { use } = backend;
        backend.use = (row, method) => method !== 'get' && use(row, method);
      },
      in: [
        'an early get, and another one after the first deadline',
        'gets again and again',
        'a get in time, and then an update',
      ],
      also: KEPT_ALIVE,
    },
    {
      fault: 'skips an extension by less than half of it',
      plant: (backend) => skipSmallExtensions(backend, 'get'),
      in: ['an early get, and another one after the first deadline'],
    },
    {
      fault: 'starts it again, but not for updates',
      plant: (backend) => hideUses(backend, 'get', 'update'),
      in: ['a get in time, and then an update'],
    },
    {
      fault: 'ends it for ever',
      plant(backend) {
        const { use } = backend;
        backend.use = (row, method) => {
          use(row, method);
          if (method === 'get') row.idleDeadline = Number.POSITIVE_INFINITY;
        };
      },
      in: ['a get, and then no use for the idle timeout'],
    },
  ],

  [NO_USE_CARRIES]: [
    {
      fault: 'starts both timeouts again',
      plant(backend) {
        const { use } = backend;
        backend.use = (row, method) => {
          use(row, method);
          row.absoluteDeadline = row.idleDeadline;
        };
      },
    },
    {
      fault: 'starts both timeouts again when it is updated',
      plant(backend) {
        const { use } = backend;
        backend.use = (row, method) => {
          use(row, method);
          if (method === 'update') row.absoluteDeadline = row.idleDeadline;
        };
      },
      in: ['updates again and again', 'updates again and again, each within the idle timeout'],
    },
  ],
};

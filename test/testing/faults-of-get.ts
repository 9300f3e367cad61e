import type { Faults } from './fault.js';
import type { Row } from './reference-store.js';

const IDLE = 'its idle timeout, which does not start again';
const ATOMIC = 'It is atomic: calls at the same time have the effect of the same calls one after the other';
const NO_USE_CARRIES = 'No use carries a session past `absoluteTimeout`';
const EXPIRED =
  'It treats an expired session as not there, at once, whether or not the backend has removed it';

export const faultsOfGet: Faults = {
  'It answers the live session with that ID: the ID, its associations, the two times, and nothing else': [
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
        'It takes IDs apart exactly: every character and its letter case count',
        'No ID is special',
        `${ATOMIC}: several creates and deletes, which end no more sessions than were made`,
        `${ATOMIC}: a delete and a get, which answers nothing or the whole session`,
        `When a live session has that ID it answers \`undefined\`, and changes nothing: ${IDLE}`,
        'It does not touch any other session: a use of another session, which does not keep this one alive',
        'It is a use: the idle timeout starts again: a get, and then no use for the idle timeout',
        'It is a use, as `get` is: an update, and then no use for the idle timeout',
        NO_USE_CARRIES,
        'The session is not found from then on: by get',
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
      in: ['a get in time, and another one', 'gets again and again'],
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

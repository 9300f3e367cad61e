import type { Fault, Faults } from './fault.js';
import { endAtFirstDeadline } from './faulty-deadlines.js';
import { type Row, tick } from './reference-store.js';

const ONE_CREATE = 'Of several creates of one ID at the same time, exactly one makes the session';
const ATOMIC = 'It is atomic: calls at the same time have the effect of the same calls one after the other';

export const faultsOfCreate: Faults = {
  'It answers the new session: the ID, the associations named, the two times, and nothing else': [
    {
      fault: 'answers the deadline too',
      plant(backend) {
        const { show } = backend;
        backend.show = (id, row, method) => ({
          ...show(id, row, method),
          ...(method === 'create' && { expiresAt: row.idleDeadline }),
        });
      },
    },
    {
      fault: 'answers null for what is not associated',
      plant(backend) {
        const { show } = backend;
        backend.show = (id, row, method) => {
          const nulls = { agentId: null, customerId: null, visitId: null, globalVisitId: null };
          return { ...(method === 'create' && (nulls as object)), ...show(id, row, method) };
        };
      },
      in: ['none named', 'one named'],
    },
  ],

  'A member that is `undefined` is not associated': [
    {
      fault: 'makes text of every member',
      plant(backend) {
        const { make } = backend;
        backend.make = (associations) =>
          make(
            Object.fromEntries(Object.entries(associations).map(([name, value]) => [name, String(value)])),
          );
      },
    },
  ],

  '`createdAt` and `updatedAt` are the same moment, by the clock of the store': [
    {
      fault: 'answers createdAt in another format and time zone',
      plant(backend) {
        const { show } = backend;
        backend.show = (id, row, method) => ({
          ...show(id, row, method),
          createdAt: new Date(row.createdAt - 24 * 60 * 60 * 1000)
            .toISOString()
            .replace('T', ' ')
            .slice(0, 23),
        });
      },
    },
    {
      fault: 'takes the time twice',
      plant(backend) {
        const { make } = backend;
        backend.make = (associations) => {
          const row = make(associations);
          return { ...row, updatedAt: row.createdAt + 1 };
        };
      },
      in: ['one and the same'],
    },
  ],

  'When a live session has that ID it answers `undefined`, and changes nothing': [
    {
      fault: 'overwrites the session, and answers undefined',
      plant: (backend, store) => ({
        create(id, associations) {
          const isTaken = backend.live(id, 'create') !== undefined;
          if (!isTaken) return store.create(id, associations);
          backend.rows.set(id, backend.make(associations));
          return undefined;
        },
      }),
    },
    {
      fault: 'takes a create of a taken ID for a use',
      plant: (backend, store) => ({
        create(id, associations) {
          const row = backend.live(id, 'create');
          if (!row) return store.create(id, associations);
          backend.use(row, 'create');
          return undefined;
        },
      }),
      in: ['its idle timeout, which does not start again'],
    },
    {
      fault: 'answers the session that has the ID',
      plant: (backend, store) => ({
        create(id, associations) {
          const row = backend.live(id, 'create');
          return row ? backend.show(id, row, 'create') : store.create(id, associations);
        },
      }),
      in: [
        'its associations',
        'its associations after an update',
        'its associations at the next update',
        'one that a use kept alive past its first deadline',
        'its times',
        'its idle timeout, which does not start again',
      ],
      also: [ONE_CREATE, `${ATOMIC}: several creates and deletes, which end no more sessions than were made`],
    },
    {
      fault: 'keeps what a refused create named for the next update',
      plant(_, store) {
        const pending = new Map<string, object>();
        return {
          create(id, associations) {
            const answer = store.create(id, associations);
            if (answer === undefined) pending.set(id, { ...associations });
            return answer;
          },
          update(id, associations) {
            const answer = store.update(id, { ...pending.get(id), ...associations });
            pending.delete(id);
            return answer;
          },
        };
      },
      in: ['its associations at the next update'],
    },
    {
      fault: 'takes a session for expired at its first deadline, used or not',
      plant: (backend) => endAtFirstDeadline(backend, 'create'),
      in: ['one that a use kept alive past its first deadline'],
    },
  ],

  'An ID whose session was deleted or has expired is free again, and nothing of the old session is left': [
    {
      fault: 'makes the new session of what is left of the old one',
      plant(backend, store) {
        const old = new Map<string, Row>();
        return {
          create(id, associations) {
            if (backend.live(id, 'create')) return undefined;
            const left = old.get(id);
            const row = backend.make({ ...left?.associations, ...associations });
            if (left)
              Object.assign(row, { createdAt: left.createdAt, absoluteDeadline: left.absoluteDeadline });
            backend.rows.set(id, row);
            old.set(id, row);
            return backend.show(id, row, 'create');
          },
          delete: (id) => store.delete(id),
        };
      },
    },
    {
      fault: 'writes over what has expired, but not the agent',
      plant: (backend, store) => ({
        create(id, associations) {
          const old = backend.rows.get(id);
          if (!old) return store.create(id, associations);
          return store.create(id, { ...associations, agentId: old.associations.agentId } as object);
        },
      }),
      in: [
        'the associations of a session after its idle timeout',
        'the associations of a session after its absolute timeout',
      ],
    },
    ...(['createdAt', 'absoluteDeadline'] as const).map(
      (kept): Fault => ({
        fault: `writes over what was not used in time, but not its ${kept}`,
        plant: (backend, store) => ({
          create(id, associations) {
            const old = backend.rows.get(id);
            const answer = store.create(id, associations);
            const row = backend.rows.get(id);
            if (!answer || !row || !old || Date.now() >= old.absoluteDeadline) return answer;
            row[kept] = old[kept];
            return backend.show(id, row, 'create');
          },
        }),
        in: ['the times and the absolute timeout of a session after its idle timeout'],
      }),
    ),
  ],

  [ONE_CREATE]: [
    {
      fault: 'looks first and inserts later',
      plant: (backend) => ({
        async create(id, associations) {
          if (backend.live(id, 'create')) return undefined;
          const row = backend.make(associations);
          await tick();
          backend.rows.set(id, row);
          return backend.show(id, row, 'create');
        },
      }),
    },
  ],
};

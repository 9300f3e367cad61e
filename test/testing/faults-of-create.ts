import type { Faults } from './fault.js';
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
        'its times',
        'its idle timeout, which does not start again',
      ],
      also: [ONE_CREATE, `${ATOMIC}: several creates and deletes, which end no more sessions than were made`],
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
  ],

  [ONE_CREATE]: [
    {
      fault: 'looks first and inserts later',
      plant: (backend) => ({
        async create(id, associations) {
          if (backend.live(id, 'create')) return undefined;
          await tick();
          const row = backend.make(associations);
          backend.rows.set(id, row);
          return backend.show(id, row, 'create');
        },
      }),
    },
  ],
};

import type { Faults } from './fault.js';
import { endAtFirstDeadline } from './faulty-deadlines.js';
import { type Row, tick } from './reference-store.js';

const ATOMIC = 'It is atomic: calls at the same time have the effect of the same calls one after the other';
const EXPIRED =
  'It treats an expired session as not there, at once, whether or not the backend has removed it';

export const faultsOfDelete: Faults = {
  'It answers whether a live session was ended by this call': [
    {
      fault: 'answers how many were ended',
      plant: (_, store) => ({ delete: (id) => Number(store.delete(id)) as unknown as boolean }),
    },
    {
      fault: 'always answers true',
      plant: (_, store) => ({ delete: (id) => store.delete(id) || true }),
      in: ['a session that was deleted before', 'an ID that never was'],
      also: [
        `${ATOMIC}: several deletes, one of which ends the session`,
        `${ATOMIC}: several creates and deletes, which end no more sessions than were made`,
        `${EXPIRED}: delete after the idle timeout`,
        `${EXPIRED}: delete after the absolute timeout`,
      ],
    },
    {
      fault: 'takes a session for expired at its first deadline, used or not',
      plant: (backend) => endAtFirstDeadline(backend, 'delete'),
      in: ['a live session that a use kept alive past its first deadline'],
    },
  ],

  'The session is not found from then on': [
    {
      fault: 'leaves the session in a cache of what was read',
      plant(backend) {
        const { live } = backend;
        const read = new Map<string, Row>();
        const deleted = new Map<string, Row | undefined>();
        backend.live = (id, method) => {
          const row = live(id, method);
          if (row && method === 'get') read.set(id, row);
          if (row && method === 'delete') deleted.set(id, read.get(id));
          const isRead = method === 'get' || method === 'update';
          return row ?? (isRead ? deleted.get(id) : undefined);
        };
      },
      also: ['No ID is special'],
    },
    {
      fault: 'lets a get look first and write the new deadline later',
      plant: (backend) => ({
        async get(id) {
          const row = backend.live(id, 'get');
          if (!row) return undefined;
          await tick();
          backend.use(row, 'get');
          backend.rows.set(id, row);
          return backend.show(id, row, 'get');
        },
      }),
      in: ['by get, when gets were under way'],
    },
  ],

  'No update in flight brings it back': [
    {
      fault: 'lets an update look first and write later',
      plant: (backend) => ({
        async update(id, associations) {
          const row = backend.live(id, 'update');
          if (!row) return undefined;
          const named = { ...associations };
          await tick();
          row.associations = backend.merge(row.associations, named);
          row.updatedAt = Date.now();
          backend.use(row, 'update');
          backend.rows.set(id, row);
          return backend.show(id, row, 'update');
        },
      }),
      in: ['an update called just before the delete', 'many updates around the delete'],
    },
  ],
};

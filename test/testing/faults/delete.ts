import type { Faults } from '../fault.js';
import { endAtFirstDeadline } from '../faulty-deadlines.js';
import {
  ATOMIC,
  DELETE_RETURNS,
  DELETED,
  EXPIRED,
  FREE,
  NO_SPECIAL_ID,
  NOT_REVIVED,
  PEEK_RETURNS,
} from '../promises.js';
import { type Row, tick } from '../reference-store.js';

export const deleteFaults: Faults = {
  [DELETE_RETURNS]: [
    {
      fault: 'returns how many were ended',
      plant: (_, store) => ({ delete: (id) => Number(store.delete(id)) as unknown as boolean }),
    },
    {
      fault: 'always returns true',
      plant: (_, store) => ({ delete: (id) => store.delete(id) || true }),
      in: ['a deleted session', 'an unknown ID'],
      also: [
        `${ATOMIC}: several deletes, of which one ends the session`,
        `${ATOMIC}: several creates and deletes, which end no more sessions than were created`,
        `${EXPIRED}: delete after the idle timeout`,
        `${EXPIRED}: delete after the absolute timeout`,
      ],
    },
    {
      fault: 'takes a session for expired at its first deadline',
      plant: (backend) => endAtFirstDeadline(backend, 'delete'),
      in: ['a live session that activity kept alive past its first deadline'],
    },
  ],

  [DELETED]: [
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
      in: ['by get', 'by update', 'by get, if gets were in flight'],
      also: [NO_SPECIAL_ID],
    },
    {
      fault: 'lets a get look first and write the new deadline later',
      plant: (backend) => ({
        async get(id) {
          const row = backend.live(id, 'get');
          if (!row) return undefined;
          await tick();
          backend.extend(row, 'get');
          backend.rows.set(id, row);
          return backend.show(id, row, 'get');
        },
      }),
      in: ['by get, if gets were in flight'],
      also: [`${FREE}: the associations of a session that was deleted while gets ran`],
    },
    {
      fault: 'lets a get write back what it read if it extends by 5 % or more',
      plant: (backend) => ({
        async get(id) {
          const row = backend.live(id, 'get');
          if (!row) return undefined;
          const before = row.idleDeadline;
          backend.extend(row, 'get');
          if (row.idleDeadline - before >= (before - row.updatedAt) / 20) {
            await tick();
            backend.rows.set(id, row);
          }
          return backend.show(id, row, 'get');
        },
      }),
      in: ['by get, if gets were in flight'],
      also: [`${FREE}: the associations of a session that was deleted while gets ran`],
    },
    {
      fault: 'lets a peek look first and write it back later',
      plant: (backend) => ({
        async peek(id) {
          const row = backend.live(id, 'peek');
          if (!row) return undefined;
          await tick();
          backend.rows.set(id, row);
          return backend.show(id, row, 'peek');
        },
      }),
      in: ['by get, if peeks were in flight'],
    },
    {
      fault: 'leaves it in what peek reads',
      plant(backend, store) {
        const rows = new Map<string, Row>();
        return {
          delete(id) {
            const row = backend.rows.get(id);
            if (row) rows.set(id, row);
            return store.delete(id);
          },
          peek(id) {
            const left = rows.get(id);
            return store.peek(id) ?? (left && backend.show(id, left, 'peek'));
          },
        };
      },
      in: ['by peek'],
      also: [`${PEEK_RETURNS}: nothing, for the ID of a deleted session`],
    },
  ],

  [NOT_REVIVED]: [
    {
      fault: 'lets an update look first and write later',
      plant: (backend) => ({
        async update(id, associations) {
          const row = backend.live(id, 'update');
          if (!row) return undefined;
          const given = { ...associations };
          await tick();
          row.associations = backend.merge(row.associations, given);
          row.updatedAt = Date.now();
          backend.extend(row, 'update');
          backend.rows.set(id, row);
          return backend.show(id, row, 'update');
        },
      }),
      in: ['an update called just before the delete', 'many updates around the delete'],
    },
  ],
};

import type { SessionAssociations } from '../../../src/session-info.js';
import type { SessionStore } from '../../../src/session-store.js';
import type { Faults } from '../fault.js';
import { OTHERS } from '../promises.js';
import { type Backend, type Method, type Row, type SyncStore, tick } from '../reference-store.js';

export const otherSessionsFaults: Faults = {
  [OTHERS]: [
    {
      fault: 'get touches all sessions of the customer',
      plant: (backend, store) => touchingAll(backend, store, 'get'),
      in: [
        'create of one more session',
        'create of an ID that another session has',
        'get of another session',
        'peek of another session',
        'update of another session',
        'removal of a member of another session',
        'delete of another session',
        'activity of another session, which does not keep this one alive',
      ],
    },
    {
      fault: 'create touches all sessions of the customer',
      plant: (backend, store) => touchingAll(backend, store, 'create'),
      in: [
        'create of one more session',
        'create of an ID that another session has',
        'get of another session',
        'peek of another session',
        'update of another session',
        'removal of a member of another session',
        'delete of another session',
      ],
    },
    {
      fault: 'update touches all sessions of the customer',
      plant: (backend, store) => touchingAll(backend, store, 'update'),
      in: ['update of another session', 'removal of a member of another session'],
    },
    {
      fault: 'delete touches all sessions of the customer',
      plant: (backend, store) => touchingAll(backend, store, 'delete'),
      in: ['delete of another session'],
    },
    {
      fault: 'keeps the 30 newest sessions',
      plant(backend) {
        const rows = new Map<string, Row>();
        backend.rows = {
          get: (key) => rows.get(key),
          set(key, row) {
            rows.delete(key);
            rows.set(key, row);
            for (const oldest of [...rows.keys()].slice(0, -30)) rows.delete(oldest);
          },
          delete: (key) => rows.delete(key),
        };
      },
      in: ['fifty concurrent creates'],
    },
    {
      fault: 'keeps all visits in one record, which update reads and writes later',
      plant(backend, store) {
        const rows = new Map<string, Row>();
        backend.rows = rows;
        return {
          async update(id, associations) {
            if (Object.keys(associations).join() !== 'visitId') return store.update(id, associations);
            const given = { ...associations };
            const read = structuredClone(rows);
            await tick();
            const result = store.update(id, given);
            const own = rows.get(id);
            rows.clear();
            for (const [other, row] of read) if (other !== id) rows.set(other, row);
            if (own) rows.set(id, own);
            return result;
          },
        };
      },
      in: [
        'concurrent updates of several sessions',
        'a get, an update, a delete and a create at once, each of its own session',
      ],
    },
  ],
};

function touchingAll(backend: Backend, store: SyncStore, method: Method): Partial<SessionStore> {
  const rows = new Map<string, Row>();
  backend.rows = rows;
  return {
    [method](id: string, associations: SessionAssociations) {
      const customerId = rows.get(id)?.associations.customerId ?? associations?.customerId;
      const result = store[method](id, associations);
      for (const [other, row] of rows) {
        if (other === id || customerId === undefined || row.associations.customerId !== customerId) continue;
        row.associations = { ...row.associations, agentId: 'touched' };
        backend.extend(row, method);
      }
      return result;
    },
  };
}

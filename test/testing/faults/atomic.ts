import type { SessionInfo } from '../../../src/session-info.js';
import type { Faults } from '../fault.js';
import { ATOMIC } from '../promises.js';
import { type Backend, type FullStore, type Row, tick } from '../reference-store.js';

export const atomicFaults: Faults = {
  [ATOMIC]: [
    {
      fault: 'delete looks first and removes later',
      plant: (backend) => ({
        async delete(id) {
          if (!backend.live(id, 'delete')) return false;
          await tick();
          backend.rows.delete(id);
          return true;
        },
      }),
      in: [
        'several deletes, of which one ends the session',
        'several creates and deletes, which end no more sessions than were created',
      ],
    },
    {
      fault: 'create stores an empty session first and fills it later',
      plant: (backend) => ({
        async create(id, associations) {
          if (backend.live(id, 'create')) return undefined;
          const row = backend.createRow({});
          const filled = backend.merge({}, associations);
          backend.rows.set(id, row);
          await tick();
          row.associations = filled;
          return backend.show(id, row, 'create');
        },
      }),
      in: ['a create and an update, which finds nothing or what was created'],
    },
    {
      fault: 'delete empties the session first and removes it later',
      plant(backend) {
        const emptied = new Set<Row>();
        return {
          async delete(id) {
            const row = backend.live(id, 'delete');
            if (!row || emptied.has(row)) return false;
            emptied.add(row);
            row.associations = {};
            await tick();
            backend.rows.delete(id);
            return true;
          },
        };
      },
      in: ['a delete and reads, which find nothing or the whole session'],
    },
    {
      fault: 'update sets the time first and the members later',
      plant: (backend, store) => ({
        async update(id, changes) {
          const row = backend.live(id, 'update');
          if (!row) return undefined;
          const taken = { ...changes };
          row.updatedAt = Date.now();
          await tick();
          return store.update(id, taken);
        },
      }),
      in: ['an update and reads, which find the session as it was or as it is'],
    },
    {
      fault: 'update returns what it read before, with its own changes',
      plant: (backend, store) => ({
        async update(id, changes) {
          const before = { ...backend.live(id, 'update')?.associations };
          const taken = { ...changes };
          await tick();
          const result = store.update(id, taken);
          return result && { ...pick(result), ...backend.merge(before, taken) };
        },
      }),
      in: ['several updates, whose results follow one another'],
    },
    {
      fault: 'update returns what it reads afterwards',
      plant: (backend, store) => ({
        async update(id, changes) {
          const result = store.update(id, changes);
          await tick();
          const row = backend.rows.get(id);
          return result && row ? backend.show(id, row, 'update') : result;
        },
      }),
      in: ['several updates, whose results follow one another'],
    },
    {
      fault: 'peek reads the session, and writes all of it back later',
      plant: (backend) => ({
        async peek(id) {
          const row = backend.live(id, 'peek');
          if (!row) return undefined;
          const read = { ...row };
          await tick();
          Object.assign(row, read);
          return backend.show(id, row, 'peek');
        },
      }),
      in: ['peeks and an update, which they do not undo'],
    },
    {
      fault: 'get writes back what it read if it extends by 5 % or more',
      plant: (backend) => ({ get: writingBack(backend) }),
      in: ['gets and an update, which they do not undo'],
    },
    {
      fault: 'get reads the session, and writes all of it back later',
      plant: (backend) => ({
        async get(id) {
          const row = backend.live(id, 'get');
          if (!row) return undefined;
          backend.extend(row, 'get');
          const read = { ...row };
          await tick();
          Object.assign(row, read);
          return backend.show(id, row, 'get');
        },
      }),
      in: ['gets and an update, which they do not undo'],
    },
  ],
};

/** A get that extends by 5 % of the idle timeout or more writes back what it read, into the session if it is still there. */
function writingBack(backend: Backend): FullStore['get'] {
  return async (id) => {
    const row = backend.live(id, 'get');
    if (!row) return undefined;
    const read = { ...row };
    backend.extend(read, 'get');
    const isDue = read.idleDeadline - row.idleDeadline >= (row.idleDeadline - row.updatedAt) / 20;
    await tick();
    if (isDue) Object.assign(row, read);
    return backend.show(id, read, 'get');
  };
}

/** A session without its associations. */
function pick({ sessionId, createdAt, updatedAt }: SessionInfo): SessionInfo {
  return { sessionId, createdAt, updatedAt };
}

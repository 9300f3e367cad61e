import type { Faults } from '../fault.js';
import { endAtFirstDeadline } from '../faulty-deadlines.js';
import { ATOMIC, ONE_CREATE, TAKEN } from '../promises.js';

export const createTakenIdFaults: Faults = {
  [TAKEN]: [
    {
      fault: 'overwrites the session, and returns undefined',
      plant: (backend, store) => ({
        create(id, associations) {
          const isTaken = backend.live(id, 'create') !== undefined;
          if (!isTaken) return store.create(id, associations);
          backend.rows.set(id, backend.createRow(associations));
          return undefined;
        },
      }),
    },
    {
      fault: 'counts a create of a taken ID as activity',
      plant: (backend, store) => ({
        create(id, associations) {
          const row = backend.live(id, 'create');
          if (!row) return store.create(id, associations);
          backend.extend(row, 'create');
          return undefined;
        },
      }),
      in: ['its idle timeout, which goes on'],
    },
    {
      fault: 'returns the session that has the ID',
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
        'one that activity kept alive past its first deadline',
        'its times',
        'its idle timeout, which goes on',
      ],
      also: [
        ONE_CREATE,
        `${ATOMIC}: several creates and deletes, which end no more sessions than were created`,
      ],
    },
    {
      fault: 'keeps what a refused create was given for the next update',
      plant(_, store) {
        const pending = new Map<string, object>();
        return {
          create(id, associations) {
            const result = store.create(id, associations);
            if (result === undefined) pending.set(id, { ...associations });
            return result;
          },
          update(id, associations) {
            const result = store.update(id, { ...pending.get(id), ...associations });
            pending.delete(id);
            return result;
          },
        };
      },
      in: ['its associations at the next update'],
    },
    {
      fault: 'takes a session for expired at its first deadline',
      plant: (backend) => endAtFirstDeadline(backend, 'create'),
      in: ['one that activity kept alive past its first deadline'],
    },
  ],
};

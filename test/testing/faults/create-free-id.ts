import type { Fault, Faults } from '../fault.js';
import { FREE } from '../promises.js';
import { type Row, tick } from '../reference-store.js';

export const createFreeIdFaults: Faults = {
  [FREE]: [
    {
      fault: 'builds the new session on the old one',
      plant(backend, store) {
        const old = new Map<string, Row>();
        return {
          create(id, associations) {
            if (backend.live(id, 'create')) return undefined;
            const left = old.get(id);
            const row = backend.createRow({ ...left?.associations, ...associations });
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
      fault: 'lets a get write back what it read of the old session',
      plant: (backend) => ({
        async get(id) {
          const row = backend.live(id, 'get');
          if (!row) return undefined;
          backend.extend(row, 'get');
          const read = { ...row.associations };
          await tick();
          const now = backend.live(id, 'get');
          if (now && now !== row) now.associations = read;
          return backend.show(id, row, 'get');
        },
      }),
      in: ['the associations of a session that was deleted while gets ran'],
    },
    {
      fault: 'overwrites an expired session, but not its agent',
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
        fault: `overwrites an expired session, but not its ${kept}`,
        plant: (backend, store) => ({
          create(id, associations) {
            const old = backend.rows.get(id);
            const result = store.create(id, associations);
            const row = backend.rows.get(id);
            if (!result || !row || !old || Date.now() >= old.absoluteDeadline) return result;
            row[kept] = old[kept];
            return backend.show(id, row, 'create');
          },
        }),
        in: [
          kept === 'createdAt'
            ? 'the times of a session after its idle timeout'
            : 'the absolute timeout of a session after its idle timeout',
        ],
      }),
    ),
  ],
};

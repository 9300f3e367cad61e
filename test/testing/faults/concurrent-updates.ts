import type { Faults } from '../fault.js';
import { ATOMIC, NEVER_APART, NONE_LOST } from '../promises.js';
import { tick } from '../reference-store.js';

export const concurrentUpdatesFaults: Faults = {
  [NONE_LOST]: [
    {
      fault: 'undoes an update that ran beside another one',
      plant(backend, store) {
        const running = new Map<string, number>();
        return {
          async update(id, changes) {
            const before = { ...NO_MEMBERS, ...backend.live(id, 'update')?.associations };
            const taken = { ...changes };
            const others = running.get(id) ?? 0;
            running.set(id, others + 1);
            const result = store.update(id, taken);
            await tick();
            running.set(id, (running.get(id) ?? 0) - 1);
            const row = backend.rows.get(id);
            for (const name of Object.keys(others > 0 ? taken : {})) {
              if (row)
                row.associations = backend.merge(row.associations, { [name]: Reflect.get(before, name) });
            }
            return result;
          },
        };
      },
    },
    {
      fault: 'reads, merges and writes later',
      plant: (backend) => ({
        async update(id, associations) {
          const row = backend.live(id, 'update');
          if (!row) return undefined;
          const merged = backend.merge(row.associations, associations);
          await tick();
          if (backend.live(id, 'update') !== row) return undefined;
          row.associations = merged;
          row.updatedAt = Date.now();
          backend.extend(row, 'update');
          return backend.show(id, row, 'update');
        },
      }),
      also: [`${ATOMIC}: several updates, whose results follow one another`],
    },
  ],

  [NEVER_APART]: [
    {
      fault: 'writes one member after the other',
      plant(backend, store) {
        let isForward = false;
        return {
          async update(id, associations) {
            if (Object.keys(associations).length < 2) return store.update(id, associations);
            const row = backend.live(id, 'update');
            if (!row) return undefined;
            row.updatedAt = Date.now();
            backend.extend(row, 'update');
            isForward = !isForward;
            const members = Object.entries(associations);
            for (const [name, value] of isForward ? members : members.toReversed()) {
              row.associations = backend.merge(row.associations, { [name]: value });
              for (let ticks = 0; ticks < 5; ticks++) await tick();
            }
            return backend.live(id, 'update') === row ? backend.show(id, row, 'update') : undefined;
          },
        };
      },
    },
  ],
};

const NO_MEMBERS = { agentId: null, customerId: null, visitId: null, globalVisitId: null };

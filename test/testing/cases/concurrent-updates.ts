import type { Faults } from '../fault.js';
import { NEVER_APART, NONE_LOST } from '../promises.js';
import { tick } from '../reference-store.js';

export const concurrentUpdatesFaults: Faults = {
  [NONE_LOST]: [
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
    },
  ],

  [NEVER_APART]: [
    {
      fault: 'writes one member after the other',
      plant(backend) {
        let isForward = false;
        return {
          async update(id, associations) {
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

import type { Faults } from '../fault.js';
import { EXPIRED } from '../promises.js';

export const expiredFaults: Faults = {
  [EXPIRED]: [
    {
      fault: 'finds a session on the first call after its creation, expired or not',
      plant(backend) {
        const { live } = backend;
        backend.live = (id, method) => {
          const row = live(id, method);
          if (row || method === 'create') return row;
          const expired = backend.rows.get(id);
          if (expired === undefined || expired.isFound) return undefined;
          expired.isFound = true;
          return expired;
        };
      },
    },
  ],
};

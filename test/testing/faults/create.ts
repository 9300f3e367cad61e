import type { Faults } from '../fault.js';
import { CREATE_RETURNS, CREATE_TIMES, CREATE_UNDEFINED, ONE_CREATE } from '../promises.js';
import { tick } from '../reference-store.js';

export const createFaults: Faults = {
  [CREATE_RETURNS]: [
    {
      fault: 'returns the deadline too',
      plant(backend) {
        const { show } = backend;
        backend.show = (id, row, method) => ({
          ...show(id, row, method),
          ...(method === 'create' && { expiresAt: row.idleDeadline }),
        });
      },
    },
    {
      fault: 'returns null for what is not associated',
      plant(backend) {
        const { show } = backend;
        backend.show = (id, row, method) => {
          const nulls = { agentId: null, customerId: null, visitId: null, globalVisitId: null };
          return { ...(method === 'create' && (nulls as object)), ...show(id, row, method) };
        };
      },
      in: ['none given', 'one given'],
    },
  ],

  [CREATE_UNDEFINED]: [
    {
      fault: 'turns every member into text',
      plant(backend) {
        const { createRow } = backend;
        backend.createRow = (associations) =>
          createRow(
            Object.fromEntries(Object.entries(associations).map(([name, value]) => [name, String(value)])),
          );
      },
    },
  ],

  [CREATE_TIMES]: [
    {
      fault: 'returns createdAt in another format and time zone',
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
        const { createRow } = backend;
        backend.createRow = (associations) => {
          const row = createRow(associations);
          return { ...row, updatedAt: row.createdAt + 1 };
        };
      },
      in: ['one and the same'],
    },
  ],

  [ONE_CREATE]: [
    {
      fault: 'looks first and inserts later',
      plant: (backend) => ({
        async create(id, associations) {
          if (backend.live(id, 'create')) return undefined;
          const row = backend.createRow(associations);
          await tick();
          backend.rows.set(id, row);
          return backend.show(id, row, 'create');
        },
      }),
    },
  ],
};

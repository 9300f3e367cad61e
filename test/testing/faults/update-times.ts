import type { Faults } from '../fault.js';
import { UPDATE_TIMES } from '../promises.js';

export const updateTimesFaults: Faults = {
  [UPDATE_TIMES]: [
    {
      fault: 'leaves updatedAt as it was',
      plant(backend) {
        const { show } = backend;
        backend.show = (id, row, method) => {
          row.updatedAt = row.createdAt;
          return show(id, row, method);
        };
      },
      in: [
        'updatedAt if a member is given',
        'updatedAt if no member is given',
        'updatedAt if the members are the same already',
        'updatedAt if a member is removed',
        'updatedAt of one update after another',
      ],
    },
    {
      fault: 'leaves updatedAt as it was if a member is removed',
      plant: (backend, store) => ({
        update(id, changes) {
          const before = backend.live(id, 'update')?.updatedAt;
          const result = store.update(id, changes);
          const row = backend.live(id, 'update');
          if (!row || !before || !Object.values(changes).includes(null)) return result;
          row.updatedAt = before;
          return backend.show(id, row, 'update');
        },
      }),
      in: ['updatedAt if a member is removed'],
    },
    {
      fault: 'leaves updatedAt as it was if nothing changes',
      plant: (backend, store) => ({
        update(id, associations) {
          const row = backend.live(id, 'update');
          if (!row) return undefined;
          const { updatedAt } = row;
          const changes = Object.entries(associations).some(
            ([name, value]) => row.associations[name] !== value,
          );
          const result = store.update(id, associations);
          if (changes) return result;
          row.updatedAt = updatedAt;
          return backend.show(id, row, 'update');
        },
      }),
      in: [
        'updatedAt if no member is given',
        'updatedAt if the members are the same already',
        'updatedAt of one update after another',
      ],
    },
    {
      fault: 'returns updatedAt with an offset after an update',
      plant(backend) {
        const { show } = backend;
        backend.show = (id, row, method) => {
          const result = show(id, row, method);
          const isUpdated = method === 'update' || row.updatedAt !== row.createdAt;
          return isUpdated ? { ...result, updatedAt: result.updatedAt.replace('Z', '+00:00') } : result;
        };
        const { extend } = backend;
        backend.extend = (row, method) => {
          extend(row, method);
          if (method === 'update' && row.updatedAt === row.createdAt) row.updatedAt++;
        };
      },
      in: ['updatedAt in ISO 8601, UTC, with milliseconds'],
    },
    {
      fault: 'has a clock of its own, an hour slow',
      plant(backend) {
        const { extend } = backend;
        backend.extend = (row, method) => {
          extend(row, method);
          if (method === 'update') row.updatedAt -= 60 * 60 * 1000;
        };
      },
      in: [
        'updatedAt if a member is given',
        'updatedAt if no member is given',
        'updatedAt if the members are the same already',
        'updatedAt if a member is removed',
        'updatedAt of one update after another',
        'updatedAt as the present time',
        'updatedAt never before createdAt',
      ],
    },
    {
      fault: 'sets createdAt too',
      plant(backend) {
        const { extend } = backend;
        backend.extend = (row, method) => {
          extend(row, method);
          if (method === 'update') row.createdAt = row.updatedAt;
        };
      },
      in: ['createdAt'],
    },
  ],
};

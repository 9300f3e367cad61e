import type { Faults } from '../fault.js';
import {
  hideActivity,
  KEPT_ALIVE,
  PEEKED_KEPT_ALIVE,
  skipSmallExtensions,
  TAKEN_KEPT_ALIVE,
} from '../faulty-deadlines.js';
import {
  ABSOLUTE,
  GET_ACTIVITY,
  GET_CREATES_NOTHING,
  OTHERS,
  PEEK_RETURNS,
  UPDATE_ACTIVITY,
  UPDATE_CREATES_NOTHING,
} from '../promises.js';

export const activityFaults: Faults = {
  [GET_ACTIVITY]: [
    {
      fault: 'does not restart it',
      plant(backend) {
        const { extend } = backend;
        backend.extend = (row, method) => method !== 'get' && extend(row, method);
      },
      in: ['a get that extends it by a tenth', 'gets again and again', 'a get in time, and then an update'],
      also: KEPT_ALIVE,
    },
    {
      fault: 'skips an extension by less than a quarter of it',
      plant: (backend) => skipSmallExtensions(backend, 'get', 0.25),
      in: ['a get that extends it by a tenth'],
    },
    {
      fault: 'restarts it, but not for updates',
      plant: (backend) => hideActivity(backend, 'get', 'update'),
      in: ['a get in time, and then an update'],
    },
    {
      fault: 'ends it for good',
      plant(backend) {
        const { extend } = backend;
        backend.extend = (row, method) => {
          extend(row, method);
          if (method === 'get') row.idleDeadline = Number.POSITIVE_INFINITY;
        };
      },
      in: ['a get, and then no activity for the idle timeout'],
    },
  ],

  [ABSOLUTE]: [
    {
      fault: 'restarts both timeouts',
      plant(backend) {
        const { extend } = backend;
        backend.extend = (row, method) => {
          extend(row, method);
          row.absoluteDeadline = row.idleDeadline;
        };
      },
    },
    {
      fault: 'restarts both timeouts when it is updated',
      plant(backend) {
        const { extend } = backend;
        backend.extend = (row, method) => {
          extend(row, method);
          if (method === 'update') row.absoluteDeadline = row.idleDeadline;
        };
      },
      in: ['updates again and again', 'updates again and again, each within the idle timeout'],
    },
  ],

  [UPDATE_ACTIVITY]: [
    {
      fault: 'does not restart the idle timeout',
      plant(backend) {
        const { extend } = backend;
        backend.extend = (row, method) => method !== 'update' && extend(row, method);
      },
      in: [
        'an update that extends it by a tenth',
        'updates again and again',
        'an update in time that sets members, and then a get',
        'an update in time that removes a member, and then a get',
      ],
      also: KEPT_ALIVE,
    },
    {
      fault: 'skips an extension by less than a quarter of the idle timeout',
      plant: (backend) => skipSmallExtensions(backend, 'update', 0.25),
      in: ['an update that extends it by a tenth'],
    },
    {
      fault: 'restarts the idle timeout, but not for gets',
      plant: (backend) => hideActivity(backend, 'update', 'get'),
      in: [
        'an update in time that sets members, and then a get',
        'an update in time that removes a member, and then a get',
      ],
      also: [TAKEN_KEPT_ALIVE, PEEKED_KEPT_ALIVE[1] ?? ''],
    },
    {
      fault: 'does not restart the idle timeout if members are given',
      plant: (backend, store) => ({
        update(id, associations) {
          const row = backend.live(id, 'update');
          const deadline = row?.idleDeadline;
          const result = store.update(id, associations);
          if (row && deadline && Object.keys(associations).length > 0) row.idleDeadline = deadline;
          return result;
        },
      }),
      in: [
        'an update in time that sets members, and then a get',
        'an update in time that removes a member, and then a get',
      ],
    },
    {
      fault: 'does not restart the idle timeout if a member is removed',
      plant: (backend, store) => ({
        update(id, changes) {
          const row = backend.live(id, 'update');
          const deadline = row?.idleDeadline;
          const result = store.update(id, changes);
          if (row && deadline && Object.values(changes).includes(null)) row.idleDeadline = deadline;
          return result;
        },
      }),
      in: ['an update in time that removes a member, and then a get'],
    },
    {
      fault: 'ends the idle timeout for good',
      plant(backend) {
        const { extend } = backend;
        backend.extend = (row, method) => {
          extend(row, method);
          if (method === 'update') row.idleDeadline = Number.POSITIVE_INFINITY;
        };
      },
      in: ['an update, and then no activity for the idle timeout'],
      also: [
        `${OTHERS}: activity of another session, which does not keep this one alive`,
        `${GET_CREATES_NOTHING}: the ID of an expired session`,
        `${UPDATE_CREATES_NOTHING}: the ID of an expired session`,
        `${PEEK_RETURNS}: nothing, for the ID of an expired session`,
      ],
    },
  ],
};

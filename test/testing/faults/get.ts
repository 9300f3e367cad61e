import type { Faults } from '../fault.js';
import {
  ABSOLUTE,
  ATOMIC,
  DELETED,
  EXACT_IDS,
  EXPIRED,
  GET_ACTIVITY,
  GET_CHANGES_NOTHING,
  GET_CREATES_NOTHING,
  GET_RETURNS,
  NO_SPECIAL_ID,
  NOT_REVIVED,
  OTHERS,
  PEEK_CHANGES_NOTHING,
  TAKEN,
  UPDATE_ACTIVITY,
  UPDATE_NULL,
} from '../promises.js';
import type { Row } from '../reference-store.js';
import { sharedRead } from '../shared-read.js';

export const getFaults: Faults = {
  [GET_RETURNS]: [
    {
      fault: 'returns the updatedAt of the creation',
      plant(backend) {
        const { show } = backend;
        backend.show = (id, row, method) =>
          show(id, method === 'get' ? { ...row, updatedAt: row.createdAt } : row, method);
      },
      in: ['one that was updated'],
      also: [`${ATOMIC}: an update and reads, which find the session as it was or as it is`],
    },
    {
      fault: 'returns the deadline too',
      plant(backend) {
        const { show } = backend;
        backend.show = (id, row, method) => ({
          ...show(id, row, method),
          ...(method === 'get' && { expiresAt: row.idleDeadline }),
        });
      },
    },
    {
      fault: 'returns null for what is not associated',
      plant(backend) {
        const { show } = backend;
        backend.show = (id, row, method) => {
          const nulls = { agentId: null, customerId: null, visitId: null, globalVisitId: null };
          return { ...(method === 'get' && (nulls as object)), ...show(id, row, method) };
        };
      },
      in: ['one without associations', 'one with each single association', 'one that was updated'],
      also: [
        `${UPDATE_NULL}: each single member, while the others stay`,
        `${UPDATE_NULL}: all four`,
        `${UPDATE_NULL}: one that the session does not have`,
      ],
    },
    {
      fault: 'shares one read of several IDs, and returns its rows by position',
      plant: (_, store) => ({ get: sharedRead(store.get) }),
      in: ['several at once, one of them twice, among unknown IDs'],
    },
  ],

  [GET_CREATES_NOTHING]: [
    {
      fault: 'remembers that an ID was not found',
      plant(_, store) {
        const unknown = new Set<string>();
        return {
          get(id) {
            const result = unknown.has(id) ? undefined : store.get(id);
            if (!result) unknown.add(id);
            return result;
          },
        };
      },
      in: ['an unknown ID'],
    },
    {
      fault: 'takes the ID from then on',
      plant(_, store) {
        const taken = new Set<string>();
        return {
          create: (id, associations) => (taken.has(id) ? undefined : store.create(id, associations)),
          get(id) {
            const result = store.get(id);
            if (result === undefined) taken.add(id);
            return result;
          },
        };
      },
    },
    {
      fault: 'creates a session and returns it',
      plant: (_, store) => ({ get: (id) => store.get(id) ?? store.create(id, {}) }),
      also: [
        ...['get', 'update'].flatMap((method) =>
          ['idle', 'absolute'].map((timeout) => `${EXPIRED}: ${method} after the ${timeout} timeout`),
        ),
        `${GET_RETURNS}: several at once, one of them twice, among unknown IDs`,
        EXACT_IDS,
        NO_SPECIAL_ID,
        `${ATOMIC}: several creates and deletes, which end no more sessions than were created`,
        `${ATOMIC}: a delete and reads, which find nothing or the whole session`,
        `${TAKEN}: its idle timeout, which goes on`,
        `${OTHERS}: activity of another session, which does not keep this one alive`,
        `${OTHERS}: a get, an update, a delete and a create at once, each of its own session`,
        `${GET_ACTIVITY}: a get, and then no activity for the idle timeout`,
        `${UPDATE_ACTIVITY}: an update, and then no activity for the idle timeout`,
        ABSOLUTE,
        `${DELETED}: by get`,
        `${DELETED}: by get, if gets were in flight`,
        `${DELETED}: by get, if peeks were in flight`,
        `${PEEK_CHANGES_NOTHING}: peeks again and again, which do not extend it`,
        NOT_REVIVED,
      ],
    },
  ],

  [GET_CHANGES_NOTHING]: [
    {
      fault: 'sets updatedAt if it extends by 5 % or more',
      plant(backend) {
        const { extend } = backend;
        backend.extend = (row, method) => {
          const before = row.idleDeadline;
          extend(row, method);
          const isDue = row.idleDeadline - before >= (before - row.createdAt) / 20;
          if (method === 'get' && isDue) row.updatedAt = Date.now();
        };
      },
      in: ['both, if its idle timeout has to restart'],
    },
    {
      fault: 'loses a member and moves a time after two reads',
      plant(backend) {
        const { show } = backend;
        const reads = new WeakMap<Row, number>();
        backend.show = (id, row, method) => {
          const result = show(id, row, method);
          if (method !== 'get') return result;
          reads.set(row, (reads.get(row) ?? 0) + 1);
          if (reads.get(row) === 2) {
            row.associations = { ...row.associations, agentId: undefined };
            row.updatedAt++;
          }
          return result;
        };
      },
    },
  ],
};

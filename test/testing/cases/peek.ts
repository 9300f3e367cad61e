import type { Faults } from '../fault.js';
import { endAtFirstDeadline } from '../faulty-deadlines.js';
import { PEEK_CHANGES_NOTHING, PEEK_RETURNS } from '../promises.js';
import { sharedRead } from '../shared-read.js';

export const peekFaults: Faults = {
  [PEEK_RETURNS]: [
    {
      fault: 'returns what it read before an update',
      plant(_, store) {
        const read = new Map<string, ReturnType<typeof store.peek>>();
        return {
          peek(id) {
            const result = store.peek(id);
            if (result && !read.has(id)) read.set(id, result);
            return result && read.get(id);
          },
        };
      },
      in: ['a session that was updated'],
    },
    {
      fault: 'returns any session for an unknown ID',
      plant(_, store) {
        let last: ReturnType<typeof store.create>;
        return {
          create(id, associations) {
            const result = store.create(id, associations);
            last = result ?? last;
            return result;
          },
          peek: (id) => store.peek(id) ?? last,
        };
      },
    },
    {
      fault: 'shares one read of several IDs, and returns its rows by position',
      plant: (_, store) => ({ peek: sharedRead(store.peek) }),
      in: ['several at once, among unknown IDs'],
    },
    {
      fault: 'returns the deadline too',
      plant(backend) {
        const { show } = backend;
        backend.show = (id, row, method) => ({
          ...show(id, row, method),
          ...(method === 'peek' && { expiresAt: row.idleDeadline }),
        });
      },
      in: [
        'a session without associations',
        'a session with all four associations',
        'a session that was updated',
        'several at once, among unknown IDs',
      ],
    },
    {
      fault: 'takes a session for expired at its first deadline',
      plant: (backend) => endAtFirstDeadline(backend, 'peek'),
      in: ['a session that activity kept alive past its first deadline'],
      also: [`${PEEK_CHANGES_NOTHING}: a peek after a get, which does not undo its activity`],
    },
  ],
  [PEEK_CHANGES_NOTHING]: [
    {
      fault: 'shortens the idle timeout',
      plant: (backend, store) => ({
        peek(id) {
          const result = store.peek(id);
          const row = backend.live(id, 'peek');
          if (row) row.idleDeadline -= (row.idleDeadline - row.updatedAt) / 4;
          return result;
        },
      }),
      in: ['peeks again and again, which do not shorten it'],
    },
    {
      fault: 'puts the deadline back to the first one',
      plant: (backend, store) => ({
        peek(id) {
          const result = store.peek(id);
          const row = backend.live(id, 'peek');
          if (row) row.idleDeadline = row.createdAt + 400;
          return result;
        },
      }),
      in: ['a peek after a get, which does not undo its activity'],
    },
    {
      fault: 'sets updatedAt and loses a member',
      plant: (backend, store) => ({
        peek(id) {
          const result = store.peek(id);
          const row = backend.live(id, 'peek');
          if (row) row.updatedAt = Date.now();
          if (row) row.associations = { ...row.associations, agentId: undefined };
          return result;
        },
      }),
      in: ['the associations and times of a session peeked again and again'],
    },
    {
      fault: 'takes the ID from then on',
      plant(_, store) {
        const taken = new Set<string>();
        return {
          create: (id, associations) => (taken.has(id) ? undefined : store.create(id, associations)),
          peek(id) {
            const result = store.peek(id);
            if (result === undefined) taken.add(id);
            return result;
          },
        };
      },
      in: ['no session, which it does not create'],
    },
    {
      fault: 'counts as activity',
      plant: (backend, store) => ({
        peek(id) {
          const row = backend.live(id, 'peek');
          if (row) backend.extend(row, 'peek');
          return store.peek(id);
        },
      }),
      in: ['peeks again and again, which do not extend it'],
    },
  ],
};

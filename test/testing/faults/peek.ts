import type { Faults } from '../fault.js';
import { endAtFirstDeadline } from '../faulty-deadlines.js';
import { EXACT_IDS, PEEK_CHANGES_NOTHING, PEEK_RETURNS } from '../promises.js';
import type { Row } from '../reference-store.js';
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
      fault: 'returns a session for an ID that it never had',
      plant(_, store) {
        const had = new Set<string>();
        return {
          create(id, associations) {
            had.add(id);
            return store.create(id, associations);
          },
          peek: (id) => store.peek(id) ?? (had.has(id) ? undefined : NOBODY),
        };
      },
      in: ['nothing, for an unknown ID', 'several at once, among unknown IDs'],
      also: [EXACT_IDS],
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
      fault: 'shortens the idle timeout at the third time',
      plant: (backend, store) => ({
        peek(id) {
          const result = store.peek(id);
          const row = backend.live(id, 'peek');
          if (row && isThird(row)) row.idleDeadline -= (row.idleDeadline - row.updatedAt) / 2;
          return result;
        },
      }),
      in: ['peeks again and again, which do not shorten it'],
    },
    {
      fault: 'puts the deadline back to the first one',
      plant(backend, store) {
        const { createRow } = backend;
        const first = new WeakMap<Row, number>();
        backend.createRow = (associations) => {
          const row = createRow(associations);
          first.set(row, row.idleDeadline);
          return row;
        };
        return {
          peek(id) {
            const result = store.peek(id);
            const row = backend.live(id, 'peek');
            if (row) row.idleDeadline = first.get(row) ?? 0;
            return result;
          },
        };
      },
      in: ['a peek after a get, which does not undo its activity'],
    },
    {
      fault: 'sets updatedAt and loses a member at the third time',
      plant: (backend, store) => ({
        peek(id) {
          const result = store.peek(id);
          const row = backend.live(id, 'peek');
          if (!row || !isThird(row)) return result;
          row.updatedAt = Date.now();
          row.associations = { ...row.associations, agentId: undefined };
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

const NOBODY = { sessionId: 'nobody', createdAt: '', updatedAt: '' };
const peeks = new WeakMap<Row, number>();

function isThird(row: Row): boolean {
  peeks.set(row, (peeks.get(row) ?? 0) + 1);
  return peeks.get(row) === 3;
}

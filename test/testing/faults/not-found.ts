import type { Faults } from '../fault.js';
import {
  EXACT_IDS,
  GET_CREATES_NOTHING,
  GET_RETURNS,
  NOT_FOUND,
  PEEK_CHANGES_NOTHING,
  PEEK_RETURNS,
  UPDATE_CREATES_NOTHING,
} from '../promises.js';

export const notFoundFaults: Faults = {
  [NOT_FOUND]: [
    {
      fault: 'returns null',
      plant: (_, store) => ({
        create: (id, associations) => store.create(id, associations) ?? (null as unknown as undefined),
        get: (id) => store.get(id) ?? (null as unknown as undefined),
        peek: (id) => store.peek(id) ?? (null as unknown as undefined),
        update: (id, associations) => store.update(id, associations) ?? (null as unknown as undefined),
      }),
    },
    {
      fault: 'throws for an ID that it never had',
      plant(_, store) {
        const had = new Set<string>();
        function check(id: string): void {
          if (!had.has(id)) throw new Error('no such row');
        }
        return {
          create(id, associations) {
            had.add(id);
            return store.create(id, associations);
          },
          get(id) {
            check(id);
            return store.get(id);
          },
          peek(id) {
            check(id);
            return store.peek(id);
          },
          update(id, associations) {
            check(id);
            return store.update(id, associations);
          },
        };
      },
      in: [
        'get of an unknown ID',
        'peek of an unknown ID',
        'update of an unknown ID',
        'names that every object has',
      ],
      also: [
        EXACT_IDS,
        `${PEEK_RETURNS}: several at once, among unknown IDs`,
        `${PEEK_RETURNS}: nothing, for an unknown ID`,
        `${PEEK_CHANGES_NOTHING}: no session, which it does not create`,
        `${GET_RETURNS}: several at once, one of them twice, among unknown IDs`,
        `${GET_CREATES_NOTHING}: an unknown ID`,
        `${UPDATE_CREATES_NOTHING}: an unknown ID`,
      ],
    },
    {
      fault: 'looks in a plain object, and returns a function of it',
      plant: (_, store) => ({
        get(id) {
          const inherited: unknown = Reflect.get({}, id);
          return store.get(id) ?? (typeof inherited === 'function' ? (inherited as never) : undefined);
        },
      }),
      in: ['names that every object has'],
    },
  ],
};

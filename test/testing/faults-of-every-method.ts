import type { SessionAssociations, SessionStore } from '../../src/index.js';
import type { Fault, Faults } from './fault.js';
import { type Backend, type Method, type Row, type SyncStore, tick } from './reference-store.js';

const NOT_FOUND =
  '"Not found" is the value `undefined`; a throw or a rejection means that the backend failed';
const GET_ANSWERS =
  'It answers the live session with that ID: the ID, its associations, the two times, and nothing else';
const SEVERAL_GETS = 'several at the same time, one of them twice, among IDs that never were';
const IDS_APART = 'It takes IDs apart exactly: every character and its letter case count';

export const faultsOfEveryMethod: Faults = {
  [NOT_FOUND]: [
    {
      fault: 'answers null',
      plant: (_, store) => ({
        create: (id, associations) => store.create(id, associations) ?? (null as unknown as undefined),
        get: (id) => store.get(id) ?? (null as unknown as undefined),
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
          update(id, associations) {
            check(id);
            return store.update(id, associations);
          },
        };
      },
      in: [
        'get of an ID that never was',
        'update of an ID that never was',
        'get and update of names that every object has',
      ],
      also: [
        IDS_APART,
        `${GET_ANSWERS}: ${SEVERAL_GETS}`,
        'Without a live one it answers `undefined`, and makes none: an ID that never was',
        'It never makes a session: without a live one it answers `undefined`, and changes nothing: an ID that never was',
      ],
    },
    {
      fault: 'get looks in a plain object, and answers a function of it',
      plant: (_, store) => ({
        get(id) {
          const inherited: unknown = Reflect.get({}, id);
          return store.get(id) ?? (typeof inherited === 'function' ? (inherited as never) : undefined);
        },
      }),
      in: ['get and update of names that every object has'],
    },
  ],

  'It is atomic: calls at the same time have the effect of the same calls one after the other': [
    {
      fault: 'delete looks first and removes later',
      plant: (backend) => ({
        async delete(id) {
          if (!backend.live(id, 'delete')) return false;
          await tick();
          backend.rows.delete(id);
          return true;
        },
      }),
      in: [
        'several deletes, one of which ends the session',
        'several creates and deletes, which end no more sessions than were made',
      ],
    },
    {
      fault: 'create makes an empty session first and fills it later',
      plant: (backend) => ({
        async create(id, associations) {
          if (backend.live(id, 'create')) return undefined;
          const row = backend.make({});
          const filled = backend.merge({}, associations);
          backend.rows.set(id, row);
          await tick();
          row.associations = filled;
          return backend.show(id, row, 'create');
        },
      }),
      in: ['a create and an update, which answers nothing or what the create made and its own'],
    },
    {
      fault: 'delete empties the session first and removes it later',
      plant(backend) {
        const emptied = new Set<Row>();
        return {
          async delete(id) {
            const row = backend.live(id, 'delete');
            if (!row || emptied.has(row)) return false;
            emptied.add(row);
            row.associations = {};
            await tick();
            backend.rows.delete(id);
            return true;
          },
        };
      },
      in: ['a delete and a get, which answers nothing or the whole session'],
    },
    {
      fault: 'get reads the session, and writes all of it back later',
      plant: (backend) => ({
        async get(id) {
          const row = backend.live(id, 'get');
          if (!row) return undefined;
          backend.use(row, 'get');
          const read = { ...row };
          await tick();
          Object.assign(row, read);
          return backend.show(id, row, 'get');
        },
      }),
      in: ['gets and an update, which they do not undo'],
    },
  ],

  'It treats an expired session as not there, at once, whether or not the backend has removed it': [
    {
      fault: 'finds a session on the first call after its creation, expired or not',
      plant(backend) {
        const { live } = backend;
        backend.live = (id, method) => {
          const row = live(id, method);
          if (row || method === 'create') return row;
          const expired = backend.rows.get(id);
          if (expired === undefined || expired.isTouched) return undefined;
          expired.isTouched = true;
          return expired;
        };
      },
    },
  ],

  [IDS_APART]: [
    {
      fault: 'takes IDs that are alike for one',
      plant(backend) {
        backend.key = (id) =>
          /^[\d.]+(e0)?$/.test(id)
            ? String(Number(id))
            : (/kit-[\da-f-]{36}/i.exec(id)?.[0].toLowerCase() ?? id);
      },
    },
    {
      fault: 'takes upper and lower case for the same',
      plant(backend) {
        backend.key = (id) => id.toLowerCase();
      },
      in: ['IDs that differ in letter case', 'IDs of 128 characters that differ in the last one'],
    },
    {
      fault: 'keeps 127 characters of an ID',
      plant(backend) {
        backend.key = (id) => id.slice(0, 127);
      },
      in: ['IDs of 128 characters that differ in the last one'],
    },
    {
      fault: 'replaces punctuation in an ID',
      plant(backend) {
        backend.key = (id) => id.replace(/[._~]/g, '-');
      },
      in: ['IDs that differ in punctuation'],
    },
    {
      fault: 'makes numbers of IDs',
      plant(backend) {
        backend.key = (id) => (Number.isNaN(Number(id)) ? id : String(Number(id)));
      },
      in: ['IDs of digits that are the same number', 'IDs of digits too long for a number'],
    },
  ],

  'No ID is special': [
    {
      fault: 'takes only IDs of at least 16 characters',
      plant: (_, store) => ({
        create: (id, associations) => (id.length < 16 ? undefined : store.create(id, associations)),
      }),
    },
    {
      fault: 'keeps sessions in a plain object',
      plant(backend) {
        const rows: Record<string, Row> = {};
        backend.rows = {
          get: (key) => rows[key],
          set(key, row) {
            rows[key] = row;
          },
          delete: (key) => delete rows[key],
        };
      },
      in: ['names that every object has'],
      also: [`${NOT_FOUND}: get and update of names that every object has`],
    },
    {
      fault: 'get answers from a plain object of what it read',
      plant: (_, store) => ({
        get(id) {
          const read: Record<string, ReturnType<typeof store.get>> = {};
          read[id] = store.get(id);
          return Object.hasOwn(read, id) ? read[id] : undefined;
        },
      }),
      in: ['names that every object has'],
    },
  ],

  'What it returns is frozen or a copy: writing to it does not change the stored session': [
    {
      fault: 'answers what it stores',
      plant: (backend) => answeringWhatItStores(backend, ['create', 'get', 'update']),
    },
    ...(['create', 'get', 'update'] as const).map(
      (method): Fault => ({
        fault: `answers what it stores to ${method}`,
        plant: (backend) => answeringWhatItStores(backend, [method]),
        in: [`the answer of ${method}`],
      }),
    ),
  ],

  'What it was given is not kept: writing to it afterwards does not change the stored session': [
    {
      fault: 'keeps the objects that it was given',
      plant(backend) {
        const kept = new WeakMap<Row['associations'], object[]>();
        const { merge, show } = backend;
        backend.merge = (own, named) => {
          const merged = merge(own, named);
          kept.set(merged, [...(kept.get(own) ?? []), named]);
          return merged;
        };
        backend.show = (id, row, method) => {
          const associations = (kept.get(row.associations) ?? []).reduce<Row['associations']>(merge, {});
          return show(id, { ...row, associations }, method);
        };
        backend.take = (given) => given;
      },
    },
    {
      fault: 'reads what it was given a while later',
      plant(backend, store) {
        backend.take = (given) => given;
        return {
          async create(id, associations) {
            await tick();
            return store.create(id, associations);
          },
          async update(id, associations) {
            await tick();
            return store.update(id, associations);
          },
        };
      },
      in: [
        'the associations given to create, written to before it has answered',
        'the associations given to update, written to before it has answered',
      ],
    },
  ],

  'It does not touch any other session': [
    {
      fault: 'get touches all sessions of the customer',
      plant: (backend, store) => touchingAll(backend, store, 'get'),
      in: [
        'create of one more session',
        'create of an ID that another session has',
        'get of another session',
        'update of another session',
        'delete of another session',
        'a use of another session, which does not keep this one alive',
      ],
    },
    {
      fault: 'create touches all sessions of the customer',
      plant: (backend, store) => touchingAll(backend, store, 'create'),
      in: [
        'create of one more session',
        'create of an ID that another session has',
        'get of another session',
        'update of another session',
        'delete of another session',
      ],
    },
    {
      fault: 'update touches all sessions of the customer',
      plant: (backend, store) => touchingAll(backend, store, 'update'),
      in: ['update of another session'],
    },
    {
      fault: 'delete touches all sessions of the customer',
      plant: (backend, store) => touchingAll(backend, store, 'delete'),
      in: ['delete of another session'],
    },
    {
      fault: 'keeps the eight youngest sessions',
      plant(backend) {
        const rows = new Map<string, Row>();
        backend.rows = {
          get: (key) => rows.get(key),
          set(key, row) {
            rows.delete(key);
            rows.set(key, row);
            for (const oldest of [...rows.keys()].slice(0, -8)) rows.delete(oldest);
          },
          delete: (key) => rows.delete(key),
        };
      },
      in: ['creates of fifty sessions at the same time'],
    },
    {
      fault: 'keeps all sessions in one record, which update reads and writes later',
      plant(backend, store) {
        const rows = new Map<string, Row>();
        backend.rows = rows;
        return {
          async update(id, associations) {
            const named = { ...associations };
            const read = structuredClone(rows);
            await tick();
            const answer = store.update(id, named);
            const own = rows.get(id);
            rows.clear();
            for (const [other, row] of read) if (other !== id) rows.set(other, row);
            if (own) rows.set(id, own);
            return answer;
          },
        };
      },
      in: [
        'updates of several sessions at the same time',
        'a get, an update, a delete and a create, each of its own session, at the same time',
      ],
    },
  ],
};

function answeringWhatItStores(backend: Backend, methods: readonly Method[]): void {
  const { merge, show } = backend;
  backend.show = (id, row, method) =>
    methods.includes(method) ? Object.assign(row.associations, show(id, row, method)) : show(id, row, method);
  // The answer brought its ID and times with it.
  backend.merge = ({ agentId, customerId, visitId, globalVisitId }, named) =>
    merge({ agentId, customerId, visitId, globalVisitId }, named);
}

function touchingAll(backend: Backend, store: SyncStore, method: Method): Partial<SessionStore> {
  const rows = new Map<string, Row>();
  backend.rows = rows;
  return {
    [method](id: string, associations: SessionAssociations) {
      const customerId = rows.get(id)?.associations.customerId ?? associations?.customerId;
      const answer = store[method](id, associations);
      for (const [other, row] of rows) {
        if (other === id || customerId === undefined || row.associations.customerId !== customerId) continue;
        row.associations = { ...row.associations, agentId: 'touched' };
        backend.use(row, method);
      }
      return answer;
    },
  };
}

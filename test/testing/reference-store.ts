import { setImmediate as tick } from 'node:timers/promises';
import { type AssociationChanges, associationProblem, type SessionInfo } from '../../src/session-info.js';
import type { CustomerSessions, SessionStore } from '../../src/session-store.js';

export { tick };

export type FullStore = SessionStore & CustomerSessions;

export type Method = keyof FullStore;

export interface Row {
  associations: Record<string, string | undefined>;
  createdAt: number;
  updatedAt: number;
  idleDeadline: number;
  absoluteDeadline: number;
  /** Whether any call since its creation has found it. */
  isFound: boolean;
}

/** The parts of the reference store, for a fault to replace. */
export interface Backend {
  rows: {
    get(key: string): Row | undefined;
    set(key: string, row: Row): unknown;
    delete(key: string): boolean;
  };
  key(sessionId: string): string;
  /** What a call takes along of its arguments if it does not reach the store at once. */
  take<Changes extends AssociationChanges>(changes: Changes): Changes;
  keep(value: string): string | undefined;
  merge(own: Row['associations'], changes: object): Row['associations'];
  live(sessionId: string, method: Method): Row | undefined;
  isExpired(row: Row): boolean;
  createRow(associations: object): Row;
  extend(row: Row, method: Method): void;
  show(sessionId: string, row: Row, method: Method): SessionInfo;
  /** The IDs that may be the customer's. */
  idsOf(customerId: string): string[];
  isOf(row: Row, customerId: string, method: Method): boolean;
  /** Throw for what a caller may not give. */
  checkCustomer(customerId: unknown, method: Method): void;
  checkOption(name: string, value: unknown, method: Method): void;
  /** The live sessions of a customer, newest first. */
  liveOf(customerId: string, method: Method): { id: string; row: Row }[];
}

/** Breaks a store: replaces parts of it, or returns methods to replace its own. */
export type Plant =
  | ((backend: Backend, store: SyncStore) => Partial<FullStore>)
  | ((backend: Backend, store: SyncStore) => void);

export type SyncStore = {
  [Name in Method]: (...args: Parameters<FullStore[Name]>) => Awaited<ReturnType<FullStore[Name]>>;
};

/** Where a store is: here, or elsewhere, so that a call and its result take their time. */
export type Place = (store: FullStore, backend: Backend) => FullStore;

/** A store that keeps every promise in the simplest way and is easily broken. */
export function createReferenceStore(
  timeouts: { idleTimeout?: number; absoluteTimeout?: number },
  plant: Plant = () => {},
  place: Place = (store) => store,
): FullStore {
  const backend = createBackend(timeouts);
  const store: SyncStore = { ...createSessionStore(backend), ...createCustomerSessions(backend) };
  const planted = plant(backend, store) as Partial<FullStore> | undefined;
  return place(withChecks({ ...store, ...planted }, backend), backend);
}

function createBackend({ idleTimeout = 0, absoluteTimeout = 0 }): Backend {
  const rows = new Map<string, Row>();
  const backend: Backend = {
    rows,
    key: (sessionId) => sessionId,
    take: (changes) => ({ ...changes }),
    keep: (value) => value,
    merge(own, changes) {
      const merged = { ...own };
      for (const [name, value] of Object.entries(changes)) {
        if (value === null) delete merged[name];
        else if (value !== undefined) merged[name] = backend.keep(value);
      }
      return merged;
    },
    live(sessionId) {
      const row = backend.rows.get(backend.key(sessionId));
      if (row === undefined || backend.isExpired(row)) return undefined;
      row.isFound = true;
      return row;
    },
    isExpired: (row) => Date.now() >= Math.min(row.idleDeadline, row.absoluteDeadline),
    createRow(associations) {
      const now = Date.now();
      return {
        associations: backend.merge({}, associations),
        createdAt: now,
        updatedAt: now,
        idleDeadline: now + idleTimeout,
        absoluteDeadline: now + absoluteTimeout,
        isFound: false,
      };
    },
    extend(row) {
      row.idleDeadline = Date.now() + idleTimeout;
    },
    show: (sessionId, row) => ({
      sessionId,
      ...row.associations,
      createdAt: new Date(row.createdAt).toISOString(),
      updatedAt: new Date(row.updatedAt).toISOString(),
    }),
    idsOf: () => [...rows.keys()],
    isOf: (row, customerId) => row.associations.customerId === customerId,
    checkCustomer(customerId) {
      const problem = associationProblem(customerId);
      if (problem !== undefined) throw new TypeError(`customerId ${problem}`);
    },
    checkOption(name, value, method) {
      const isLimit = Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 1000;
      const isRight =
        method === 'listByCustomer'
          ? name === 'limit' && isLimit
          : name === 'except' && typeof value === 'string';
      if (!isRight) throw new TypeError(`wrong option ${name}`);
    },
    liveOf: (customerId, method) =>
      backend
        .idsOf(customerId)
        .flatMap((id) => {
          const row = backend.live(id, method);
          return row && backend.isOf(row, customerId, method) ? [{ id, row }] : [];
        })
        .sort((one, other) => other.row.createdAt - one.row.createdAt),
  };
  return backend;
}

function createSessionStore(backend: Backend): Pick<SyncStore, keyof SessionStore> {
  function read(method: 'get' | 'peek', sessionId: string) {
    const row = backend.live(sessionId, method);
    if (!row) return undefined;
    if (method === 'get') backend.extend(row, method);
    return backend.show(sessionId, row, method);
  }
  return {
    create(sessionId, associations) {
      if (backend.live(sessionId, 'create')) return undefined;
      const row = backend.createRow(associations);
      backend.rows.set(backend.key(sessionId), row);
      return backend.show(sessionId, row, 'create');
    },
    get: (sessionId) => read('get', sessionId),
    peek: (sessionId) => read('peek', sessionId),
    update(sessionId, changes) {
      const row = backend.live(sessionId, 'update');
      if (!row) return undefined;
      row.associations = backend.merge(row.associations, changes);
      row.updatedAt = Date.now();
      backend.extend(row, 'update');
      return backend.show(sessionId, row, 'update');
    },
    delete(sessionId) {
      return backend.live(sessionId, 'delete') !== undefined && backend.rows.delete(backend.key(sessionId));
    },
  };
}

function createCustomerSessions(backend: Backend): Pick<SyncStore, keyof CustomerSessions> {
  return {
    listByCustomer(customerId, { limit = 100 } = {}) {
      const newest = backend.liveOf(customerId, 'listByCustomer').slice(0, limit);
      return newest.map(({ id, row }) => backend.show(id, row, 'listByCustomer'));
    },
    deleteByCustomer(customerId, { except } = {}) {
      const ended = backend.liveOf(customerId, 'deleteByCustomer').filter(({ id }) => id !== except);
      for (const { id } of ended) backend.rows.delete(backend.key(id));
      return ended.length;
    },
  };
}

/** The store with the arguments of CustomerSessions checked, also where a fault replaced a method. */
function withChecks(store: FullStore, backend: Backend): FullStore {
  function check(method: Method, customerId: string, options: object = {}): void {
    backend.checkCustomer(customerId, method);
    for (const [name, value] of Object.entries(options)) {
      if (value !== undefined) backend.checkOption(name, value, method);
    }
  }
  return {
    ...store,
    listByCustomer(customerId, options) {
      check('listByCustomer', customerId, options);
      return store.listByCustomer(customerId, options);
    },
    deleteByCustomer(customerId, options) {
      check('deleteByCustomer', customerId, options);
      return store.deleteByCustomer(customerId, options);
    },
  };
}

/** Behind a connection: each call reaches the store, and each result comes back, a while later. */
export const atADistance: Place = (store, backend) =>
  delayed(store, backend, async <Result>(call: () => Result): Promise<Awaited<Result>> => {
    await tick();
    const result = await call();
    await tick();
    return result;
  });

/** The store with its calls delayed. What a call was given is copied at once. */
export function delayed(
  store: FullStore,
  backend: Backend,
  later: <Result>(call: () => Result) => Promise<Awaited<Result>>,
): FullStore {
  return {
    create(sessionId, associations) {
      const taken = backend.take(associations);
      return later(() => store.create(sessionId, taken));
    },
    get: (sessionId) => later(() => store.get(sessionId)),
    peek: (sessionId) => later(() => store.peek(sessionId)),
    update(sessionId, changes) {
      const taken = backend.take(changes);
      return later(() => store.update(sessionId, taken));
    },
    delete: (sessionId) => later(() => store.delete(sessionId)),
    listByCustomer: (customerId, options) => later(() => store.listByCustomer(customerId, options)),
    deleteByCustomer: (customerId, options) => later(() => store.deleteByCustomer(customerId, options)),
  };
}

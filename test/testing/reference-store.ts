import { setImmediate as tick } from 'node:timers/promises';
import type { SessionAssociations, SessionInfo, SessionStore, SessionTimeouts } from '../../src/index.js';

export { tick };

export type Method = keyof SessionStore;

export interface Row {
  associations: Record<string, string | undefined>;
  createdAt: number;
  updatedAt: number;
  idleDeadline: number;
  absoluteDeadline: number;
  /** Whether any call since its creation has found it. */
  isTouched: boolean;
}

/** The insides of the reference store, for a fault to change. */
export interface Backend {
  rows: {
    get(key: string): Row | undefined;
    set(key: string, row: Row): unknown;
    delete(key: string): boolean;
  };
  key(sessionId: string): string;
  /** What a call takes along of what it was given, when it does not reach the store at once. */
  take(associations: SessionAssociations): SessionAssociations;
  keep(value: string): string | undefined;
  merge(own: Row['associations'], named: object): Row['associations'];
  live(sessionId: string, method: Method): Row | undefined;
  isExpired(row: Row): boolean;
  make(associations: object): Row;
  use(row: Row, method: Method): void;
  show(sessionId: string, row: Row, method: Method): SessionInfo;
}

/** Breaks a store: changes its insides, or gives methods in place of its own. */
export type Plant =
  | ((backend: Backend, store: SyncStore) => Partial<SessionStore>)
  | ((backend: Backend, store: SyncStore) => void);

export type SyncStore = {
  [Name in Method]: (...args: Parameters<SessionStore[Name]>) => Awaited<ReturnType<SessionStore[Name]>>;
};

/** Where a store is: here, or elsewhere, so that a call and its answer take their time. */
export type Place = (store: SessionStore, backend: Backend) => SessionStore;

/** A store that keeps every promise in the simplest way, and is easily broken. */
export function createReferenceStore(
  { idleTimeout = 0, absoluteTimeout = 0 }: SessionTimeouts,
  plant: Plant = () => {},
  place: Place = (store) => store,
): SessionStore {
  const backend: Backend = {
    rows: new Map(),
    key: (sessionId) => sessionId,
    take: (associations) => ({ ...associations }),
    keep: (value) => value,
    merge(own, named) {
      const merged = { ...own };
      for (const [name, value] of Object.entries(named)) {
        if (value !== undefined) merged[name] = backend.keep(value);
      }
      return merged;
    },
    live(sessionId) {
      const row = backend.rows.get(backend.key(sessionId));
      if (row === undefined || backend.isExpired(row)) return undefined;
      row.isTouched = true;
      return row;
    },
    isExpired: (row) => Date.now() >= Math.min(row.idleDeadline, row.absoluteDeadline),
    make(associations) {
      const now = Date.now();
      return {
        associations: backend.merge({}, associations),
        createdAt: now,
        updatedAt: now,
        idleDeadline: now + idleTimeout,
        absoluteDeadline: now + absoluteTimeout,
        isTouched: false,
      };
    },
    use(row) {
      row.idleDeadline = Date.now() + idleTimeout;
    },
    show: (sessionId, row) => ({
      sessionId,
      ...row.associations,
      createdAt: new Date(row.createdAt).toISOString(),
      updatedAt: new Date(row.updatedAt).toISOString(),
    }),
  };
  const store: SyncStore = {
    create(sessionId, associations) {
      if (backend.live(sessionId, 'create')) return undefined;
      const row = backend.make(associations);
      backend.rows.set(backend.key(sessionId), row);
      return backend.show(sessionId, row, 'create');
    },
    get(sessionId) {
      const row = backend.live(sessionId, 'get');
      if (!row) return undefined;
      backend.use(row, 'get');
      return backend.show(sessionId, row, 'get');
    },
    update(sessionId, associations) {
      const row = backend.live(sessionId, 'update');
      if (!row) return undefined;
      row.associations = backend.merge(row.associations, associations);
      row.updatedAt = Date.now();
      backend.use(row, 'update');
      return backend.show(sessionId, row, 'update');
    },
    delete(sessionId) {
      return backend.live(sessionId, 'delete') !== undefined && backend.rows.delete(backend.key(sessionId));
    },
  };
  const planted = plant(backend, store) as Partial<SessionStore> | undefined;
  return place({ ...store, ...planted }, backend);
}

/** Behind a connection: each call reaches the store, and each answer comes back, a while later. */
export function atADistance(store: SessionStore, backend: Backend): SessionStore {
  async function later<Answer>(call: () => Answer): Promise<Awaited<Answer>> {
    await tick();
    const answer = await call();
    await tick();
    return answer;
  }
  return {
    create(sessionId, associations) {
      const taken = backend.take(associations);
      return later(() => store.create(sessionId, taken));
    },
    get: (sessionId) => later(() => store.get(sessionId)),
    update(sessionId, associations) {
      const taken = backend.take(associations);
      return later(() => store.update(sessionId, taken));
    },
    delete: (sessionId) => later(() => store.delete(sessionId)),
  };
}

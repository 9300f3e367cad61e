import { type SyncStore, tick } from './reference-store.js';

/** Reads of one turn share one statement, and get its rows by position: wrong if an ID is not found. */
export function sharedRead(read: SyncStore['get']): (id: string) => Promise<ReturnType<SyncStore['get']>> {
  let shared: { ids: Set<string>; rows: Promise<ReturnType<SyncStore['get']>[]> } | undefined;
  function share() {
    const ids = new Set<string>();
    const rows = tick().then(() => {
      shared = undefined;
      return [...ids].map((id) => read(id)).filter((row) => row !== undefined);
    });
    return { ids, rows };
  }
  return async (id) => {
    shared ??= share();
    const { ids, rows } = shared;
    ids.add(id);
    return (await rows)[[...ids].indexOf(id)];
  };
}

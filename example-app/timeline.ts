/** One request of a visitor. */
export interface TimelineEntry {
  readonly at: string;
  readonly request: string;
}

/** The requests bundled under each session, oldest first. */
export interface Timeline {
  record(sessionId: string, request: string): void;
  entries(sessionId: string): readonly TimelineEntry[];
  /** The session continues under another ID. */
  rename(oldId: string, newId: string): void;
  /** The ID under which a session continues, `undefined` if it was not renamed. */
  renamedTo(oldId: string): string | undefined;
  forget(sessionId: string): void;
}

/**
 * Keeps the last `maxEntries` requests of each of the `maxSessions` sessions that were active last. In this process: a
 * service of several processes would write them where it writes its other data, with the session ID as the key.
 */
export function createTimeline({ maxSessions = 1000, maxEntries = 100 } = {}): Timeline {
  // A Map keeps the order of insertion, so that the first key is the session that was longest without a request.
  const sessions = new Map<string, readonly TimelineEntry[]>();
  const newIds = new Map<string, string>();

  function put<Value>(map: Map<string, Value>, sessionId: string, value: Value): void {
    map.delete(sessionId);
    map.set(sessionId, value);
    const [oldest] = map.keys();
    if (map.size > maxSessions && oldest !== undefined) map.delete(oldest);
  }

  return {
    record(sessionId, request) {
      const entry = { at: new Date().toISOString(), request: request.slice(0, MAX_LENGTH) };
      put(sessions, sessionId, [...(sessions.get(sessionId) ?? []), entry].slice(-maxEntries));
    },
    entries(sessionId) {
      return sessions.get(sessionId) ?? [];
    },
    rename(oldId, newId) {
      const entries = sessions.get(oldId);
      sessions.delete(oldId);
      if (entries) put(sessions, newId, entries);
      put(newIds, oldId, newId);
    },
    renamedTo(oldId) {
      return newIds.get(oldId);
    },
    forget(sessionId) {
      sessions.delete(sessionId);
    },
  };
}

/** A URL may be long; only this much of it is kept. */
const MAX_LENGTH = 200;

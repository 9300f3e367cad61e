/** One request of a visitor. */
export interface TimelineEntry {
  readonly at: string;
  readonly request: string;
}

/** The requests bundled under each session, oldest first. */
export interface Timeline {
  record(sessionId: string, request: string): void;
  entries(sessionId: string): readonly TimelineEntry[];
  /** The session goes on under another ID. */
  rename(oldId: string, newId: string): void;
  forget(sessionId: string): void;
}

/**
 * Keeps the last `maxEntries` requests of each of the `maxSessions` sessions that were active last. In this process: a
 * service of several processes would write them where it writes its other data, with the session ID as the key.
 */
export function createTimeline({ maxSessions = 1000, maxEntries = 100 } = {}): Timeline {
  // A Map keeps the order of insertion, so that the first key is the session that was longest without a request.
  const sessions = new Map<string, readonly TimelineEntry[]>();

  function put(sessionId: string, entries: readonly TimelineEntry[]): void {
    sessions.delete(sessionId);
    sessions.set(sessionId, entries);
    const [oldest] = sessions.keys();
    if (sessions.size > maxSessions && oldest !== undefined) sessions.delete(oldest);
  }

  return {
    record(sessionId, request) {
      const entry = { at: new Date().toISOString(), request: request.slice(0, MAX_LENGTH) };
      put(sessionId, [...(sessions.get(sessionId) ?? []), entry].slice(-maxEntries));
    },
    entries(sessionId) {
      return sessions.get(sessionId) ?? [];
    },
    rename(oldId, newId) {
      const entries = sessions.get(oldId);
      sessions.delete(oldId);
      if (entries) put(newId, entries);
    },
    forget(sessionId) {
      sessions.delete(sessionId);
    },
  };
}

/** A URL may be as long as the server lets it; what is kept of it may not. */
const MAX_LENGTH = 200;

/** One request of a visitor. */
export interface TimelineEntry {
  readonly at: string;
  readonly request: string;
}

/** How a session ended: the visitor logged out or logged in as another customer, or the desk ended it. */
export type EndedBy = 'logout' | 'login' | 'desk';

/** The requests of each session, oldest first, and what became of the session. */
export interface Timeline {
  record(sessionId: string, request: string, device?: string): void;
  entries(sessionId: string): readonly TimelineEntry[];
  /** The device of the latest request. */
  device(sessionId: string): string | undefined;
  /** The session continues under another ID. */
  rename(oldId: string, newId: string): void;
  /** The ID under which a session continues, `undefined` if it was not renamed. */
  renamedTo(oldId: string): string | undefined;
  end(sessionId: string, by: EndedBy): void;
  /** `undefined` for a session that expired, is live, or that another process ended. */
  endedBy(sessionId: string): EndedBy | undefined;
}

interface Visit {
  readonly entries: readonly TimelineEntry[];
  readonly device: string | undefined;
}

/**
 * Keeps the last `maxEntries` requests of each of the `maxSessions` sessions that were active last. This is the demo's own data: the
 * package keeps no requests. It is in this process; a service of several processes would store it with its other data, with the session
 * ID as the key.
 */
export function createTimeline({ maxSessions = 1000, maxEntries = 100 } = {}): Timeline {
  const visits = new Map<string, Visit>();
  const newIds = new Map<string, string>();
  const ends = new Map<string, EndedBy>();

  /** A Map keeps the order of insertion, so its first key is the session that was written longest ago. */
  function put<Value>(map: Map<string, Value>, sessionId: string, value: Value): void {
    map.delete(sessionId);
    map.set(sessionId, value);
    const [oldest] = map.keys();
    if (map.size > maxSessions && oldest !== undefined) map.delete(oldest);
  }

  return {
    record(sessionId, request, device) {
      const entry = { at: new Date().toISOString(), request: beginningOf(request) };
      const entries = [...(visits.get(sessionId)?.entries ?? []), entry].slice(-maxEntries);
      put(visits, sessionId, { entries, device });
    },
    entries: (sessionId) => visits.get(sessionId)?.entries ?? [],
    device: (sessionId) => visits.get(sessionId)?.device,
    rename(oldId, newId) {
      const visit = visits.get(oldId);
      visits.delete(oldId);
      if (visit) put(visits, newId, visit);
      put(newIds, oldId, newId);
    },
    renamedTo: (oldId) => newIds.get(oldId),
    end(sessionId, by) {
      visits.delete(sessionId);
      put(ends, sessionId, by);
    },
    endedBy: (sessionId) => ends.get(sessionId),
  };
}

/** A URL may be long; only this much of it is kept: a copy, because V8 makes a slice a view that keeps the whole. */
function beginningOf(text: string): string {
  return Buffer.from(text.slice(0, MAX_LENGTH)).toString();
}
const MAX_LENGTH = 200;

import type { CustomerSessionCalls, SessionInfo } from 'express-session-info';
import type { EndedBy, Timeline, TimelineEntry } from './timeline.js';

/** What the desk shows of a live session. */
export interface View {
  readonly session: SessionInfo;
  readonly requests: readonly TimelineEntry[];
  /** The customer's other sessions; absent if the store can't list them. */
  readonly others?: readonly Other[];
}

interface Other {
  readonly session: SessionInfo;
  readonly device: string | undefined;
  readonly lastRequest: TimelineEntry | undefined;
}

/** What a page that polls a session gets. It is no error that the session has ended, or continues under another ID after a login. */
export type Look =
  | ({ state: 'live' } & View)
  | { state: 'renewed'; sessionId: string }
  | { state: 'ended'; by: EndedBy }
  | { state: 'gone' };

/** What the store and the time line know of a session. */
export function createDeskView(customers: CustomerSessionCalls | undefined, timeline: Timeline) {
  async function view(session: SessionInfo): Promise<View> {
    const requests = timeline.entries(session.sessionId);
    const others = await othersOf(session);
    return { session, requests, ...(others && { others }) };
  }

  async function look(sessionId: string, session: SessionInfo | undefined): Promise<Look> {
    if (session) return { state: 'live', ...(await view(session)) };
    const newId = timeline.renamedTo(sessionId);
    if (newId !== undefined) return { state: 'renewed', sessionId: newId };
    const by = timeline.endedBy(sessionId);
    return by === undefined ? { state: 'gone' } : { state: 'ended', by };
  }

  async function othersOf({ sessionId, customerId }: SessionInfo): Promise<readonly Other[] | undefined> {
    if (!customers || customerId === undefined) return customers && [];
    const sessions = await customers.listByCustomer(customerId);
    return sessions
      .filter((session) => session.sessionId !== sessionId)
      .map((session) => ({
        session,
        device: timeline.device(session.sessionId),
        lastRequest: timeline.entries(session.sessionId).at(-1),
      }));
  }

  return { view, look };
}

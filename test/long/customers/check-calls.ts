import type { SessionInfo } from '../../../src/session-info.js';
import type { Calls, EndCall, ListCall } from './calls.js';
import { type Span, spansOf } from './spans.js';

export interface Checked {
  /** How many times a list had to have a session, and when it did not. */
  readonly expected: number;
  readonly missed: readonly string[];
  /** Sessions in a list that were not live and the customer's, or were there twice. */
  readonly foreign: readonly string[];
  /** Sessions that ended although nobody may have ended them. */
  readonly wronglyEnded: readonly string[];
  /** Sessions that `deleteByCustomer` should have ended. */
  readonly survived: readonly string[];
  readonly created: number;
  /** How many sessions their owners and `deleteByCustomer` ended, by what the calls returned. */
  readonly ended: number;
}

/** Holds the calls of all processes against the promises of CustomerSessions. */
export function checkCalls({ owners, lists, ends }: Calls, absoluteTimeout: number): Checked {
  const wronglyEnded: string[] = [];
  const survived: string[] = [];
  const sessions = new Map<string, EndedSpan[]>();
  for (const [sessionId, calls] of owners) {
    const { spans, vanished } = spansOf(calls);
    const endedSpans = spans.map((span) => withEnds(span, ends, absoluteTimeout));
    sessions.set(sessionId, endedSpans);
    for (const { span, by } of vanished) {
      const mayHaveEnded = ends.some((end) => mayEnd(end, span) && end.invoked < by);
      if (by < expiryOf(span, absoluteTimeout) && !mayHaveEnded) wronglyEnded.push(`${sessionId} at ${by}`);
    }
    for (const { createdAt, endedBy } of endedSpans) {
      const after = calls.find(({ invoked, result }) => invoked > endedBy && isOf(result, createdAt));
      if (after) survived.push(`${sessionId} at ${after.invoked}`);
    }
  }
  const all = [...owners.values()].flat();
  return {
    ...checkLists(lists, sessions),
    wronglyEnded,
    survived,
    created: all.filter(({ method, result }) => method === 'create' && result).length,
    ended:
      all.filter(({ method, result }) => method === 'delete' && result).length +
      ends.reduce((sum, { count }) => sum + count, 0),
  };
}

/** A span, with what calls of `deleteByCustomer` and the timeout do to it. */
interface EndedSpan extends Span {
  /** When somebody may end it at the earliest. */
  readonly mayEndAt: number;
  /** When a `deleteByCustomer` that has to end it has returned. */
  readonly endedBy: number;
}

/** What the clock of a server and that of the processes may differ by in the time of a run, in ms. */
const CLOCK_DRIFT = 20;

function withEnds(span: Span, ends: readonly EndCall[], absoluteTimeout: number): EndedSpan {
  const relevant = ends.filter((end) => mayEnd(end, span));
  const certain = relevant.filter((end) => span.confirmed < end.invoked && end.returned < span.to);
  const endedBy = Math.min(...certain.map((end) => end.returned));
  return {
    ...span,
    gone: Math.min(span.gone, endedBy, span.bornBefore + absoluteTimeout + CLOCK_DRIFT),
    mayEndAt: Math.min(expiryOf(span, absoluteTimeout), ...relevant.map((end) => end.invoked)),
    endedBy,
  };
}

function expiryOf({ bornAfter }: Span, absoluteTimeout: number): number {
  return bornAfter + absoluteTimeout - CLOCK_DRIFT;
}

function mayEnd(end: EndCall, span: Span): boolean {
  return (
    end.customerId === span.customerId &&
    end.except !== span.sessionId &&
    end.returned > span.from &&
    end.invoked < span.gone
  );
}

function isOf(result: SessionInfo | boolean | undefined, createdAt: string | undefined): boolean {
  return typeof result === 'object' && result.createdAt === createdAt;
}

function checkLists(lists: readonly ListCall[], sessions: ReadonlyMap<string, readonly EndedSpan[]>) {
  const missed: string[] = [];
  const foreign: string[] = [];
  let expected = 0;
  for (const list of lists) {
    const listed = new Map(list.list.map((info) => [info.sessionId, info]));
    if (listed.size < list.list.length) foreign.push(`one of ${[...listed.keys()]} twice`);
    for (const spans of sessions.values()) {
      const span = spans.findLast(({ from }) => from < list.invoked);
      if (!span || !mustList(list, span)) continue;
      expected++;
      if (!isOf(listed.get(span.sessionId), span.createdAt))
        missed.push(`${span.sessionId} at ${list.invoked}`);
    }
    for (const info of list.list) {
      const spans = sessions.get(info.sessionId) ?? [];
      if (!spans.some((span) => mayList(list, span, info)))
        foreign.push(`${info.sessionId} at ${list.invoked}`);
    }
  }
  return { expected, missed, foreign };
}

function mustList(list: ListCall, { customerId, confirmed, to, mayEndAt }: EndedSpan): boolean {
  return customerId === list.customerId && confirmed < list.invoked && list.returned < Math.min(to, mayEndAt);
}

function mayList(list: ListCall, span: EndedSpan, info: SessionInfo): boolean {
  return (
    span.customerId === list.customerId &&
    info.customerId === list.customerId &&
    (span.createdAt === undefined || span.createdAt === info.createdAt) &&
    span.from < list.returned &&
    span.gone > list.invoked
  );
}

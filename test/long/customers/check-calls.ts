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
  const mayEnd = createEndSearch(ends);
  for (const [sessionId, calls] of owners) {
    const { spans, vanished } = spansOf(calls);
    const endedSpans = spans.map((span) => withEnds(span, mayEnd(span), absoluteTimeout));
    sessions.set(sessionId, endedSpans);
    for (const { span, by } of vanished) {
      const mayHaveEnded = mayEnd(span).some((end) => end.invoked < by);
      if (by < expiryOf(span, absoluteTimeout) && !mayHaveEnded) wronglyEnded.push(`${sessionId} at ${by}`);
    }
    for (const { createdAt, endedBy } of endedSpans) {
      const after =
        endedBy < Number.POSITIVE_INFINITY &&
        calls.find(({ invoked, result }) => invoked > endedBy && isOf(result, createdAt));
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

function withEnds(span: Span, relevant: readonly EndCall[], absoluteTimeout: number): EndedSpan {
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

/** Finds the calls that may end a session in a span, without looking at all of them. */
function createEndSearch(ends: readonly EndCall[]): (span: Span) => EndCall[] {
  const sorted = ends.toSorted((a, b) => a.invoked - b.invoked);
  const unfinished = sorted.filter(({ returned }) => returned === Number.POSITIVE_INFINITY);
  const finished = sorted.filter(({ returned }) => returned < Number.POSITIVE_INFINITY);
  const longest = finished.reduce((most, { invoked, returned }) => Math.max(most, returned - invoked), 0);
  return (span) => {
    const from = countBefore(finished, ({ invoked }) => invoked < span.from - longest);
    const to = countBefore(finished, ({ invoked }) => invoked < span.gone);
    return [...unfinished, ...finished.slice(from, to)].filter(
      (end) =>
        end.customerId === span.customerId &&
        end.except !== span.sessionId &&
        end.returned > span.from &&
        end.invoked < span.gone,
    );
  };
}

/** How many at the beginning of a sorted list are before something. */
function countBefore<Value>(sorted: readonly Value[], isBefore: (value: Value) => boolean): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBefore(sorted[middle] as Value)) low = middle + 1;
    else high = middle;
  }
  return low;
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
      const span = spans[countBefore(spans, ({ from }) => from < list.invoked) - 1];
      if (!span || !mustList(list, span)) continue;
      expected++;
      if (!isOf(listed.get(span.sessionId), span.createdAt))
        missed.push(`${span.sessionId} at ${list.invoked}`);
    }
    for (const info of list.list) {
      const spans = sessions.get(info.sessionId) ?? [];
      if (!during(spans, list).some((span) => mayList(list, span, info)))
        foreign.push(`${info.sessionId} at ${list.invoked}`);
    }
  }
  return { expected, missed, foreign };
}

/** The spans that are not certainly over before a list or after it. They end in the order in which they begin. */
function during(spans: readonly EndedSpan[], { invoked, returned }: ListCall): readonly EndedSpan[] {
  return spans.slice(
    countBefore(spans, ({ gone }) => gone <= invoked),
    countBefore(spans, ({ from }) => from < returned),
  );
}

function mustList(list: ListCall, { customerId, confirmed, to, mayEndAt }: EndedSpan): boolean {
  return customerId === list.customerId && confirmed < list.invoked && list.returned < Math.min(to, mayEndAt);
}

function mayList(list: ListCall, span: EndedSpan, info: SessionInfo): boolean {
  return (
    span.customerId === list.customerId &&
    info.customerId === list.customerId &&
    (span.createdAt === undefined || span.createdAt === info.createdAt)
  );
}

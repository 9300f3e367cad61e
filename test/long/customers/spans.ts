import type { OwnerCall } from './calls.js';

/** A time in which a session was one customer's, or nobody's: from a call of its owner to the next. In ms. */
export interface Span {
  readonly sessionId: string;
  readonly customerId: string | undefined;
  /** Undefined when nobody knows whether the call that began the span succeeded. */
  readonly createdAt: string | undefined;
  /** The session was created between these two. */
  readonly bornAfter: number;
  readonly bornBefore: number;
  /** When the call that began it was invoked, and when it returned; Infinity if it did not. */
  readonly from: number;
  readonly confirmed: number;
  /** When the next call that changes the session was invoked, and when it returned. */
  readonly to: number;
  readonly gone: number;
}

export interface Spans {
  readonly spans: readonly Span[];
  /** Spans whose session the owner did not find any more. */
  readonly vanished: readonly { readonly span: Span; readonly by: number }[];
}

/** The life of an ID, from the calls of its owner. */
export function spansOf(calls: readonly OwnerCall[]): Spans {
  const spans: Span[] = [];
  const vanished: { span: Span; by: number }[] = [];
  let current: Span | undefined;
  for (const call of calls) {
    const isKnown = Number.isFinite(call.returned);
    if (call.method === 'get' && (!isKnown || call.result)) continue;
    if (current) {
      current = { ...current, to: call.invoked, gone: call.returned };
      spans[spans.length - 1] = current;
      if (isKnown && !call.result) vanished.push({ span: current, by: call.returned });
    }
    const isOver = call.method === 'delete' || (isKnown && !call.result);
    current = isOver ? undefined : nextSpan(call, current);
    if (current) spans.push(current);
  }
  return { spans, vanished };
}

function nextSpan(call: OwnerCall, previous: Span | undefined): Span {
  const info = typeof call.result === 'object' ? call.result : undefined;
  return {
    sessionId: call.sessionId,
    customerId: info ? info.customerId : (call.changes.customerId ?? undefined),
    createdAt: info?.createdAt,
    bornAfter: previous?.bornAfter ?? call.invoked,
    bornBefore: previous?.bornBefore ?? call.returned,
    from: call.invoked,
    confirmed: call.returned,
    to: Number.POSITIVE_INFINITY,
    gone: Number.POSITIVE_INFINITY,
  };
}

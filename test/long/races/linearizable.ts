import { isDeepStrictEqual } from 'node:util';
import type { AssociationChanges, SessionAssociations, SessionInfo } from '../../../src/session-info.js';

/** One call of a store as its caller saw it. Moments are of any clock that all callers share. */
export interface Call {
  /** `expire`: somebody else had the time run out; it has no answer. */
  readonly method: 'create' | 'get' | 'peek' | 'update' | 'delete' | 'expire';
  readonly sessionId: string;
  readonly associations?: AssociationChanges;
  readonly invoked: number;
  /** Absent for a call that failed or timed out: it took effect at some moment since `invoked`, or never. */
  readonly returned?: number;
  readonly answer?: SessionInfo | boolean | undefined;
}

/**
 * Whether the calls could have been made one after the other, each at a moment between its invocation and its return, on a
 * store that keeps its promises. It is the search of Wing and Gong ("Testing and verifying concurrent objects", 1993) with
 * the memory of Lowe ("Testing for linearizability", 2017), on each session ID by itself: a history is linearizable when
 * those of its objects are. Of the times of a session only this counts: `createdAt` is the same throughout its life.
 */
export function isLinearizable(history: readonly Call[]): boolean {
  const sessionIds = new Set(history.map(({ sessionId }) => sessionId));
  return [...sessionIds].every((id) => hasOrder(history.filter(({ sessionId }) => sessionId === id)));
}

/** The state of the model: no live session, or one of whose creation the moment is known once somebody was told. */
type State = { readonly members: AssociationChanges; readonly createdAt?: string | undefined } | undefined;

function hasOrder(calls: readonly Call[]): boolean {
  const seen = new Set<string>();

  function search(left: readonly number[], state: State): boolean {
    if (left.every((i) => calls[i]?.returned === undefined)) return true;
    const key = `${left} ${JSON.stringify([state?.members, state?.createdAt])}`;
    if (seen.has(key)) return false;
    seen.add(key);
    const firstReturn = Math.min(...left.map((i) => calls[i]?.returned ?? Number.POSITIVE_INFINITY));
    return left.some((i) => {
      const call = calls[i] as Call;
      if (call.invoked > firstReturn) return false;
      const after = apply(state, call);
      return (
        after !== IMPOSSIBLE &&
        search(
          left.filter((other) => other !== i),
          after,
        )
      );
    });
  }

  return search([...calls.keys()], undefined);
}

const IMPOSSIBLE = Symbol('no store that keeps its promises answers this');

/** The state after the call, when the state before it allows its answer. */
function apply(state: State, call: Call): State | typeof IMPOSSIBLE {
  const { method, associations } = call;
  if (method === 'expire') return undefined;
  if (method === 'delete') return isAnswer(call, state !== undefined) ? undefined : IMPOSSIBLE;
  if ((method === 'create') === (state !== undefined)) return isAnswer(call, undefined) ? state : IMPOSSIBLE;
  return told(call, { createdAt: state?.createdAt, members: { ...state?.members, ...associations } });
}

function isAnswer({ returned, answer }: Call, expected: boolean | undefined): boolean {
  return returned === undefined || answer === expected;
}

/** The state in which a call leaves a live session, when that is what it was answered. */
function told(call: Call, { members, createdAt }: NonNullable<State>): State | typeof IMPOSSIBLE {
  if (call.returned === undefined) return { members: sorted(members), createdAt };
  if (typeof call.answer !== 'object') return IMPOSSIBLE;
  const { sessionId: _, createdAt: toldCreatedAt, updatedAt: __, ...answered } = call.answer;
  if (createdAt !== undefined && createdAt !== toldCreatedAt) return IMPOSSIBLE;
  if (!isDeepStrictEqual(sorted(answered), sorted(members))) return IMPOSSIBLE;
  return { members: sorted(members), createdAt: toldCreatedAt };
}

/** Without what is not associated, or was removed. */
function sorted(members: AssociationChanges): SessionAssociations {
  const named = Object.entries(members).filter(([, value]) => typeof value === 'string');
  return Object.fromEntries(named.sort(([a], [b]) => (a < b ? -1 : 1)));
}

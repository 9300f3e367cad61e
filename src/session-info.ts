/**
 * What a session is associated with. A member that is absent or `undefined` is not associated. Each value is a well-formed string
 * of 1 to 256 UTF-16 units without control characters (Unicode category Cc).
 */
export interface SessionAssociations {
  /** The agent who serves the session. On the wire the header gkc_agentId or gkc-agentId. */
  readonly agentId?: string | undefined;
  /** The customer whose session it is. On the wire the header gkc_customerId or gkc-customerId. */
  readonly customerId?: string | undefined;
  /** The ID of the visit, as your app assigns it. On the wire a member of the body. */
  readonly visitId?: string | undefined;
  /** The global ID of the visit, as your app assigns it. On the wire a member of the body. */
  readonly globalVisitId?: string | undefined;
}

/**
 * A session as the API shows it, in the order of the wire format. Times are ISO 8601 in UTC with milliseconds, by the store's
 * clock. Always frozen when it comes from this package.
 */
export interface SessionInfo extends SessionAssociations {
  /** Identifies the session: 1 to 128 of `A-Z a-z 0-9 - . _ ~`. It is a key, so keep it out of logs: see `maskSessionId`. */
  readonly sessionId: string;
  /** When the session was created, such as `2026-01-31T09:00:00.000Z`. */
  readonly createdAt: string;
  /** When its associations were last set, even to the same values; equal to `createdAt` until then. */
  readonly updatedAt: string;
}

/** The name of one association. */
export type AssociationName = keyof SessionAssociations;

/** Changes to the associations of a session: `undefined` leaves a member unchanged, `null` removes it. */
export type AssociationChanges = { readonly [Name in AssociationName]?: string | null | undefined };

/** The names of the associations, in the order of the wire format. */
export const ASSOCIATION_NAMES = ['agentId', 'customerId', 'visitId', 'globalVisitId'] as const;

/** The longest value of an association, in UTF-16 units. */
export const MAX_ASSOCIATION_LENGTH = 256;

/** The rule that a value breaks, such as `must be a string`; `undefined` for a valid association. */
export function associationProblem(value: unknown): string | undefined {
  if (typeof value !== 'string') return 'must be a string';
  if (value.length === 0) return 'must not be empty';
  if (value.length > MAX_ASSOCIATION_LENGTH)
    return `must be at most ${MAX_ASSOCIATION_LENGTH} UTF-16 units long`;
  if (!value.isWellFormed()) return 'must be well-formed Unicode (no lone surrogates)';
  if (CONTROL_CHARACTER.test(value)) return 'must not contain control characters';
  return undefined;
}

/** The associations after a change: `undefined` leaves a member unchanged, `null` removes it. Reads own members only. */
export function mergeAssociations(
  current: AssociationChanges,
  changes: AssociationChanges,
): SessionAssociations {
  const merged: { -readonly [Name in AssociationName]?: string } = {};
  for (const name of ASSOCIATION_NAMES) {
    const change = ownMember(changes, name);
    const value = change === undefined ? ownMember(current, name) : change;
    if (value !== undefined && value !== null) merged[name] = value;
  }
  return merged;
}

/** A frozen SessionInfo with its members in the order of the wire format, the absent ones left out. */
export function createSessionInfo(
  members: {
    readonly [Name in keyof SessionInfo]: SessionInfo[Name] | undefined;
  },
): SessionInfo {
  const { sessionId, agentId, customerId, visitId, globalVisitId, createdAt, updatedAt } = members;
  const info: Record<string, unknown> = { sessionId };
  if (agentId !== undefined) info.agentId = agentId;
  if (customerId !== undefined) info.customerId = customerId;
  if (visitId !== undefined) info.visitId = visitId;
  if (globalVisitId !== undefined) info.globalVisitId = globalVisitId;
  info.createdAt = createdAt;
  info.updatedAt = updatedAt;
  return Object.freeze(info) as unknown as SessionInfo;
}

/**
 * A frozen copy of a session that a store returned for `sessionId`. Each own member is read once and the copy is checked, so that a
 * getter can't return something else later. Throws a TypeError with the rule that it breaks.
 */
export function parseSessionInfo(value: unknown, sessionId: string): SessionInfo {
  if (typeof value !== 'object' || value === null)
    throw new TypeError('the store did not return a SessionInfo');
  const given = value as SessionInfo;
  // Not by a loop or a helper, which take a microsecond more.
  const info = createSessionInfo({
    sessionId: Object.hasOwn(given, 'sessionId') ? given.sessionId : undefined,
    agentId: Object.hasOwn(given, 'agentId') ? given.agentId : undefined,
    customerId: Object.hasOwn(given, 'customerId') ? given.customerId : undefined,
    visitId: Object.hasOwn(given, 'visitId') ? given.visitId : undefined,
    globalVisitId: Object.hasOwn(given, 'globalVisitId') ? given.globalVisitId : undefined,
    createdAt: Object.hasOwn(given, 'createdAt') ? given.createdAt : undefined,
    updatedAt: Object.hasOwn(given, 'updatedAt') ? given.updatedAt : undefined,
  });
  if (info.sessionId !== sessionId) throw new TypeError('the store returned another session');
  for (const name of ASSOCIATION_NAMES) {
    const problem = info[name] === undefined ? undefined : associationProblem(info[name]);
    if (problem !== undefined) throw new TypeError(`the store returned an invalid ${name}: it ${problem}`);
  }
  for (const name of ['createdAt', 'updatedAt'] as const) {
    if (!isTimestamp(info[name]))
      throw new TypeError(
        `the store returned an invalid ${name}: it must be an ISO 8601 time in UTC with ms`,
      );
  }
  return info;
}

/** A member of an object that somebody else created; not what a polluted `Object.prototype` would add to it. */
export function ownMember<Source extends object, Name extends keyof Source>(
  source: Source,
  name: Name,
): Source[Name] | undefined {
  return Object.hasOwn(source, name) ? source[name] : undefined;
}

const CONTROL_CHARACTER = /\p{Cc}/u;
/** Each field in its range (RFC 3339, section 5.7). */
const TIMESTAMP =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/;

function isTimestamp(value: unknown): boolean {
  return typeof value === 'string' && TIMESTAMP.test(value);
}

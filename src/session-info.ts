/**
 * What a session is associated with. A member that is absent is not associated. Each is a well-formed string of 1 to 256 UTF-16
 * units without control characters (Unicode category Cc).
 */
export interface SessionAssociations {
  /** The agent who serves the session. On the wire the header gkc_agentId or gkc-agentId. */
  readonly agentId?: string;
  /** The customer whose session it is. On the wire the header gkc_customerId or gkc-customerId. */
  readonly customerId?: string;
  /** The ID of the visit, as the host gives it. On the wire a member of the body. */
  readonly visitId?: string;
  /** The global ID of the visit, as the host gives it. On the wire a member of the body. */
  readonly globalVisitId?: string;
}

/**
 * A session as the API shows it, in the order of the wire format. Times are ISO 8601 in UTC with milliseconds, from the
 * clock of the store. Always frozen when it comes from this package.
 */
export interface SessionInfo extends SessionAssociations {
  /** Names the session: 1 to 128 of `A-Z a-z 0-9 - . _ ~`. A key to it, so keep it out of logs: see `maskSessionId`. */
  readonly sessionId: string;
  /** When the session was made, such as `2026-01-31T09:00:00.000Z`. */
  readonly createdAt: string;
  /** When its associations were last set, even to what they were; the same moment as `createdAt` until then. */
  readonly updatedAt: string;
}

/** Associations as a caller may give them: `undefined`, `null` and `''` all mean "leave as it is". */
export type AssociationsInput = { readonly [Name in AssociationName]?: string | null | undefined };

/** The name of one association. */
export type AssociationName = keyof SessionAssociations;

/** The names of the associations, in the order of the wire format. */
export const ASSOCIATION_NAMES = ['agentId', 'customerId', 'visitId', 'globalVisitId'] as const;

/** The longest value of an association, in UTF-16 units. */
export const MAX_ASSOCIATION_LENGTH = 256;

/**
 * An association has a value that the API does not take; the message names the field and the rule. An error handler like
 * Express's own answers it by its `status`, as what a client sent wrong.
 */
export class InvalidAssociationError extends TypeError {
  /** Tells the error from others across the package's two builds, ESM and CommonJS, whose classes differ. */
  override name = 'InvalidAssociationError';
  /** The same code as in an answer of the routes: see {@link SessionErrorCode}. */
  readonly code = 'invalid_field';
  /** The HTTP status, where the error handler of Express looks for it. */
  readonly status = 400;
  /** The HTTP status, where other error handlers look for it. */
  readonly statusCode = 400;
}

/**
 * One value as a caller sent it, or `undefined` when it says "leave as it is" (`undefined`, `null`, `''`).
 * Throws {@link InvalidAssociationError}, which calls the field by `label`, unless the value is a well-formed string of at
 * most {@link MAX_ASSOCIATION_LENGTH} UTF-16 units without control characters (Unicode category Cc).
 */
export function parseAssociation(label: string, value: unknown): string | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  const problem = associationProblem(value);
  if (problem !== undefined) throw new InvalidAssociationError(`${label} ${problem}`);
  return value as string;
}

/**
 * The named members of `input` as associations; unknown ones are ignored.
 * Throws {@link InvalidAssociationError} as {@link parseAssociation} does.
 */
export function parseAssociations(
  input: object,
  names: readonly AssociationName[] = ASSOCIATION_NAMES,
): SessionAssociations {
  const associations: { -readonly [Name in AssociationName]?: string } = {};
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw new InvalidAssociationError('the associations must be an object');
  }
  for (const name of names) {
    // What somebody wrote into Object.prototype is nobody's member.
    if (!Object.hasOwn(input, name) && name in Object.prototype) continue;
    const value = parseAssociation(name, (input as AssociationsInput)[name]);
    if (value !== undefined) associations[name] = value;
  }
  return associations;
}

/** The session with the named members of `named` in place of its own, and `updatedAt` as its time. */
export function mergeAssociations(
  current: SessionInfo,
  named: SessionAssociations,
  updatedAt: string,
): SessionInfo {
  return createSessionInfo({
    sessionId: current.sessionId,
    agentId: named.agentId ?? current.agentId,
    customerId: named.customerId ?? current.customerId,
    visitId: named.visitId ?? current.visitId,
    globalVisitId: named.globalVisitId ?? current.globalVisitId,
    createdAt: current.createdAt,
    updatedAt,
  });
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
 * The session `sessionId` as a store answered it, copied and frozen. Each member is read once, and what was read is checked: a
 * getter can't answer something else later. Throws a TypeError that says what is wrong with it.
 */
export function parseSessionInfo(answer: unknown, sessionId: string): SessionInfo {
  if (typeof answer !== 'object' || answer === null) throw new TypeError('the answer is not a SessionInfo');
  const info = createSessionInfo(answer as SessionInfo);
  if (info.sessionId !== sessionId) throw new TypeError('the answer has the sessionId of another session');
  for (const name of ASSOCIATION_NAMES) {
    const problem = info[name] === undefined ? undefined : associationProblem(info[name]);
    if (problem !== undefined) throw new TypeError(`${name} of the answer ${problem}`);
  }
  for (const name of ['createdAt', 'updatedAt'] as const) {
    if (!isTimestamp(info[name]))
      throw new TypeError(`${name} of the answer is not an ISO 8601 time in UTC with ms`);
  }
  return info;
}

/**
 * Whether a value can name a session: 1 to 128 of `A-Z a-z 0-9 - . _ ~`, the unreserved characters of RFC 3986, section 2.3.
 * Not `.` and `..`, which every URL parser removes from a path (section 5.2.4), and not "new" in any letter case.
 */
export function isSessionId(value: unknown): value is string {
  return typeof value === 'string' && SESSION_ID.test(value);
}

const SESSION_ID = /^(?!\.{1,2}$|[nN][eE][wW]$)[A-Za-z0-9\-._~]{1,128}$/;
const CONTROL_CHARACTER = /\p{Cc}/u;
/** Each field in its range (RFC 3339, section 5.7). */
const TIMESTAMP =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/;

function associationProblem(value: unknown): string | undefined {
  if (typeof value !== 'string') return 'must be a string';
  if (value.length === 0) return 'must not be empty';
  if (value.length > MAX_ASSOCIATION_LENGTH)
    return `must have at most ${MAX_ASSOCIATION_LENGTH} UTF-16 units`;
  if (!value.isWellFormed()) return 'must be well-formed Unicode (no lone surrogates)';
  if (CONTROL_CHARACTER.test(value)) return 'must not contain control characters';
  return undefined;
}

function isTimestamp(value: unknown): boolean {
  return typeof value === 'string' && TIMESTAMP.test(value);
}

import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  ASSOCIATION_NAMES,
  type AssociationChanges,
  type AssociationName,
  associationProblem,
  ownMember,
  type SessionAssociations,
} from '../../session-info.js';
import type { Awaitable } from '../../session-store.js';
import { isPromiseLike } from '../../store-calls/and-then.js';
import { sessionError } from '../errors.js';
import { callHook, type HookRequest } from '../hook-request.js';
import { headerValues } from './header-values.js';
import { readBody } from './request-body.js';

/** Who is calling, according to your own login; `undefined`, `null` and `''` mean "not known". */
export type Identity = Pick<AssociationChanges, 'agentId' | 'customerId'>;

/**
 * Says who is calling, instead of the headers gkc_agentId and gkc_customerId, which are then not read. What it throws, and a TypeError
 * if it returns something else, goes to `next(error)`.
 */
export type Identify = {
  /** Returns the caller, or nothing if there is no login. */
  identify(req: HookRequest): Awaitable<Identity | null | undefined>;
}['identify'];

/**
 * The associations that a PUT or POST sends: two from the headers, or from `identify`, and two from the body. Throws or rejects with a
 * SessionError for wrong input, with the app's own error or a TypeError for `identify`.
 */
export async function readAssociations(
  req: IncomingMessage,
  res: ServerResponse,
  identify: Identify | undefined,
): Promise<SessionAssociations> {
  const associations = identify ? await callIdentify(req, identify) : headerIdentity(req);
  const result = readBody(req, res);
  const body: { readonly [Name in AssociationName]?: unknown } = isPromiseLike(result)
    ? await result
    : result;
  add(associations, 'visitId', ownMember(body, 'visitId'));
  add(associations, 'globalVisitId', ownMember(body, 'globalVisitId'));
  return associations;
}

/** What `identify` says of a request. Rejects with a TypeError if it returns something that is no identity. */
export async function callIdentify(req: IncomingMessage, identify: Identify): Promise<Associations> {
  const returned: { readonly [Name in AssociationName]?: unknown } = (await callHook(req, identify)) ?? {};
  try {
    if (typeof returned !== 'object' || Array.isArray(returned)) throw new Error('it is not an object');
    const associations: Associations = {};
    add(associations, 'agentId', ownMember(returned, 'agentId'));
    add(associations, 'customerId', ownMember(returned, 'customerId'));
    return associations;
  } catch (error) {
    throw new TypeError(
      `option "identify" must return { agentId, customerId } or undefined: ${(error as Error).message}`,
    );
  }
}

/**
 * The argument of `updateSession` and `renewSession`: `undefined` and `''` leave a member unchanged, `null` removes it. Throws a
 * SessionError for an unknown member or a wrong value.
 */
export function parseChanges(changes: unknown): AssociationChanges {
  if (typeof changes !== 'object' || changes === null || Array.isArray(changes)) {
    throw sessionError('invalid_field', 'the associations must be an object');
  }
  const unknown = Object.keys(changes).find((name) => !ASSOCIATION_NAMES.includes(name as AssociationName));
  if (unknown !== undefined) {
    throw sessionError(
      'invalid_field',
      `${unknown.slice(0, 64)} is not an association; use ${ASSOCIATION_NAMES.join(', ')}`,
    );
  }
  const parsed: Partial<Record<AssociationName, string | null>> = Object.create(null);
  for (const name of ASSOCIATION_NAMES) {
    const value: unknown = ownMember(changes as AssociationChanges, name);
    if (value === null) parsed[name] = null;
    else add(parsed, name, value);
  }
  return parsed;
}

/** What is read so far. */
type Associations = { -readonly [Name in AssociationName]?: string };

function headerIdentity(req: IncomingMessage): Associations {
  const associations: Associations = {};
  add(associations, 'agentId', headerValue(req, 'gkc_agentId', AGENT_HEADERS), 'gkc_agentId');
  add(associations, 'customerId', headerValue(req, 'gkc_customerId', CUSTOMER_HEADERS), 'gkc_customerId');
  return associations;
}

/** nginx and others drop header names with an underscore, so a hyphen means the same. */
const AGENT_HEADERS = ['gkc_agentid', 'gkc-agentid'];
const CUSTOMER_HEADERS = ['gkc_customerid', 'gkc-customerid'];

function headerValue(req: IncomingMessage, label: string, names: readonly string[]): string | undefined {
  const values = headerValues(req, names);
  if (values.length > 1) {
    throw sessionError('ambiguous_header', `Header ${label} is given twice with different values`);
  }
  return values[0];
}

/**
 * Adds one member as sent, unless it means "leave unchanged" (`undefined`, `null`, `''`). Throws a SessionError that calls a wrong one by
 * `label`.
 */
function add(
  to: Partial<Record<AssociationName, string | null>>,
  name: AssociationName,
  value: unknown,
  label: string = name,
): void {
  if (value === undefined || value === null || value === '') return;
  const problem = associationProblem(value);
  if (problem !== undefined) throw sessionError('invalid_field', `${label} ${problem}`);
  to[name] = value as string;
}

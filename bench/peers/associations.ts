import type { IncomingHttpHeaders } from 'node:http';

export interface Associations {
  agentId?: string;
  customerId?: string;
  visitId?: string;
  globalVisitId?: string;
}

export class BadRequest extends Error {
  readonly status = 400;
}

/** The associations that a request names, checked. What is missing, null or empty is left out. */
export function readAssociations(headers: IncomingHttpHeaders, body: unknown): Associations {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new BadRequest('The body must be a JSON object');
  }
  const { visitId, globalVisitId } = body as Record<string, unknown>;
  const associations: Associations = {};
  add(associations, 'agentId', headers.gkc_agentid ?? headers['gkc-agentid']);
  add(associations, 'customerId', headers.gkc_customerid ?? headers['gkc-customerid']);
  add(associations, 'visitId', visitId);
  add(associations, 'globalVisitId', globalVisitId);
  return associations;
}

export function isSessionId(value: string | undefined): value is string {
  return value !== undefined && SESSION_ID.test(value);
}

const SESSION_ID = /^[A-Za-z0-9\-._~]{1,128}$/;
const CONTROL_CHARACTER = /\p{Cc}/u;

function add(associations: Associations, name: keyof Associations, value: unknown): void {
  if (value === undefined || value === null || value === '') return;
  if (
    typeof value !== 'string' ||
    value.length > 256 ||
    !value.isWellFormed() ||
    CONTROL_CHARACTER.test(value)
  ) {
    throw new BadRequest(`${name} is not valid`);
  }
  associations[name] = value;
}

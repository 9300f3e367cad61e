import type { SessionAssociations } from '../../../src/session-info.js';
import { requestBytes } from '../raw-request.js';

/** A request that is wrong, or as wrong as it may be, and all that it may lead to. */
export interface BadInput {
  readonly name: string;
  readonly bytes: Buffer;
  readonly status: number;
  /** Of the error that the routes respond with. */
  readonly code?: string;
  /** What the store is called to write; without it no call writes anything. */
  readonly stores?: SessionAssociations;
  /** On a route of the app: the ID of the session in `req.sessionInfo`, or null. */
  readonly attached?: string | null;
  /** Node refuses it, and the router does not see it. */
  readonly byNode?: true;
}

/** What the cases are about, and the cases. */
export interface Category {
  readonly name: string;
  readonly cases: readonly BadInput[];
}

export type Outcome = Omit<BadInput, 'name' | 'bytes'>;

/** A session that is there throughout, and that no case may change. */
export const LIVE = 'live-session';

export const error = (status: number, code: string): Outcome => ({ status, code });
export const created = (stores: SessionAssociations = {}): Outcome => ({ status: 201, stores });
export const attached = (sessionId: string | null): Outcome => ({ status: 200, attached: sessionId });
export const refusedByNode = (status = 400): Outcome => ({ status, byNode: true });

/** A request as it is; a body with its length, unless a header says how long it is. */
export function bad(
  name: string,
  line: string,
  outcome: Outcome,
  headers: readonly string[] = [],
  body: string | Buffer = '',
): BadInput {
  const isMeasured = body.length === 0 || headers.some((header) => MEASURES.test(header));
  const length = isMeasured ? [] : [`Content-Length: ${Buffer.byteLength(body)}`];
  return { name, bytes: requestBytes(line, [...headers, ...length], body), ...outcome };
}

/** A PUT with a body of JSON. */
export function badBody(name: string, body: string | Buffer, outcome: Outcome): BadInput {
  return bad(name, 'PUT /sessions/new', outcome, ['Content-Type: application/json'], body);
}

/** A body in chunks of so many bytes. */
export function inChunks(body: string | Buffer, size: number): Buffer {
  const bytes = Buffer.from(body);
  const chunks: Buffer[] = [];
  for (let start = 0; start < bytes.length; start += size) {
    const chunk = bytes.subarray(start, start + size);
    chunks.push(Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from('\r\n'));
  }
  return Buffer.concat([...chunks, Buffer.from('0\r\n\r\n')]);
}

/** The bytes of a text in UTF-8, as characters of Latin-1, in which heads are written. */
export const utf8 = (text: string): string => Buffer.from(text).toString('latin1');

const MEASURES = /^(content-length|transfer-encoding):/i;

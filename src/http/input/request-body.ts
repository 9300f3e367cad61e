import { isUtf8 } from 'node:buffer';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ownMember } from '../../session-info.js';
import type { Awaitable } from '../../session-store.js';
import { sessionError } from '../errors.js';
import { MAX_BODY_BYTES, readBytes } from './request-bytes.js';

/**
 * The JSON object that a request carries, `{}` if it carries nothing, whether or not a parser of the app has read it already. Throws or
 * rejects with a SessionError for a body that is no such object, with an Error for one that the app has read and not left in `req.body`.
 */
export function readBody(
  req: IncomingMessage & { readonly body?: unknown },
  res: ServerResponse,
): Awaitable<object> {
  const length = ownMember(req.headers, 'content-length');
  const transferEncoding = ownMember(req.headers, 'transfer-encoding');
  const type = ownMember(req.headers, 'content-type');
  const isUnmeasured = transferEncoding !== undefined || req.httpVersionMajor >= 2;
  if (length === '0' || (length === undefined && !isUnmeasured)) return NOTHING;
  if (Number(length) > MAX_BODY_BYTES) throw sessionError('body_too_large');
  if (!req.readableDidRead && !req.readableEnded) {
    return readBytes(req, res).then((bytes) => parseBody(bytes, type));
  }
  if (req.aborted && req.body === undefined) throw sessionError('invalid_json', 'The body could not be read');
  // What was `{}` or, without a length, nothing at all: a parser of the app creates an empty object of both.
  if ((length === '2' || length === undefined) && isEmptyObject(req.body)) return NOTHING;
  const isMeasured = length !== undefined && ownMember(req.headers, 'content-encoding') === undefined;
  if (!isMeasured && isTooLarge(req.body)) throw sessionError('body_too_large');
  return parseBody(req.body, type);
}

const NOTHING = Object.freeze({});

function isEmptyObject(value: unknown): boolean {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length === 0
  );
}

/** What an app's parser decompressed, or put together from chunks, has no length of its own any more: it is as long as its JSON. */
function isTooLarge(body: unknown): boolean {
  if (ArrayBuffer.isView(body)) return body.byteLength > MAX_BODY_BYTES;
  try {
    return Buffer.byteLength(typeof body === 'string' ? body : (JSON.stringify(body) ?? '')) > MAX_BODY_BYTES;
  } catch (error) {
    // A RangeError says that it is nested too deep to tell; another error, that the app's parser creates more than JSON.
    return error instanceof RangeError;
  }
}

/** `body` is bytes, text, or what a parser of the app created. */
function parseBody(body: unknown, contentType: string | undefined): object {
  const text = ArrayBuffer.isView(body) ? decode(body) : body;
  if (text === '' || text === '{}') return NOTHING;
  if (!isJsonInUtf8(contentType)) {
    throw sessionError('unsupported_media_type', undefined, { Accept: 'application/json' });
  }
  if (text === undefined) {
    throw new Error(
      'The body of the request was read before the session router and is not in req.body: ' +
        'mount the router before what reads it, or use express.json()',
    );
  }
  const value = typeof text === 'string' ? parseJson(text) : text;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw sessionError('invalid_body');
  return value;
}

/** RFC 8259, section 8.1: JSON is UTF-8; a parser may ignore a byte order mark, as Express's own does. */
function decode(view: ArrayBufferView): string {
  const bytes = Buffer.from(view.buffer, view.byteOffset, view.byteLength);
  if (!isUtf8(bytes)) throw sessionError('invalid_json', 'The body is not valid UTF-8');
  const text = bytes.toString('utf8');
  return text.startsWith('\ufeff') ? text.slice(1) : text;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw sessionError('invalid_json');
  }
}

/** `application/json` or a type with the suffix `+json` (RFC 6839, section 3.1), in UTF-8. */
function isJsonInUtf8(contentType = ''): boolean {
  // What most clients send: no regex is needed.
  if (contentType === 'application/json') return true;
  const charset = CHARSET.exec(contentType)?.[1] ?? 'utf-8';
  return JSON_TYPE.test(contentType) && /^utf-?8$/i.test(charset);
}

const JSON_TYPE = /^application\/(?:[\w!#$&^.-]+\+)?json\s*(?:;|$)/i;
const CHARSET = /;\s*charset\s*=\s*"?([^\s;"]*)/i;

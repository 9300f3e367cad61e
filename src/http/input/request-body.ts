import { isUtf8 } from 'node:buffer';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { raw } from 'express';
import { SessionHttpError } from '../errors.js';

/** The most bytes a body may have, as sent and after inflating. */
export const MAX_BODY_BYTES = 16 * 1024;

/**
 * The JSON object that a request carries, `{}` when it carries nothing, whether or not a parser of the host's has read it
 * before. Rejects with a SessionHttpError for a body that is not such an object, with an Error for one that the host's code
 * has read and not left in `req.body`.
 */
export async function readBody(req: IncomingMessage, res: ServerResponse): Promise<object> {
  const { 'content-length': length, 'transfer-encoding': transferEncoding } = req.headers;
  if (transferEncoding === undefined && (length === undefined || length === '0')) return {};
  if (Number(length) > MAX_BODY_BYTES) throw new SessionHttpError('body_too_large');
  const wasRead = req.readableDidRead || req.readableEnded;
  if (!wasRead) await readBytes(req, res);
  const { body } = req as { body?: unknown };
  const isMeasured = length !== undefined && req.headers['content-encoding'] === undefined;
  if (wasRead && !isMeasured && isTooLarge(body)) throw new SessionHttpError('body_too_large');
  return parseBody(body, req.headers['content-type'], wasRead);
}

const rawBody = raw({ type: () => true, limit: MAX_BODY_BYTES });

/** Leaves the bytes in `req.body`. */
function readBytes(req: IncomingMessage & { body?: unknown }, res: ServerResponse): Promise<void> {
  return new Promise((resolve, reject) => {
    if (req.headers['content-length'] === undefined) limitBytesSent(req, reject);
    rawBody(req as never, res as never, (error?: unknown) => {
      if (error) reject(readError(error));
      // Of a request that was aborted meanwhile the parser may leave what was there before.
      else if (!Buffer.isBuffer(req.body)) reject(unreadable());
      else resolve();
    });
  });
}

/**
 * Of a body in chunks, whose length nobody has announced: the parser's own limit is of the bytes after inflating, and over it the
 * parser reads on to the end before it says so.
 */
function limitBytesSent(req: IncomingMessage, reject: (error: unknown) => void): void {
  let sent = 0;
  req.on('data', function count(chunk: Buffer) {
    sent += chunk.length;
    if (sent <= MAX_BODY_BYTES) return;
    req.off('data', count);
    req.unpipe();
    req.resume();
    reject(new SessionHttpError('body_too_large'));
  });
}

/** The `type` and `status` of errors as the README of body-parser lists them, "Errors". */
function readError(error: unknown): unknown {
  const { status, type } = error as { status?: number; type?: string };
  if (type === 'entity.too.large') return new SessionHttpError('body_too_large');
  if (status === 415) {
    return new SessionHttpError(
      'unsupported_media_type',
      'The Content-Encoding of the body is not supported',
      { 'Accept-Encoding': 'gzip, deflate' },
    );
  }
  if (status === 400 || type === 'stream.not.readable') return unreadable();
  return error;
}

function unreadable(): SessionHttpError {
  return new SessionHttpError('invalid_json', 'The body could not be read');
}

/** What a host's parser inflated, or put together from chunks, has no length of its own any more: it is as long as its JSON. */
function isTooLarge(body: unknown): boolean {
  if (ArrayBuffer.isView(body)) return body.byteLength > MAX_BODY_BYTES;
  try {
    return Buffer.byteLength(typeof body === 'string' ? body : (JSON.stringify(body) ?? '')) > MAX_BODY_BYTES;
  } catch (error) {
    // A RangeError says that it is nested too deep to tell; another error, that the host's parser makes more than JSON.
    return error instanceof RangeError;
  }
}

/** `body` as the raw parser left it, or as the host's parser did: bytes, text, or already parsed. */
function parseBody(body: unknown, contentType: string | undefined, wasRead: boolean): object {
  const text = ArrayBuffer.isView(body) ? decode(body) : body;
  if (text === '' || text === '{}') return {};
  if (!isJsonInUtf8(contentType)) {
    throw new SessionHttpError('unsupported_media_type', undefined, { Accept: 'application/json' });
  }
  if (text === undefined && wasRead) {
    throw new Error(
      'The body of the request was read before the session router and is not in req.body: ' +
        'mount the router before what reads it, or use express.json()',
    );
  }
  const value = typeof text === 'string' ? parseJson(text) : text;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new SessionHttpError('invalid_body');
  }
  return value;
}

/** RFC 8259, section 8.1: JSON is UTF-8; a parser may ignore a byte order mark, as Express's own does. */
function decode(view: ArrayBufferView): string {
  const bytes = Buffer.from(view.buffer, view.byteOffset, view.byteLength);
  if (!isUtf8(bytes)) throw new SessionHttpError('invalid_json', 'The body is not valid UTF-8');
  const text = bytes.toString('utf8');
  return text.startsWith('\ufeff') ? text.slice(1) : text;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new SessionHttpError('invalid_json');
  }
}

/** `application/json` or a type with the suffix `+json` (RFC 6839, section 3.1), in UTF-8. A missing type is taken as JSON. */
function isJsonInUtf8(contentType: string | undefined): boolean {
  if (!contentType) return true;
  const charset = CHARSET.exec(contentType)?.[1] ?? 'utf-8';
  return JSON_TYPE.test(contentType) && /^utf-?8$/i.test(charset);
}

const JSON_TYPE = /^application\/(?:[\w!#$&^.-]+\+)?json\s*(?:;|$)/i;
const CHARSET = /;\s*charset\s*=\s*"?([^\s;"]*)/i;

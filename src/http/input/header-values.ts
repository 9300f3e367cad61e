import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { MAX_ASSOCIATION_LENGTH, ownMember } from '../../session-info.js';

/**
 * The different values that a request gives for one meaning, in whichever of these headers (names in lower case). Empty values count
 * as not sent. Bytes are read as UTF-8 if they are valid UTF-8, otherwise as Latin-1.
 */
export function headerValues(req: IncomingMessage, names: readonly string[]): readonly string[] {
  let values: string[] | undefined;
  for (const name of names) {
    const joined = ownMember(req.headers, name);
    // Only what `headers` still holds: an app may have removed or replaced a header that it does not trust.
    if (typeof joined !== 'string' || joined === '') continue;
    for (const value of separate(req, name, joined)) {
      values ??= [];
      if (value !== '') values.push(decode(value));
    }
  }
  if (values === undefined || values.length < 2) return values ?? NONE;
  return [...new Set(values)];
}

const NONE: readonly string[] = [];

/** Node joins repeated headers with ", ", which a value may contain too; `rawHeaders` still has them apart. */
function separate({ rawHeaders }: IncomingMessage, name: string, joined: string): string[] {
  if (!joined.includes(', ')) return [joined];
  const separated = rawHeaders.filter((_, i) => i % 2 === 1 && rawHeaders[i - 1]?.toLowerCase() === name);
  return separated.join(', ') === joined ? separated : [joined];
}

/** Node reads header bytes as Latin-1 (RFC 9110, section 5.5 leaves their meaning open). */
function decode(value: string): string {
  // Nothing longer can be valid: a UTF-16 unit takes at most three bytes.
  if (value.length > 3 * MAX_ASSOCIATION_LENGTH) return value;
  if (!NOT_ASCII.test(value) || NOT_LATIN1.test(value)) return value;
  const bytes = Buffer.from(value, 'latin1');
  return isUtf8(bytes) ? bytes.toString('utf8') : value;
}

const NOT_ASCII = /[^\0-\x7f]/;
const NOT_LATIN1 = /[^\0-\xff]/;

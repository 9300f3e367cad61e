import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  checkCookieOptions,
  findCookies,
  type SessionCookieSettings,
  setCookieHeader,
  verifyCookie,
} from '../../../src/http/cookie/cookie-format.js';
import { parseChanges } from '../../../src/http/input/associations.js';
import { isSessionId } from '../../../src/session-id.js';
import {
  type AssociationChanges,
  associationProblem,
  createSessionInfo,
  mergeAssociations,
  parseSessionInfo,
  type SessionAssociations,
} from '../../../src/session-info.js';
import { acceptedValue, associations, changes, sessionId } from './arbitraries.js';
import { holds, TIME_LIMIT } from './runs.js';

/** As the middleware does. */
function readSignedCookie(header: string, settings: SessionCookieSettings): string | undefined {
  const [pair = ''] = findCookies(header, settings.name);
  return verifyCookie(pair, settings)?.sessionId;
}

const CREATED = '2026-11-01T10:00:00.000Z';

const infoOf = (members: SessionAssociations) =>
  createSessionInfo({
    sessionId: 's',
    agentId: members.agentId,
    customerId: members.customerId,
    visitId: members.visitId,
    globalVisitId: members.globalVisitId,
    createdAt: CREATED,
    updatedAt: CREATED,
  });
const merge = (own: SessionAssociations, ...writes: AssociationChanges[]) =>
  writes.reduce<SessionAssociations>(mergeAssociations, own);

const only = (members: AssociationChanges, names: readonly string[]): AssociationChanges =>
  Object.fromEntries(Object.entries(members).filter(([name]) => names.includes(name)));

describe('merging', { timeout: TIME_LIMIT }, () => {
  it('is idempotent', () =>
    holds(
      fc.property(associations, changes, (own, write) => {
        expect(merge(own, write, write)).toEqual(merge(own, write));
      }),
    ));

  it('commutes on disjoint members', () =>
    holds(
      fc.property(
        associations,
        associations,
        fc.subarray(['agentId', 'customerId', 'visitId']),
        (own, all, names) => {
          const first = only(all, names);
          const others = only(
            all,
            ['agentId', 'customerId', 'visitId', 'globalVisitId'].filter((name) => !names.includes(name)),
          );
          expect(merge(own, first, others)).toEqual(merge(own, others, first));
        },
      ),
    ));

  it('lets the last write of each member win', () =>
    holds(
      fc.property(associations, fc.array(changes, { maxLength: 5 }), (own, writes) => {
        const last = Object.entries(Object.assign({}, own, ...writes)).filter(([, value]) => value !== null);
        expect(merge(own, ...writes)).toEqual(Object.fromEntries(last));
      }),
    ));
});

describe('values', { timeout: TIME_LIMIT }, () => {
  it('that are accepted are returned unchanged', () =>
    holds(
      fc.property(acceptedValue, associations, changes, (value, given, write) => {
        expect(associationProblem(value)).toBeUndefined();
        expect(parseChanges(write)).toEqual(write);
        expect(parseSessionInfo(infoOf(given), 's')).toEqual(infoOf(given));
      }),
    ));

  it('of any other kind are rejected, or mean nothing', () =>
    holds(
      fc.property(fc.anything({ withBigInt: true, withDate: true, withMap: true }), (value) => {
        if (value === undefined || value === '') expect(parseChanges({ visitId: value })).toEqual({});
        else if (value === null) expect(parseChanges({ visitId: value })).toEqual({ visitId: null });
        else if (typeof value !== 'string')
          expect(() => parseChanges({ visitId: value })).toThrow('visitId must be a string');
      }),
    ));

  it('of a length, form or character that the README excludes are rejected', () =>
    holds(
      fc.property(
        acceptedValue,
        fc.constantFrom(
          '\0',
          '\n',
          '\u001f',
          '\u007f',
          '\u0080',
          '\u009f',
          '\ud800',
          '\udc00',
          'x'.repeat(256),
        ),
        fc.nat(256),
        (value, wrong, at) => {
          const text = [...value];
          text.splice(at, 0, wrong);
          const isValid =
            text.join('').isWellFormed() && text.join('').length <= 256 && !/\p{Cc}/u.test(text.join(''));
          if (!isValid) expect(associationProblem(text.join(''))).toBeTypeOf('string');
        },
      ),
    ));
});

describe('the signed cookie', { timeout: TIME_LIMIT }, () => {
  const secret = fc.string({ unit: 'binary', minLength: 1, maxLength: 64, size: 'max' });
  const cookieOf = (id: string, ...secrets: string[]) => {
    const settings = checkCookieOptions('test', { secret: secrets });
    const [cookie = ''] = setCookieHeader(settings, id, { isSecure: false, now: 0 }).split(';');
    return { settings, cookie };
  };

  it('returns the ID that was signed, also after a rotation of the secret', () =>
    holds(
      fc.property(sessionId, secret, secret, (id, one, other) => {
        const { cookie, settings } = cookieOf(id, one);
        expect(isSessionId(id)).toBe(true);
        expect(readSignedCookie(cookie, settings)).toBe(id);
        expect(readSignedCookie(cookie, cookieOf(id, other, one).settings)).toBe(id);
        if (one !== other) expect(readSignedCookie(cookie, cookieOf(id, other).settings)).toBeUndefined();
      }),
    ));

  it('returns nothing if any byte was changed', () =>
    holds(
      fc.property(
        sessionId,
        secret,
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (id, one, position, change) => {
          const { cookie, settings } = cookieOf(id, one);
          const bytes = Buffer.from(cookie, 'latin1');
          const at = position % bytes.length;
          bytes[at] = (bytes[at] as number) ^ change;
          const read = readSignedCookie(bytes.toString('latin1'), settings);
          // "%3A" and "%3a" are one character of the value.
          const isSame = decodeURIComponentOr(bytes.toString('latin1')) === decodeURIComponent(cookie);
          expect(read).toBe(isSame ? id : undefined);
        },
      ),
    ));
});

function decodeURIComponentOr(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

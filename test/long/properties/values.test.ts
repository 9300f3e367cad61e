import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  checkCookieOptions,
  findCookies,
  type SessionCookieSettings,
  setCookieHeader,
  verifyCookie,
} from '../../../src/http/cookie/cookie-format.js';
import {
  createSessionInfo,
  isSessionId,
  mergeAssociations,
  parseAssociation,
  parseAssociations,
  parseSessionInfo,
  type SessionAssociations,
  type SessionInfo,
} from '../../../src/session-info.js';
import { acceptedValue, associations, sessionId } from './arbitraries.js';
import { holds, TIME_LIMIT } from './runs.js';

/** As the middleware reads it. */
function readSignedCookie(header: string, settings: SessionCookieSettings): string | undefined {
  const [pair = ''] = findCookies(header, settings.name);
  return verifyCookie(pair, settings);
}

const CREATED = '2026-11-01T10:00:00.000Z';
const UPDATED = '2026-11-01T10:00:01.000Z';

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
const merge = (own: SessionAssociations, ...named: SessionAssociations[]) =>
  named.reduce<SessionInfo>((info, each) => mergeAssociations(info, each, UPDATED), infoOf(own));

const only = (members: SessionAssociations, names: readonly string[]): SessionAssociations =>
  Object.fromEntries(Object.entries(members).filter(([name]) => names.includes(name)));

describe('merging', { timeout: TIME_LIMIT }, () => {
  it('is idempotent', () =>
    holds(
      fc.property(associations, associations, (own, named) => {
        expect(merge(own, named, named)).toEqual(merge(own, named));
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
      fc.property(associations, fc.array(associations, { maxLength: 5 }), (own, writes) => {
        expect(merge(own, ...writes)).toEqual({
          ...infoOf(Object.assign({}, own, ...writes)),
          updatedAt: writes.length > 0 ? UPDATED : CREATED,
        });
      }),
    ));
});

describe('values', { timeout: TIME_LIMIT }, () => {
  it('that are accepted come back as they were', () =>
    holds(
      fc.property(acceptedValue, associations, (value, named) => {
        expect(parseAssociation('visitId', value)).toBe(value);
        expect(parseAssociations(named)).toEqual(named);
        expect(parseSessionInfo(infoOf(named), 's')).toEqual(infoOf(named));
      }),
    ));

  it('of any other kind are refused by a TypeError, or mean nothing', () =>
    holds(
      fc.property(fc.anything({ withBigInt: true, withDate: true, withMap: true }), (value) => {
        if (value === undefined || value === null || value === '') {
          expect(parseAssociation('visitId', value)).toBeUndefined();
        } else if (typeof value !== 'string') {
          expect(() => parseAssociation('visitId', value)).toThrow(TypeError);
        }
      }),
    ));

  it('of the length, the form or the characters that the README rules out are refused', () =>
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
          // Not into a pair, which would be broken by anything.
          const text = [...value];
          text.splice(at, 0, wrong);
          const isPair =
            text.join('').isWellFormed() && text.join('').length <= 256 && !/\p{Cc}/u.test(text.join(''));
          if (!isPair) expect(() => parseAssociation('visitId', text.join(''))).toThrow(TypeError);
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

  it('gives the ID back that was signed, also when the secret has been rotated', () =>
    holds(
      fc.property(sessionId, secret, secret, (id, one, other) => {
        const { cookie, settings } = cookieOf(id, one);
        expect(isSessionId(id)).toBe(true);
        expect(readSignedCookie(cookie, settings)).toBe(id);
        expect(readSignedCookie(cookie, cookieOf(id, other, one).settings)).toBe(id);
        if (one !== other) expect(readSignedCookie(cookie, cookieOf(id, other).settings)).toBeUndefined();
      }),
    ));

  it('gives nothing when any byte of it was changed', () =>
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

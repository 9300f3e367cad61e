import { describe, expect, it } from 'vitest';
import { associationProblem, mergeAssociations, ownMember, parseSessionInfo } from '../src/session-info.js';

const at = '2026-11-01T10:00:00.000Z';
const later = '2026-11-01T10:00:01.000Z';

describe('associationProblem', () => {
  it.each(['v', ' ', 'x'.repeat(256), '🙂'.repeat(128), '0', '"', '\u{10ffff}', '\uffff'])(
    'is undefined for %j',
    (value) => {
      expect(associationProblem(value)).toBeUndefined();
    },
  );

  it.each<[unknown, string]>([
    [undefined, 'must be a string'],
    [null, 'must be a string'],
    [0, 'must be a string'],
    [false, 'must be a string'],
    [{}, 'must be a string'],
    [new String('v'), 'must be a string'],
    ['', 'must not be empty'],
    ['x'.repeat(257), 'must be at most 256 UTF-16 units long'],
    [`${'🙂'.repeat(128)}x`, 'must be at most 256 UTF-16 units long'],
    ['\ud800', 'must be well-formed Unicode (no lone surrogates)'],
    ['\udc00x', 'must be well-formed Unicode (no lone surrogates)'],
    ['a\0', 'must not contain control characters'],
    ['\u007f', 'must not contain control characters'],
    ['\u009f', 'must not contain control characters'],
  ])('of %j: %s', (value, problem) => {
    expect(associationProblem(value)).toBe(problem);
  });
});

describe('mergeAssociations', () => {
  const current = { agentId: 'a', visitId: 'v' };

  it('replaces the given members and keeps the others, in the order of the wire format', () => {
    const merged = mergeAssociations(current, { visitId: 'v2', customerId: 'c' });
    expect(JSON.stringify(merged)).toBe('{"agentId":"a","customerId":"c","visitId":"v2"}');
    expect(current.visitId).toBe('v');
  });

  it('keeps all members without changes', () => {
    expect(mergeAssociations(current, {})).toEqual(current);
    expect(mergeAssociations(current, { agentId: undefined })).toEqual(current);
  });

  it('removes a member that is null', () => {
    expect(mergeAssociations(current, { agentId: null, customerId: null })).toStrictEqual({ visitId: 'v' });
  });

  it('reads own members only', () => {
    const inherited = Object.create({ agentId: 'x', visitId: null, globalVisitId: 'g' });
    expect(mergeAssociations(current, inherited)).toEqual(current);
    expect(mergeAssociations(inherited, {})).toEqual({});
  });
});

describe('parseSessionInfo', () => {
  it('copies the seven members in the order of the wire format, and no other', () => {
    const returned = {
      updatedAt: later,
      extra: 1,
      createdAt: at,
      visitId: 'v',
      agentId: undefined,
      sessionId: 's',
    };
    const info = parseSessionInfo(returned, 's');
    expect(Object.keys(info)).toEqual(['sessionId', 'visitId', 'createdAt', 'updatedAt']);
    expect(info).toSatisfy(Object.isFrozen);
    expect(info).not.toBe(returned);
  });

  it('checks what it copies: a getter cannot return something else afterwards', () => {
    const ids = ['s', 'somebody else'];
    const returned = {
      get sessionId() {
        return ids.shift();
      },
      createdAt: at,
      updatedAt: at,
    };
    expect(parseSessionInfo(returned, 's').sessionId).toBe('s');
    expect(ids).toEqual(['somebody else']);
  });

  it('reads own members only', () => {
    const inherited = { agentId: 'x', customerId: 'x', visitId: 'x', globalVisitId: 'x' };
    const returned = Object.assign(Object.create(inherited), {
      sessionId: 's',
      createdAt: at,
      updatedAt: at,
    });
    expect(parseSessionInfo(returned, 's')).toStrictEqual({ sessionId: 's', createdAt: at, updatedAt: at });
    expect(() => parseSessionInfo(Object.create(returned), 's')).toThrow(TypeError);
  });

  it.each<[object]>([
    [{ createdAt: '0000-01-01T00:00:00.000Z' }],
    [{ createdAt: '9999-12-31T23:59:59.999Z' }],
    [{ updatedAt: '2026-10-09T10:09:09.090Z' }],
    [{ updatedAt: '2026-09-20T19:30:30.123Z' }],
    [{ updatedAt: '2026-02-30T20:00:00.000Z' }],
    [{ agentId: 'a', customerId: 'c', visitId: 'v', globalVisitId: 'g' }],
  ])('accepts %j', (members) => {
    const info = { sessionId: 's', createdAt: at, updatedAt: at, ...members };
    expect(parseSessionInfo(info, 's')).toEqual(info);
  });

  it.each<[unknown, string]>([
    [undefined, 'the store did not return a SessionInfo'],
    [null, 'the store did not return a SessionInfo'],
    ['s', 'the store did not return a SessionInfo'],
    [{ sessionId: 't' }, 'the store returned another session'],
    [{ customerId: '' }, 'the store returned an invalid customerId: it must not be empty'],
    [{ agentId: null }, 'the store returned an invalid agentId: it must be a string'],
    [
      { visitId: 'x'.repeat(257) },
      'the store returned an invalid visitId: it must be at most 256 UTF-16 units long',
    ],
    ...[
      undefined,
      7,
      new Date(0),
      [at],
      '',
      'now',
      '1767225600000',
      ` ${at}`,
      `${at} `,
      `${at}\n${at}`,
      at.toLowerCase(),
      '226-11-01T10:00:00.000Z',
      '12026-11-01T10:00:00.000Z',
      '+012026-11-01T10:00:00.000Z',
      'a026-11-01T10:00:00.000Z',
      '2026-00-01T10:00:00.000Z',
      '2026-13-01T10:00:00.000Z',
      '2026-20-01T10:00:00.000Z',
      '2026-0a-01T10:00:00.000Z',
      '2026-1-01T10:00:00.000Z',
      '2026-11-00T10:00:00.000Z',
      '2026-11-32T10:00:00.000Z',
      '2026-11-40T10:00:00.000Z',
      '2026-11-0aT10:00:00.000Z',
      '2026-11-2aT10:00:00.000Z',
      '2026-11-1T10:00:00.000Z',
      '2026-11-01T24:00:00.000Z',
      '2026-11-01T30:00:00.000Z',
      '2026-11-01T0a:00:00.000Z',
      '2026-11-01T1:00:00.000Z',
      '2026-11-01T10:60:00.000Z',
      '2026-11-01T10:0a:00.000Z',
      '2026-11-01T10:0:00.000Z',
      '2026-11-01T10:00:60.000Z',
      '2026-11-01T10:00:0a.000Z',
      '2026-11-01T10:00:0.000Z',
      '2026-11-01T10:00:00.00Z',
      '2026-11-01T10:00:00.0000Z',
      '2026-11-01T10:00:00.aaaZ',
      '2026-11-01T10:00:00x000Z',
      '2026-11-01T10:00:00.000',
      '2026-11-01T10:00:00.000+00:00',
    ].map((createdAt): [unknown, string] => [
      { createdAt },
      'the store returned an invalid createdAt: it must be an ISO 8601 time in UTC with ms',
    ]),
    [
      { updatedAt: 'now' },
      'the store returned an invalid updatedAt: it must be an ISO 8601 time in UTC with ms',
    ],
  ])('rejects %j: %s', (wrong, message) => {
    const returned =
      typeof wrong === 'object' && wrong !== null
        ? { sessionId: 's', createdAt: at, updatedAt: at, ...wrong }
        : wrong;
    expect(() => parseSessionInfo(returned, 's')).toThrow(new TypeError(message));
  });
});

describe('ownMember', () => {
  it('returns a member of the object itself', () => {
    expect(ownMember({ a: 1 }, 'a')).toBe(1);
    expect(ownMember(Object.assign(Object.create(null), { a: 1 }), 'a')).toBe(1);
    expect(ownMember(Object.create({ a: 1 }), 'a')).toBeUndefined();
    expect(ownMember({} as { toString?: unknown }, 'toString')).toBeUndefined();
  });
});

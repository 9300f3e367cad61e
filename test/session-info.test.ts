import { describe, expect, it } from 'vitest';
import {
  createSessionInfo,
  InvalidAssociationError,
  isSessionId,
  mergeAssociations,
  parseAssociation,
  parseAssociations,
  parseSessionInfo,
} from '../src/session-info.js';

const at = '2026-11-01T10:00:00.000Z';
const later = '2026-11-01T10:00:01.000Z';

describe('parseAssociation', () => {
  it.each([undefined, null, ''])('takes %j for "leave as it is"', (value) => {
    expect(parseAssociation('visitId', value)).toBeUndefined();
  });

  it.each(['v', ' ', 'x'.repeat(256), '🙂'.repeat(128), '0', '"', '\u{10ffff}', '\uffff'])(
    'takes %j',
    (value) => {
      expect(parseAssociation('visitId', value)).toBe(value);
    },
  );

  it.each<[unknown, string]>([
    [0, 'visitId must be a string'],
    [false, 'visitId must be a string'],
    [{}, 'visitId must be a string'],
    [new String('v'), 'visitId must be a string'],
    ['x'.repeat(257), 'visitId must have at most 256 UTF-16 units'],
    [`${'🙂'.repeat(128)}x`, 'visitId must have at most 256 UTF-16 units'],
    ['\ud800', 'visitId must be well-formed Unicode (no lone surrogates)'],
    ['\udc00x', 'visitId must be well-formed Unicode (no lone surrogates)'],
    ['a\0', 'visitId must not contain control characters'],
    ['\u007f', 'visitId must not contain control characters'],
    ['\u009f', 'visitId must not contain control characters'],
  ])('refuses %j: %s', (value, message) => {
    expect(() => parseAssociation('visitId', value)).toThrow(new InvalidAssociationError(message));
  });
});

describe('parseAssociations', () => {
  it('takes the named members, and no other', () => {
    const input = { agentId: 'a', customerId: null, visitId: '', other: 1, sessionId: 's' };
    expect(parseAssociations(input)).toEqual({ agentId: 'a' });
    expect(parseAssociations({ agentId: 'a', visitId: 'v' }, ['visitId'])).toEqual({ visitId: 'v' });
  });

  it('takes the getters of a class, and nothing out of Object.prototype', () => {
    class User {
      get customerId() {
        return 'c';
      }
    }
    expect(parseAssociations(new User())).toEqual({ customerId: 'c' });
    expect(parseAssociations(JSON.parse('{"__proto__":{"visitId":"v"}}'))).toEqual({});
    try {
      Object.assign(Object.prototype, { visitId: 'polluted' });
      expect(parseAssociations({ agentId: 'a' })).toEqual({ agentId: 'a' });
    } finally {
      delete (Object.prototype as { visitId?: string }).visitId;
    }
  });

  it.each([undefined, null, 7, 'text', []])('refuses %j', (input) => {
    expect(() => parseAssociations(input as never)).toThrow('the associations must be an object');
  });
});

describe('mergeAssociations', () => {
  const current = createSessionInfo({
    sessionId: 's',
    agentId: 'a',
    customerId: undefined,
    visitId: 'v',
    globalVisitId: undefined,
    createdAt: at,
    updatedAt: at,
  });

  it('puts the named members in place, keeps the others, and is frozen', () => {
    const merged = mergeAssociations(current, { visitId: 'v2', customerId: 'c' }, later);
    expect(JSON.stringify(merged)).toBe(
      `{"sessionId":"s","agentId":"a","customerId":"c","visitId":"v2","createdAt":"${at}","updatedAt":"${later}"}`,
    );
    expect(merged).toSatisfy(Object.isFrozen);
    expect(current.visitId).toBe('v');
  });

  it('that names nothing keeps all', () => {
    expect(mergeAssociations(current, {}, at)).toEqual(current);
  });
});

describe('parseSessionInfo', () => {
  it('copies the seven members in the order of the wire, and no other', () => {
    const response = {
      updatedAt: later,
      extra: 1,
      createdAt: at,
      visitId: 'v',
      agentId: undefined,
      sessionId: 's',
    };
    const info = parseSessionInfo(response, 's');
    expect(Object.keys(info)).toEqual(['sessionId', 'visitId', 'createdAt', 'updatedAt']);
    expect(info).toSatisfy(Object.isFrozen);
    expect(info).not.toBe(response);
  });

  it('checks what it copies: a getter can not answer something else afterwards', () => {
    const responses = ['s', 'somebody else'];
    const response = {
      get sessionId() {
        return responses.shift();
      },
      createdAt: at,
      updatedAt: at,
    };
    expect(parseSessionInfo(response, 's').sessionId).toBe('s');
    expect(responses).toEqual(['somebody else']);
  });

  it.each<[object]>([
    [{ createdAt: '0000-01-01T00:00:00.000Z' }],
    [{ createdAt: '9999-12-31T23:59:59.999Z' }],
    [{ updatedAt: '2026-10-09T10:09:09.090Z' }],
    [{ updatedAt: '2026-09-20T19:30:30.123Z' }],
    [{ updatedAt: '2026-02-30T20:00:00.000Z' }],
    [{ agentId: 'a', customerId: 'c', visitId: 'v', globalVisitId: 'g' }],
  ])('takes %j', (members) => {
    const info = { sessionId: 's', createdAt: at, updatedAt: at, ...members };
    expect(parseSessionInfo(info, 's')).toEqual(info);
  });

  it.each<[unknown, string]>([
    [undefined, 'the answer is not a SessionInfo'],
    [null, 'the answer is not a SessionInfo'],
    ['s', 'the answer is not a SessionInfo'],
    [{ sessionId: 't' }, 'the answer has the sessionId of another session'],
    [{ customerId: '' }, 'customerId of the answer must not be empty'],
    [{ agentId: null }, 'agentId of the answer must be a string'],
    [{ visitId: 'x'.repeat(257) }, 'visitId of the answer must have at most 256 UTF-16 units'],
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
      'createdAt of the answer is not an ISO 8601 time in UTC with ms',
    ]),
    [{ updatedAt: 'now' }, 'updatedAt of the answer is not an ISO 8601 time in UTC with ms'],
  ])('refuses %j: %s', (wrong, message) => {
    const response =
      typeof wrong === 'object' && wrong !== null
        ? { sessionId: 's', createdAt: at, updatedAt: at, ...wrong }
        : wrong;
    expect(() => parseSessionInfo(response, 's')).toThrow(new TypeError(message));
  });
});

describe('InvalidAssociationError', () => {
  it('is what error handlers know as a client error', () => {
    expect(new InvalidAssociationError('wrong')).toMatchObject({
      name: 'InvalidAssociationError',
      code: 'invalid_field',
      status: 400,
      statusCode: 400,
      message: 'wrong',
    });
  });
});

describe('isSessionId', () => {
  it.each(['a', '0', '-', '_', '~', '...', 'x'.repeat(128), 'newer', 'ne', '__proto__'])(
    '%j is one',
    (id) => {
      expect(isSessionId(id)).toBe(true);
    },
  );

  it.each([
    '',
    '.',
    '..',
    'new',
    'NEW',
    'nEw',
    'x'.repeat(129),
    'a b',
    'a/b',
    'a\n',
    'é',
    'a%20',
    'a\0',
    7,
    null,
    undefined,
  ])('%j is none', (id) => {
    expect(isSessionId(id)).toBe(false);
  });
});

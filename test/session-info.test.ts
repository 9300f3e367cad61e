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

  it('takes the getters of a class, and nothing out of Object.prototype [ASVS 15.3.6]', () => {
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
  it('copies the seven members in the order of the wire, and no other [ASVS 15.3.1]', () => {
    const answer = {
      updatedAt: later,
      extra: 1,
      createdAt: at,
      visitId: 'v',
      agentId: undefined,
      sessionId: 's',
    };
    const info = parseSessionInfo(answer, 's');
    expect(Object.keys(info)).toEqual(['sessionId', 'visitId', 'createdAt', 'updatedAt']);
    expect(info).toSatisfy(Object.isFrozen);
    expect(info).not.toBe(answer);
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

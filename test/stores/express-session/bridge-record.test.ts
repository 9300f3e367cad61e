import { describe, expect, it, onTestFinished } from 'vitest';
import { parseRecord, storedRecord } from '../../../src/stores/express-session/bridge-record.js';

const record = { sessionId: 'id', agentId: 'a', createdAt: 1, updatedAt: 2, expiresAt: 10 };

describe('parseRecord', () => {
  it('reads what storedRecord stores', () => {
    expect(parseRecord('id', JSON.parse(JSON.stringify(storedRecord(record, 4))))).toEqual(record);
  });

  it.each([
    ['a session of express-session', { cookie: {}, user: 'somebody' }],
    ['null', { sessionInfo: null }],
    ['another session', { sessionInfo: { ...record, sessionId: 'ID' } }],
    ['a record without times', { sessionInfo: { sessionId: 'id' } }],
    ['text', 'text' as never],
  ])('throws for %s', (_, stored) => {
    expect(() => parseRecord('id', stored)).toThrow('set another "prefix"');
  });

  it('reads nothing that a polluted Object.prototype adds', () => {
    for (const [name, value] of Object.entries({
      customerId: 'polluted',
      sessionInfo: record,
      createdAt: 1,
    })) {
      Object.defineProperty(Object.prototype, name, { value, configurable: true });
      onTestFinished(() => void Reflect.deleteProperty(Object.prototype, name));
    }
    expect(parseRecord('id', { sessionInfo: record }).customerId).toBeUndefined();
    expect(() => parseRecord('id', {})).toThrow(TypeError);
    const { createdAt, ...incomplete } = record;
    expect(() => parseRecord('id', { sessionInfo: incomplete })).toThrow(TypeError);
  });
});

it('storedRecord tells each store how long the record is needed', () => {
  expect(storedRecord(record, 4)).toEqual({
    cookie: { originalMaxAge: 6, maxAge: 6, expires: new Date(10) },
    sessionInfo: record,
  });
});

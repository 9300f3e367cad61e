import { describe, expect, it } from 'vitest';
import { checkCustomerCall } from '../../../src/stores/shared/check-customer-call.js';

describe('a call of CustomerSessions', () => {
  it('is given its own options, each of them optional', () => {
    const polluted: { except?: string } = Object.create({ except: 'polluted' });
    expect(checkCustomerCall('deleteByCustomer', 'c', { except: 'a' }).except).toBe('a');
    expect(checkCustomerCall('deleteByCustomer', 'c', polluted).except).toBeUndefined();
    expect(checkCustomerCall('listByCustomer', 'c', { limit: 1000 }).limit).toBe(1000);
    expect(checkCustomerCall('listByCustomer', 'c', { limit: undefined }).limit).toBeUndefined();
    expect({ ...checkCustomerCall('listByCustomer', 'c', undefined) }).toEqual({});
  });

  it.each([
    [{ expect: 'a' }, 'deleteByCustomer: unknown option "expect"; use except'],
    [{ except: 7 }, 'deleteByCustomer: option "except" must be the ID of a session'],
    [['a'], 'deleteByCustomer: options must be an object'],
    ['a', 'deleteByCustomer: options must be an object'],
    [null, 'deleteByCustomer: options must be an object'],
  ])('with the options %j throws a TypeError that names the fix', (options, message) => {
    expect(() => checkCustomerCall('deleteByCustomer', 'c', options as object)).toThrow(
      new TypeError(message),
    );
  });

  it.each([0, 1001, 1.5, '10', Number.NaN, null])('with the limit %j throws a TypeError', (limit) => {
    expect(() => checkCustomerCall('listByCustomer', 'c', { limit })).toThrow(
      new TypeError('listByCustomer: option "limit" must be a whole number of sessions from 1 to 1000'),
    );
  });

  it.each([
    [undefined, 'must be a string'],
    ['', 'must not be empty'],
    ['x'.repeat(257), 'must be at most 256 UTF-16 units long'],
  ])('with the customerId %j throws a TypeError', (customerId, problem) => {
    expect(() => checkCustomerCall('listByCustomer', customerId, undefined)).toThrow(
      new TypeError(`listByCustomer: customerId ${problem}`),
    );
  });
});

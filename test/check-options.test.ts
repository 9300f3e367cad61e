import { describe, expect, it } from 'vitest';
import { checkOptions, isBoolean, isFunction, isInteger, isOneOf } from '../src/check-options.js';

const rules = { on: isBoolean, max: isInteger('calls', 1, 9), mode: isOneOf('a', true), hook: isFunction };
const check = (options: unknown) => checkOptions('factory', options, rules);

describe('checkOptions', () => {
  it('returns the options', () => {
    const hook = () => {};
    expect({ ...(check({ on: true, max: 9, mode: 'a', hook }) as object) }).toEqual({
      on: true,
      max: 9,
      mode: 'a',
      hook,
    });
    expect({ ...(check({}) as object) }).toEqual({});
    expect({ ...(check({ on: undefined }) as object) }).toEqual({ on: undefined });
  });

  it.each<[unknown, string]>([
    [null, 'factory: options must be an object'],
    [undefined, 'factory: options must be an object'],
    ['on', 'factory: options must be an object'],
    [[], 'factory: options must be an object'],
    [{ off: true }, 'factory: unknown option "off"; use on, max, mode, hook'],
    [{ off: undefined }, 'factory: unknown option "off"; use on, max, mode, hook'],
    [{ toString: 1 }, 'factory: unknown option "toString"; use on, max, mode, hook'],
    [JSON.parse('{"__proto__":1}'), 'factory: unknown option "__proto__"; use on, max, mode, hook'],
    [{ on: null }, 'factory: option "on" must be true or false'],
    [{ on: 'secret' }, 'factory: option "on" must be true or false'],
    [{ max: 0 }, 'factory: option "max" must be a whole number of calls from 1 to 9'],
    [{ max: 10 }, 'factory: option "max" must be a whole number of calls from 1 to 9'],
    [{ max: 1.5 }, 'factory: option "max" must be a whole number of calls from 1 to 9'],
    [{ max: Number.NaN }, 'factory: option "max" must be a whole number of calls from 1 to 9'],
    [{ mode: 'b' }, 'factory: option "mode" must be "a" or true'],
    [{ hook: {} }, 'factory: option "hook" must be a function'],
  ])('rejects %j: %s', (options, message) => {
    expect(() => check(options)).toThrow(new TypeError(message));
  });

  it('reads each option once', () => {
    let reads = 0;
    const options = {
      get max() {
        return reads++ === 0 ? 5 : 'wrong';
      },
    };
    expect(check(options)).toMatchObject({ max: 5 });
  });

  it('reads own options only, and returns an object without a prototype', () => {
    const own = check(Object.create({ on: 'wrong', max: 5 })) as { on?: unknown; toString?: unknown };
    expect([own.on, own.toString]).toEqual([undefined, undefined]);
  });
});

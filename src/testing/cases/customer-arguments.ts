import { strict as assert } from 'node:assert';
import { inspect } from 'node:util';
import type { Method } from '../harness/by-both-methods.js';
import { expectSession } from '../harness/expect-session.js';
import { freshValue } from '../harness/fresh.js';
import type { Check, PromiseCases } from '../harness/kit-cases.js';
import { openWithSession } from '../harness/open-with-session.js';
import type { StoreUnderTest } from '../harness/store-under-test.js';

/** Customer IDs that no session can have. */
const invalid: Record<string, unknown[]> = {
  'none at all': [undefined, null],
  'not a string': [7, true, ['a'], {}],
  empty: [''],
  'longer than 256 units': ['x'.repeat(257)],
  'not well-formed': ['a\ud800'],
  'a control character': ['a\nb', '\0'],
};

export const customerArgumentsCases: PromiseCases = {
  'An unknown or wrong option throws or rejects with a TypeError, and ends nothing': {
    'a limit out of range': refusesOptions('listByCustomer', { limit: 0 }, { limit: -1 }, { limit: 1001 }),
    'a limit that is not a whole number': refusesOptions(
      'listByCustomer',
      ...[1.5, Number.NaN, Number.POSITIVE_INFINITY].map((limit) => ({ limit })),
    ),
    'a limit that is not a number': refusesOptions(
      'listByCustomer',
      ...['10', null, true, 10n].map((limit) => ({ limit })),
    ),
    'an except that is not a string': refusesOptions(
      'deleteByCustomer',
      ...[null, 7, true, { sessionId: 'a' }].map((except) => ({ except })),
    ),
    'an unknown option, listed': refusesOptions('listByCustomer', { max: 5 }, { limit: 5, offset: 5 }),
    'an unknown option, ended': refusesOptions('deleteByCustomer', { expect: 'a' }, { except: 'a', b: 1 }),
    'the option of the other method, listed': refusesOptions('listByCustomer', { except: 'a' }),
    'the option of the other method, ended': refusesOptions('deleteByCustomer', { limit: 5 }),
  },
  'A `customerId` that is not a valid association throws or rejects with a TypeError': Object.fromEntries(
    Object.entries(invalid).flatMap(([name, ids]) => [
      [`${name}, listed`, refusesCustomers('listByCustomer', ids)],
      [`${name}, ended`, refusesCustomers('deleteByCustomer', ids)],
    ]),
  ),
};

function refusesOptions(method: Method, ...wrong: object[]): Check {
  return async (open) => {
    const customerId = freshValue();
    const { store, id } = await openWithSession(open, { customerId });
    for (const options of wrong) {
      await expectTypeError(store, method, [customerId, options], `the options ${inspect(options)}`);
      expectSession('get', await store.get(id));
    }
  };
}

function refusesCustomers(method: Method, ids: unknown[]): Check {
  return async (open) => {
    const store = await open();
    for (const id of ids) await expectTypeError(store, method, [id], `the customerId ${inspect(id)}`);
  };
}

async function expectTypeError(store: StoreUnderTest, method: Method, args: unknown[], given: string) {
  const error = await store.errorOf(method, args);
  const isTypeError = error instanceof TypeError || (error as Error | undefined)?.name === 'TypeError';
  assert.ok(isTypeError, `store.${method} must throw a TypeError for ${given}`);
}

import { strict as assert } from 'node:assert';
import { type Method, resultOf, VERB } from '../harness/by-both-methods.js';
import { showIds } from '../harness/customers.js';
import { freshDigits, freshValue } from '../harness/fresh.js';
import type { Check, PromiseCases } from '../harness/kit-cases.js';
import { createSession } from '../harness/open-with-session.js';

/** Customer IDs, of which the first must not be taken for one of the others. */
const similar: Record<string, (id: string) => [string, ...string[]]> = {
  'letter case': (id) => [`${id}-a`, `${id}-A`, id.toUpperCase()],
  'spaces at the ends': (id) => [id, `${id} `, ` ${id}`, `${id}\u00a0`],
  'an ID that others begin or end with': (id) => [id, `${id}a`, `${id}:a`, `a:${id}`, `${id}*`],
  accents: (id) => [`${id}\u00e9`, `${id}e\u0301`, `${id}e`],
  wildcards: (id) => [`${id}%`, `${id}a`, `${id}_`, `${id}*`],
  quotes: (id) => [`${id}' OR '1'='1`, id, `${id}''`],
  'the same number': () => {
    const digits = freshDigits();
    return [digits, `0${digits}`, `${digits}.0`, `${digits}e0`];
  },
  'the last of 256 units': (id) => [
    `${id.padEnd(255, 'x')}a`,
    `${id.padEnd(255, 'x')}b`,
    id.padEnd(255, 'x'),
  ],
};

export const customerIdCases: PromiseCases = {
  'It compares customer IDs exactly': Object.fromEntries(
    Object.entries(similar).flatMap(([difference, idsLike]) => [
      [`${difference}, listed`, comparesExactly(idsLike, 'listByCustomer')],
      [`${difference}, ended`, comparesExactly(idsLike, 'deleteByCustomer')],
    ]),
  ),
};

function comparesExactly(idsLike: (id: string) => [string, ...string[]], method: Method): Check {
  return async (open) => {
    const store = await open();
    const [own, ...others] = idsLike(freshValue());
    const { id } = await createSession(store, { customerId: own });
    const created = await Promise.all(others.map((customerId) => createSession(store, { customerId })));
    const result = await resultOf(store, method, own, [id, ...created.map((session) => session.id)]);
    const task = `store.${method} must ${VERB[method]} the sessions of exactly this customer, ${id}`;
    assert.deepEqual(result, [id], `${task}, not ${showIds(result)}`);
  };
}

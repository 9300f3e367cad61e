import type { CustomerSessions, SessionStore } from '../session-store.js';
import { customerArgumentsCases } from './cases/customer-arguments.js';
import { customerExcludesCases } from './cases/customer-excludes.js';
import { customerIdCases } from './cases/customer-ids.js';
import { customerIncludesCases } from './cases/customer-includes.js';
import { deleteByCustomerCases } from './cases/delete-by-customer.js';
import { listByCustomerCases } from './cases/list-by-customer.js';
import { type CreateStore, type KitOptions, listCases, type SessionStoreCase } from './harness/kit-cases.js';

/**
 * What every `CustomerSessions` must do, as data for any test runner, next to {@link sessionStoreCases}: the same holds for
 * `createStore`, for `pace` and for time. A case uses customer IDs of its own.
 *
 * Throws a TypeError if `createStore` is not a function or an option is not valid.
 */
export function customerSessionsCases(
  createStore: CreateStore<SessionStore & CustomerSessions>,
  options?: KitOptions,
): SessionStoreCase[] {
  return listCases('customerSessionsCases', promises, createStore, options);
}

const promises = [
  customerIncludesCases,
  customerExcludesCases,
  customerIdCases,
  customerArgumentsCases,
  listByCustomerCases,
  deleteByCustomerCases,
];

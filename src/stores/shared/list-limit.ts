import { checkCustomerCall } from './check-customer-call.js';

/** How many sessions `listByCustomer` returns at most: `limit`, by default 100. Throws a TypeError for a wrong call. */
export function listLimit(customerId: unknown, options?: { readonly limit?: number | undefined }): number {
  return checkCustomerCall('listByCustomer', customerId, options).limit ?? 100;
}

import type { Comparison } from '../comparison.ts';
import { ASSOCIATIONS } from '../visitors.ts';

/** A route of the host's, asked with the visitor's cookie, which answers the customer of the session. */
export const HOST_ROUTE: Pick<Comparison, 'request' | 'answer'> = {
  request: ({ cookie }) => ({ method: 'GET', path: '/articles', headers: { cookie } }),
  answer: {
    status: 200,
    body: { readBy: ASSOCIATIONS.customerId },
    headers: { 'content-type': 'application/json; charset=utf-8' },
  },
};

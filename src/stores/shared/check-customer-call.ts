import { checkOptions } from '../../check-options.js';
import { associationProblem } from '../../session-info.js';
import { customerCallRules } from '../../session-store.js';

/**
 * A copy of the options of a call of `CustomerSessions`. Throws a TypeError for a customer ID that no session can have, and for an
 * unknown or wrong option: with `except` misspelt, a call would end all sessions.
 */
export function checkCustomerCall<Options extends object>(
  method: keyof typeof customerCallRules,
  customerId: unknown,
  options: Partial<Options> = {},
): Partial<Options> {
  const problem = associationProblem(customerId);
  if (problem !== undefined) throw new TypeError(`${method}: customerId ${problem}`);
  return checkOptions(method, options, customerCallRules[method]);
}

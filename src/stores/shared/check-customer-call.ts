import { checkOptions, isInteger, type OptionRule } from '../../check-options.js';
import { associationProblem } from '../../session-info.js';

/**
 * A copy of the options of a call of `CustomerSessions`. Throws a TypeError for a customer ID that no session can have, and for an
 * unknown or wrong option: with `except` misspelt, a call would end all sessions.
 */
export function checkCustomerCall<Options extends object>(
  method: keyof typeof rules,
  customerId: unknown,
  options: Partial<Options> = {},
): Partial<Options> {
  const problem = associationProblem(customerId);
  if (problem !== undefined) throw new TypeError(`${method}: customerId ${problem}`);
  return checkOptions(method, options, rules[method]);
}

const isString: OptionRule = { valid: (value) => typeof value === 'string', fix: 'the ID of a session' };
const rules = {
  listByCustomer: { limit: isInteger('sessions', 1, 1000) },
  deleteByCustomer: { except: isString },
};

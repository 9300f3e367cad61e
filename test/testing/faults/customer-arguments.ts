import { both, type Fault, type Faults } from '../fault.js';
import { WRONG_CUSTOMER, WRONG_OPTION } from '../promises.js';
import type { Backend } from '../reference-store.js';

export const customerArgumentsFaults: Faults = {
  [WRONG_OPTION]: [
    {
      fault: 'throws a RangeError',
      plant(backend) {
        backend.checkOption = withRangeError(backend.checkOption);
      },
    },
    {
      fault: 'throws after it ended them',
      plant(backend) {
        const { checkOption } = backend;
        backend.checkOption = (name, value, method) => {
          try {
            checkOption(name, value, method);
          } catch (error) {
            if (method === 'deleteByCustomer') for (const id of backend.idsOf('')) backend.rows.delete(id);
            throw error;
          }
        };
      },
      in: [
        'an except that is not a string',
        'an unknown option, ended',
        'the option of the other method, ended',
      ],
    },
    takingLimit('any whole number', Number.isInteger, 'a limit out of range'),
    takingLimit(
      'fractions',
      (limit) => typeof limit === 'number' && !Number.isInteger(limit),
      'a limit that is not a whole number',
    ),
    takingLimit(
      'a limit that is not a number',
      (limit) => typeof limit !== 'number',
      'a limit that is not a number',
    ),
    taking(
      'an except that is not a string',
      (name, _, method) => name === 'except' && method === 'deleteByCustomer',
      ['an except that is not a string'],
    ),
    taking(
      'options that it does not know',
      (name) => name !== 'limit' && name !== 'except',
      both('an unknown option'),
    ),
    taking(
      'the options of both methods',
      (name, _, method) => name === (method === 'listByCustomer' ? 'except' : 'limit'),
      both('the option of the other method'),
    ),
  ],

  [WRONG_CUSTOMER]: [
    {
      fault: 'throws a RangeError',
      plant(backend) {
        backend.checkCustomer = withRangeError(backend.checkCustomer);
      },
    },
    serving('none', (id) => id === undefined || id === null, 'none at all'),
    serving('what is not a string', (id) => typeof id !== 'string' && id != null, 'not a string'),
    serving('the empty text', (id) => id === '', 'empty'),
    serving('long texts', (id) => String(id).length > 256, 'longer than 256 units'),
    serving('lone surrogates', (id) => !String(id).isWellFormed(), 'not well-formed'),
    serving('control characters', (id) => /\p{Cc}/u.test(String(id)), 'a control character'),
  ],
};

function withRangeError<Args extends unknown[]>(check: (...args: Args) => void): typeof check {
  return (...args) => {
    try {
      check(...args);
    } catch {
      throw new RangeError('wrong');
    }
  };
}

/** Lets some wrong options pass. */
function taking(
  what: string,
  isTaken: (...option: Parameters<Backend['checkOption']>) => boolean,
  situations: string[],
): Fault {
  return {
    fault: `takes ${what}`,
    plant(backend) {
      const { checkOption } = backend;
      backend.checkOption = (...option) => {
        if (!isTaken(...option)) checkOption(...option);
      };
    },
    in: situations,
  };
}

function takingLimit(what: string, isTaken: (limit: unknown) => boolean, situation: string): Fault {
  return taking(
    what,
    (name, value, method) => name === 'limit' && method === 'listByCustomer' && isTaken(value),
    [situation],
  );
}

/** Lets some wrong customer IDs pass. */
function serving(what: string, isServed: (customerId: unknown) => boolean, situation: string): Fault {
  return {
    fault: `serves ${what}`,
    plant(backend) {
      const { checkCustomer } = backend;
      backend.checkCustomer = (customerId, method) => {
        if (!isServed(customerId)) checkCustomer(customerId, method);
      };
    },
    in: both(situation),
  };
}

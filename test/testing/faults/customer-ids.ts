import { both, type Fault, type Faults } from '../fault.js';
import { EXACT_CUSTOMERS } from '../promises.js';

export const customerIdsFaults: Faults = {
  [EXACT_CUSTOMERS]: [
    loose('ignores letter case', (id) => id.toLowerCase(), 'letter case'),
    loose('trims', (id) => id.trim(), 'spaces at the ends'),
    loose('composes accents', (id) => id.normalize('NFC'), 'accents'),
    loose(
      'compares numbers',
      (id) => (Number.isNaN(Number(id)) ? id : String(Number(id))),
      'the same number',
    ),
    loose('compares 255 units', (id) => id.slice(0, 255), 'the last of 256 units'),
    {
      fault: 'compares by LIKE',
      plant(backend) {
        backend.isOf = (row, customerId) => {
          const pattern = customerId.replace(/[$()*+.?[\\\]^{|}]/g, '\\$&').replaceAll('%', '.*');
          return new RegExp(`^${pattern.replaceAll('_', '.')}$`, 's').test(row.associations.customerId ?? '');
        };
      },
      in: both('wildcards'),
    },
    {
      fault: 'compares the beginning',
      plant(backend) {
        backend.isOf = (row, customerId) => row.associations.customerId?.startsWith(customerId) ?? false;
      },
      in: both('spaces at the ends', 'an ID that others begin or end with', 'the same number'),
    },
    {
      fault: 'does not escape quotes',
      plant(backend) {
        const { isOf } = backend;
        backend.isOf = (row, customerId, method) => customerId.includes("'") || isOf(row, customerId, method);
      },
      in: both('quotes'),
    },
  ],
};

function loose(fault: string, reduce: (id: string) => string, difference: string): Fault {
  return {
    fault,
    plant(backend) {
      backend.isOf = (row, customerId) => {
        const { customerId: own } = row.associations;
        return own !== undefined && reduce(own) === reduce(customerId);
      };
    },
    in: both(difference),
  };
}

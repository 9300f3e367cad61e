import { customerSessionsCases } from '../../src/testing/index.js';
import { customerArgumentsFaults } from './faults/customer-arguments.js';
import { customerExcludesFaults } from './faults/customer-excludes.js';
import { customerIdsFaults } from './faults/customer-ids.js';
import { customerIncludesFaults } from './faults/customer-includes.js';
import { deleteByCustomerFaults } from './faults/delete-by-customer.js';
import { listByCustomerFaults } from './faults/list-by-customer.js';
import { proveKit } from './prove-kit.js';

proveKit(customerSessionsCases, {
  ...customerArgumentsFaults,
  ...customerExcludesFaults,
  ...customerIdsFaults,
  ...customerIncludesFaults,
  ...listByCustomerFaults,
  ...deleteByCustomerFaults,
});

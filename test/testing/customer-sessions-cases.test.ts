import { customerSessionsCases } from '../../src/testing/index.js';
import { customerExcludesFaults } from './faults/customer-excludes.js';
import { customerIdsFaults } from './faults/customer-ids.js';
import { customerIncludesFaults } from './faults/customer-includes.js';
import { deleteByCustomerFaults } from './faults/delete-by-customer.js';
import { listByCustomerFaults } from './faults/list-by-customer.js';
import { proveKit } from './prove-kit.js';

proveKit(customerSessionsCases, {
  ...customerExcludesFaults,
  ...customerIdsFaults,
  ...customerIncludesFaults,
  ...listByCustomerFaults,
  ...deleteByCustomerFaults,
});

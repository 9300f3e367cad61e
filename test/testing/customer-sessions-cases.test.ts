import { customerSessionsCases } from '../../src/testing/index.js';
import { customerExcludesFaults } from './cases/customer-excludes.js';
import { customerIdsFaults } from './cases/customer-ids.js';
import { customerIncludesFaults } from './cases/customer-includes.js';
import { deleteByCustomerFaults } from './cases/delete-by-customer.js';
import { listByCustomerFaults } from './cases/list-by-customer.js';
import { proveKit } from './prove-kit.js';

proveKit(customerSessionsCases, {
  ...customerExcludesFaults,
  ...customerIdsFaults,
  ...customerIncludesFaults,
  ...listByCustomerFaults,
  ...deleteByCustomerFaults,
});

import { customerSessionsCases } from '../../src/testing/index.js';
import { customerResultFaults } from './cases/customer-result.js';
import { deleteByCustomerFaults } from './cases/delete-by-customer.js';
import { listByCustomerFaults } from './cases/list-by-customer.js';
import { proveKit } from './prove-kit.js';

proveKit(customerSessionsCases, {
  ...customerResultFaults,
  ...listByCustomerFaults,
  ...deleteByCustomerFaults,
});

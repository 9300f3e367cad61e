import { sessionStoreCases } from '../../src/testing/index.js';
import { activityFaults } from './cases/activity.js';
import { atomicFaults } from './cases/atomic.js';
import { concurrentUpdatesFaults } from './cases/concurrent-updates.js';
import { copiesFaults } from './cases/copies.js';
import { createFaults } from './cases/create.js';
import { createFreeIdFaults } from './cases/create-free-id.js';
import { createTakenIdFaults } from './cases/create-taken-id.js';
import { deleteFaults } from './cases/delete.js';
import { expiredFaults } from './cases/expired.js';
import { getFaults } from './cases/get.js';
import { notFoundFaults } from './cases/not-found.js';
import { otherSessionsFaults } from './cases/other-sessions.js';
import { peekFaults } from './cases/peek.js';
import { sessionIdsFaults } from './cases/session-ids.js';
import { updateFaults } from './cases/update.js';
import { updateTimesFaults } from './cases/update-times.js';
import { valuesFaults } from './cases/values.js';
import { proveKit } from './prove-kit.js';

proveKit(sessionStoreCases, {
  ...activityFaults,
  ...atomicFaults,
  ...concurrentUpdatesFaults,
  ...copiesFaults,
  ...createFaults,
  ...createFreeIdFaults,
  ...createTakenIdFaults,
  ...deleteFaults,
  ...expiredFaults,
  ...getFaults,
  ...notFoundFaults,
  ...otherSessionsFaults,
  ...peekFaults,
  ...sessionIdsFaults,
  ...updateFaults,
  ...updateTimesFaults,
  ...valuesFaults,
});

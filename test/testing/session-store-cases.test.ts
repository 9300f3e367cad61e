import { sessionStoreCases } from '../../src/testing/index.js';
import { activityFaults } from './faults/activity.js';
import { atomicFaults } from './faults/atomic.js';
import { concurrentUpdatesFaults } from './faults/concurrent-updates.js';
import { copiesFaults } from './faults/copies.js';
import { createFaults } from './faults/create.js';
import { createFreeIdFaults } from './faults/create-free-id.js';
import { createTakenIdFaults } from './faults/create-taken-id.js';
import { deleteFaults } from './faults/delete.js';
import { expiredFaults } from './faults/expired.js';
import { getFaults } from './faults/get.js';
import { notFoundFaults } from './faults/not-found.js';
import { otherSessionsFaults } from './faults/other-sessions.js';
import { peekFaults } from './faults/peek.js';
import { sessionIdsFaults } from './faults/session-ids.js';
import { updateFaults } from './faults/update.js';
import { updateTimesFaults } from './faults/update-times.js';
import { valuesFaults } from './faults/values.js';
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

import { activityCases } from './cases/activity.js';
import { atomicCases } from './cases/atomic.js';
import { concurrentUpdateCases } from './cases/concurrent-updates.js';
import { copyCases } from './cases/copies.js';
import { createCases } from './cases/create.js';
import { freeIdCases } from './cases/create-free-id.js';
import { takenIdCases } from './cases/create-taken-id.js';
import { deleteCases } from './cases/delete.js';
import { expiredCases } from './cases/expired.js';
import { getCases } from './cases/get.js';
import { notFoundCases } from './cases/not-found.js';
import { otherSessionsCases } from './cases/other-sessions.js';
import { peekCases } from './cases/peek.js';
import { sessionIdCases } from './cases/session-ids.js';
import { updateCases } from './cases/update.js';
import { updateTimeCases } from './cases/update-times.js';
import { valueCases } from './cases/values.js';
import { type CreateStore, type KitOptions, listCases, type SessionStoreCase } from './harness/kit-cases.js';

/**
 * The conformance kit: what every `SessionStore` must do, as data for any test runner.
 *
 * ```js
 * for (const { name, run } of sessionStoreCases((timeouts) => createMyStore(client, timeouts))) test(name, run);
 * ```
 *
 * Each case calls `createStore` with the timeouts in ms that it needs, and again with longer ones if it could not keep its schedule.
 * The stores may share one backend, which need not be empty: a case uses IDs of its own. So cases may run one after the other or
 * all at once. Sessions that a case leaves behind expire within a minute.
 *
 * Expiry takes place in real time, so fake timers must be off. The kit measures by the process's monotonic clock; the store's
 * clock may be off by up to 25 minutes, but must not step while a case runs. Times in sessions may be whole seconds; deadlines must
 * be kept in ms, as the timeouts are.
 *
 * Throws a TypeError if `createStore` is not a function or an option is not valid.
 */
export function sessionStoreCases(createStore: CreateStore, options?: KitOptions): SessionStoreCase[] {
  return listCases('sessionStoreCases', promises, createStore, options);
}

const promises = [
  notFoundCases,
  atomicCases,
  expiredCases,
  sessionIdCases,
  valueCases,
  copyCases,
  otherSessionsCases,
  createCases,
  takenIdCases,
  freeIdCases,
  getCases,
  activityCases,
  peekCases,
  updateCases,
  updateTimeCases,
  concurrentUpdateCases,
  deleteCases,
];

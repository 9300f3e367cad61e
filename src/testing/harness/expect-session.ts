import { strict as assert } from 'node:assert';
import { ASSOCIATION_NAMES, type SessionAssociations, type SessionInfo } from '../../session-info.js';
import type { CheckInTime } from './case-time.js';

/*
 * Each promise has cases of its own, and a case fails for its own promise only. So what "not found" looks like, that nothing
 * else is in a result and that `delete` returns a boolean is left to the cases that are about it.
 */

export function isSession(result: unknown): result is SessionInfo {
  return typeof result === 'object' && result !== null;
}

/** The session that `method` returned. Fails if it returned none. */
export function expectSession(method: string, result: unknown): SessionInfo {
  if (!isSession(result)) assert.fail(`store.${method} must return the session here, not ${show(result)}`);
  return result;
}

/** Fails if `method` returned a session. */
export function expectNotFound(method: string, result: unknown): void {
  assert.ok(!isSession(result), `store.${method} must return undefined here, not ${show(result)}`);
}

/** The session that `method` returned. One that is missing is the store's fault only before the timeout's end. */
export function expectAlive(method: string, result: unknown, checkInTime: CheckInTime): SessionInfo {
  if (!isSession(result)) checkInTime();
  return expectSession(method, result);
}

/** The session that `method` returned. Fails unless it has these associations and no other. */
export function expectAssociations(
  method: string,
  result: unknown,
  expected: SessionAssociations,
): SessionInfo {
  const info = expectSession(method, result);
  for (const name of ASSOCIATION_NAMES) {
    const actual = info[name] ?? undefined;
    if (actual === expected[name]) continue;
    const wanted = expected[name] === undefined ? 'without' : `with ${show(expected[name])} as`;
    assert.fail(`store.${method} must return a session ${wanted} ${name} here, not ${show(actual)}`);
  }
  return info;
}

/** The session that `method` returned. Fails if it has an association that a refused call gave. */
export function expectWithout(method: string, result: unknown, refused: SessionAssociations): SessionInfo {
  const info = expectSession(method, result);
  for (const name of ASSOCIATION_NAMES) {
    if (refused[name] === undefined || info[name] !== refused[name]) continue;
    assert.fail(`store.${method} must return a session without the ${name} that was refused before`);
  }
  return info;
}

/** As {@link expectAssociations}, and fails unless the session is `sessionId`, with its two times and nothing else in it. */
export function expectExactly(
  method: string,
  result: unknown,
  sessionId: string,
  expected: SessionAssociations,
): SessionInfo {
  const info = expectAssociations(method, result, expected);
  assert.equal(info.sessionId, sessionId, `store.${method} must return the session with the ID it was given`);
  for (const [name, value] of Object.entries(info)) {
    if (value === undefined || Object.hasOwn(expected, name)) continue;
    if ((ALWAYS as readonly string[]).includes(name)) continue;
    assert.fail(`store.${method} must leave ${name} out of the session here; it returned ${show(value)}`);
  }
  for (const name of ALWAYS) {
    assert.equal(typeof info[name], 'string', `store.${method} must return a session with a string ${name}`);
  }
  return info;
}

type Times = Pick<SessionInfo, 'createdAt' | 'updatedAt'>;

/** The session that `method` returned. Fails unless it has the same times as before. */
export function expectTimes(method: string, result: unknown, before: Times): SessionInfo {
  const info = expectSession(method, result);
  for (const name of ['createdAt', 'updatedAt'] as const) {
    assert.equal(
      info[name],
      before[name],
      `store.${method} must return a session with the same ${name} here`,
    );
  }
  return info;
}

/** Whether a time of a session is later than it was, whatever its format. Fails if it is not a time. */
export function isLater<Name extends keyof Times>(
  name: Name,
  now: Pick<Times, Name>,
  before: Pick<Times, Name>,
): boolean {
  return momentOf(now, name) > momentOf(before, name);
}

/** A time of a session in ms, whatever its format. Fails if it is not a time. */
export function momentOf<Name extends keyof Times>(info: Pick<Times, Name>, name: Name): number {
  const moment = Date.parse(info[name]);
  assert.ok(!Number.isNaN(moment), `${name} must be a time, not ${show(info[name])}`);
  return moment;
}

/** Fails unless a time is in the format of the API. */
export function expectIsoTime(info: SessionInfo, name: keyof Times): void {
  const time = info[name];
  const format = `${name} must be ISO 8601 in UTC with ms, such as 2026-01-31T12:00:00.000Z, not ${show(time)}`;
  assert.ok(typeof time === 'string' && ISO_UTC_MS.test(time), format);
}

/** Fails unless a time is near the local clock. The store's may be off, but a wrong time zone is half an hour or more. */
export function expectPresent(info: SessionInfo, name: keyof Times): void {
  const minutes = Math.round((momentOf(info, name) - Date.now()) / 60_000);
  assert.ok(Math.abs(minutes) < 25, `${name} must be the present time in UTC; it is off by ${minutes} min`);
}

const ALWAYS = ['sessionId', 'createdAt', 'updatedAt'] as const;
const ISO_UTC_MS = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;

export function show(value: unknown): string {
  if (value instanceof Date) return 'a Date';
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return String(value);
  }
}

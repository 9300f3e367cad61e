import { strict as assert } from 'node:assert';
import { ASSOCIATION_NAMES, type SessionAssociations, type SessionInfo } from '../session-info.js';

/*
 * Each promise has cases of its own, and a case fails for its own promise only. So what "not found" looks like, that nothing
 * else is in an answer and that `delete` answers a boolean is left to the cases that are about it.
 */

export function isSession(answer: unknown): answer is SessionInfo {
  return typeof answer === 'object' && answer !== null;
}

/** The session that `method` answered. Fails when it answered none. */
export function found(method: string, answer: unknown): SessionInfo {
  if (!isSession(answer)) assert.fail(`store.${method} must answer the session here, not ${show(answer)}`);
  return answer;
}

/** Fails when `method` answered a session. */
export function notFound(method: string, answer: unknown): void {
  assert.ok(!isSession(answer), `store.${method} must answer undefined here, not ${show(answer)}`);
}

/** The session that `method` answered. Fails unless it has these associations and no other. */
export function foundWith(method: string, answer: unknown, expected: SessionAssociations): SessionInfo {
  const info = found(method, answer);
  for (const name of ASSOCIATION_NAMES) {
    const actual = info[name] ?? undefined;
    if (actual === expected[name]) continue;
    const wanted = expected[name] === undefined ? 'without' : `with ${show(expected[name])} as`;
    assert.fail(`store.${method} must answer a session ${wanted} ${name} here, not ${show(actual)}`);
  }
  return info;
}

/** The session that `method` answered. Fails when one of the associations is there that a call named in vain. */
export function foundWithout(method: string, answer: unknown, refused: SessionAssociations): SessionInfo {
  const info = found(method, answer);
  for (const name of ASSOCIATION_NAMES) {
    if (refused[name] === undefined || info[name] !== refused[name]) continue;
    assert.fail(`store.${method} must answer a session without the ${name} that was refused before`);
  }
  return info;
}

/** As {@link foundWith}, and fails unless the session is `sessionId`, with its two times, and nothing else in it. */
export function foundExactly(
  method: string,
  answer: unknown,
  sessionId: string,
  expected: SessionAssociations,
): SessionInfo {
  const info = foundWith(method, answer, expected);
  assert.equal(info.sessionId, sessionId, `store.${method} must answer the session with the ID it was given`);
  for (const [name, value] of Object.entries(info)) {
    if (value === undefined || Object.hasOwn(expected, name)) continue;
    if ((ALWAYS as readonly string[]).includes(name)) continue;
    assert.fail(`store.${method} must leave ${name} out of the session here; it answered ${show(value)}`);
  }
  for (const name of ALWAYS) {
    assert.equal(typeof info[name], 'string', `store.${method} must answer a session with a string ${name}`);
  }
  return info;
}

/** The moment of a time in an answer, in ms, whatever its format. Fails when it is none. */
export function momentOf<Name extends 'createdAt' | 'updatedAt'>(
  info: Pick<SessionInfo, Name>,
  name: Name,
): number {
  const moment = Date.parse(info[name]);
  assert.ok(!Number.isNaN(moment), `${name} must be a time, not ${show(info[name])}`);
  return moment;
}

/** Fails unless a time is in the format of the API. */
export function assertTime(info: SessionInfo, name: 'createdAt' | 'updatedAt'): void {
  const time = info[name];
  const format = `${name} must be ISO 8601 in UTC with ms, such as 2026-01-31T12:00:00.000Z, not ${show(time)}`;
  assert.ok(typeof time === 'string' && ISO_UTC_MS.test(time), format);
}

/** Fails unless a time is near the local clock. The store's may be off, but a wrong time zone is half an hour or more. */
export function assertNow(info: SessionInfo, name: 'createdAt' | 'updatedAt'): void {
  const minutes = Math.round((momentOf(info, name) - Date.now()) / 60_000);
  assert.ok(Math.abs(minutes) < 25, `${name} must be the present moment in UTC; it is off by ${minutes} min`);
}

const ALWAYS = ['sessionId', 'createdAt', 'updatedAt'] as const;
const ISO_UTC_MS = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;

function show(value: unknown): string {
  if (value instanceof Date) return 'a Date';
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return String(value);
  }
}

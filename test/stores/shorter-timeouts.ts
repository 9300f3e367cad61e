import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type { SessionStore } from '../../src/session-store.js';
import type { SessionTimeouts } from '../../src/stores/shared/session-timeouts.js';

/**
 * Sessions made under long timeouts, by a store that is then opened with shorter ones, as by a new version of a host: the absolute
 * one holds at once, the idle one from the next use on.
 */
export async function expectShorterTimeoutsToHold(
  open: (timeouts: SessionTimeouts) => SessionStore,
): Promise<void> {
  const hours = { idleTimeout: 3_600_000, absoluteTimeout: 7_200_000 };
  const long = open(hours);
  const made = async () => {
    const id = randomUUID();
    await long.create(id, { agentId: 'a' });
    return id;
  };
  const [read, updated, deleted, replaced, idle] = [
    await made(),
    await made(),
    await made(),
    await made(),
    await made(),
  ];
  await sleep(30);
  const old = open({ idleTimeout: 1_800_000, absoluteTimeout: 20 });
  expect(await old.get(read)).toBeUndefined();
  expect(await old.update(updated, { visitId: 'v' })).toBeUndefined();
  expect(await old.delete(deleted)).toBe(false);
  const again = await old.create(replaced, { visitId: 'v' });
  expect(again).toMatchObject({ sessionId: replaced, visitId: 'v' });
  expect(again).not.toHaveProperty('agentId');

  const short = open({ ...hours, idleTimeout: 300 });
  expect(await short.get(idle)).toMatchObject({ agentId: 'a' });
  await sleep(350);
  expect(await short.get(idle)).toBeUndefined();
}

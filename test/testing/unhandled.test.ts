import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

/** Every case of both kits, all at once, for each method on a store of which that method fails. */
const PROGRAM = `
  import { setTimeout as sleep } from 'node:timers/promises';
  import { createMemoryStore } from './src/stores/memory.ts';
  import { customerSessionsCases, sessionStoreCases } from './src/testing/index.ts';

  const unhandled = [];
  process.on('unhandledRejection', (error) => unhandled.push(error?.message ?? 'no error'));
  const fail = [
    () => new Promise(() => {}),
    () => sleep(2300).then(() => Promise.reject(new Error('late'))),
    () => sleep(5).then(() => Promise.reject(Object.create(null))),
  ];
  const failed = {};
  for (const method of ['create', 'get', 'peek', 'update', 'delete', 'listByCustomer', 'deleteByCustomer']) {
    let calls = 0;
    const createStore = (timeouts) => ({ ...createMemoryStore(timeouts), [method]: () => fail[calls++ % 3]() });
    const cases = [...sessionStoreCases(createStore), ...customerSessionsCases(createStore)];
    const outcomes = await Promise.allSettled(cases.map(({ run }) => run()));
    failed[method] = outcomes.filter(({ status }) => status === 'rejected').length;
  }
  await sleep(2500);
  console.log(JSON.stringify({ failed, unhandled }));
`;

it('no case leaves an unhandled rejection behind if a method never settles or rejects', {
  timeout: 180_000,
}, async () => {
  const args = ['--import', 'tsx', '--input-type=module', '--eval', PROGRAM];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 170_000 });
  const { failed, unhandled } = JSON.parse(stdout);
  expect(Math.min(...Object.values<number>(failed))).toBeGreaterThan(10);
  expect(unhandled).toEqual([]);
});
